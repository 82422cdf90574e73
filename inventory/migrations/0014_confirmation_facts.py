"""What each campaign confirmed, in time."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import portal.fields

KEPT = """
CREATE TRIGGER fact_kept BEFORE UPDATE OR DELETE ON inventory_confirmationfact
    FOR EACH ROW EXECUTE FUNCTION inventory_guard_fact();
"""

# Until now an approval counted for every entry of its dossier: the same moments, entry by entry.
SO_FAR = """
INSERT INTO inventory_confirmationfact
    (entry_id, campaign_id, patent_id, is_confirmed, is_transformed, stars,
     valid_from, valid_to, recorded_at, superseded_at)
SELECT e.id, e.campaign_id, e.patent_id, true, d.is_transformed, d.stars,
       d.valid_from, d.valid_to, d.recorded_at, d.superseded_at
FROM inventory_dossierfact d JOIN inventory_baselistentry e ON e.dossier_id = d.dossier_id
WHERE d.is_covered
ORDER BY d.id, e.id;
"""


class Migration(migrations.Migration):
    dependencies = [("inventory", "0013_plans_and_milestones")]

    operations = [
        migrations.CreateModel(
            name='ConfirmationFact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid_from', models.DateField(verbose_name='valid from')),
                ('valid_to', models.DateField(null=True, verbose_name='valid until')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='recorded')),
                ('superseded_at', models.DateTimeField(null=True, verbose_name='superseded')),
                ('is_confirmed', models.BooleanField()),
                ('is_transformed', models.BooleanField()),
                ('stars', models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                'verbose_name': 'fact about a confirmation',
                'verbose_name_plural': 'facts about confirmations',
            },
        ),
        migrations.AddField(
            model_name='confirmationfact',
            name='campaign',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.campaign'),
        ),
        migrations.AddField(
            model_name='confirmationfact',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='confirmations', to='inventory.baselistentry'),
        ),
        migrations.AddField(
            model_name='confirmationfact',
            name='patent',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.patent'),
        ),
        migrations.AddIndex(
            model_name='confirmationfact',
            index=models.Index(fields=['campaign', 'patent'], include=('is_confirmed', 'is_transformed', 'stars', 'valid_from', 'valid_to', 'recorded_at', 'superseded_at'), name='confirmation_fact_campaign'),
        ),
        migrations.AddConstraint(
            model_name='confirmationfact',
            constraint=models.UniqueConstraint(condition=models.Q(('superseded_at__isnull', True), ('valid_to__isnull', True)), fields=('entry',), name='confirmation_fact_one_open'),
        ),
        migrations.RunSQL(KEPT, migrations.RunSQL.noop),
        migrations.RunSQL(SO_FAR, migrations.RunSQL.noop),
    ]
