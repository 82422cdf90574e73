"""What reviewers see first: findings per dossier, the digest by which equal texts are found, counts of stars."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import inventory.models.dossiers

# Independent of the database's locale: NFKC makes full width half width, translate drops what is left of punctuation.
DIGEST = r"""
CREATE FUNCTION inventory_text_digest(words text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT md5(translate(lower(normalize(words, NFKC)),
        E' \t\n\r.,;:!?()[]{}<>"''-_/、。“”‘’《》【】〈〉「」…·—～~', ''))
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("inventory", "0003_list_indexes"),
        ("portal", "0002_database_guards"),
    ]

    operations = [
        migrations.RunSQL(DIGEST, "DROP FUNCTION inventory_text_digest(text)"),
        migrations.AddField(
            model_name="dossier",
            name="finding_weight",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name='DossierFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('fewer_stars', 'Fewer stars than last approved'), ('same_text', 'Text identical to another dossier'), ('no_amount', 'Amount missing'), ('unsuitable', 'Unsuitable for transfer (R1)'), ('changed', 'Differs from the last approved answers')], max_length=12, verbose_name='finding')),
                ('fields', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None, verbose_name='fields')),
                ('weight', models.PositiveSmallIntegerField(verbose_name='weight')),
            ],
            options={
                'verbose_name': 'finding',
                'verbose_name_plural': 'findings',
                'ordering': ('dossier', '-weight'),
            },
        ),
        migrations.CreateModel(
            name='StarCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stars', models.PositiveSmallIntegerField(choices=[(1, 'One star'), (2, 'Two stars'), (3, 'Three stars'), (4, 'Four stars'), (5, 'Five stars')], verbose_name='own rating')),
                ('count', models.PositiveIntegerField(verbose_name='count')),
                ('counted_at', models.DateTimeField(verbose_name='counted')),
            ],
            options={
                'verbose_name': 'count of stars',
                'verbose_name_plural': 'counts of stars',
            },
        ),
        migrations.AddIndex(
            model_name='dossier',
            index=models.Index(inventory.models.dossiers.TextDigest('advantages'), condition=models.Q(('advantages', ''), _negated=True), name='dossier_advantages'),
        ),
        migrations.AddIndex(
            model_name='dossier',
            index=models.Index(inventory.models.dossiers.TextDigest('prospects'), condition=models.Q(('prospects', ''), _negated=True), name='dossier_prospects'),
        ),
        migrations.AddField(
            model_name='dossierfinding',
            name='dossier',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='findings', to='inventory.dossier', verbose_name='dossier'),
        ),
        migrations.AddField(
            model_name='starcount',
            name='institution',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.organisation'),
        ),
        migrations.AddField(
            model_name='starcount',
            name='unit',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portal.unit'),
        ),
        migrations.AddConstraint(
            model_name='dossierfinding',
            constraint=models.UniqueConstraint(fields=('dossier', 'kind'), name='finding_once'),
        ),
        migrations.AddConstraint(
            model_name='dossierfinding',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['fewer_stars', 'same_text', 'no_amount', 'unsuitable', 'changed'])), name='finding_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='starcount',
            constraint=models.UniqueConstraint(fields=('institution', 'unit', 'stars'), name='star_count_unique', nulls_distinct=False),
        ),
    ]
