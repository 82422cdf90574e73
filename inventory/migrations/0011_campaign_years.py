"""Kinds of campaign, the own due day of entries, the responsible unit and its contacts, confirming unchanged."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import portal.fields


class Migration(migrations.Migration):
    dependencies = [("inventory", "0010_urges"), ("portal", "0002_database_guards")]

    operations = [
        migrations.AddField(
            model_name='baselistentry',
            name='due_on',
            field=models.DateField(null=True, verbose_name='due on'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='days_to_file',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(730)], verbose_name='days to file after the grant'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='follows',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followers', to='inventory.campaign', verbose_name='follows'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='granted_after',
            field=models.DateField(blank=True, null=True, verbose_name='granted after'),
        ),
        migrations.AddField(
            model_name='campaign',
            name='kind',
            field=models.CharField(choices=[('fixed', 'Once, for grants up to a day'), ('rolling', 'Rolling, for each later grant')], db_default='fixed', default='fixed', max_length=8, verbose_name='kind of campaign'),
        ),
        migrations.AddField(
            model_name='campaigninstitution',
            name='first_contact_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=80, verbose_name='first contact'),
        ),
        migrations.AddField(
            model_name='campaigninstitution',
            name='first_contact_phone',
            field=portal.fields.EncryptedTextField(blank=True, db_default='', default='', verbose_name='phone or mail of the first contact'),
        ),
        migrations.AddField(
            model_name='campaigninstitution',
            name='responsible_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='responsible office, where it is no unit'),
        ),
        migrations.AddField(
            model_name='campaigninstitution',
            name='responsible_unit',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.unit', verbose_name='responsible unit'),
        ),
        migrations.AddField(
            model_name='campaigninstitution',
            name='second_contact_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=80, verbose_name='second contact'),
        ),
        migrations.AddField(
            model_name='campaigninstitution',
            name='second_contact_phone',
            field=portal.fields.EncryptedTextField(blank=True, db_default='', default='', verbose_name='phone or mail of the second contact'),
        ),
        migrations.AddField(
            model_name='dossier',
            name='is_confirming',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='confirmed unchanged, under review'),
        ),
        migrations.AddField(
            model_name='dossierrevision',
            name='contact_phone',
            field=portal.fields.EncryptedTextField(blank=True, db_default='', default='', verbose_name='phone or mail of the contact'),
        ),
        migrations.AlterField(
            model_name='dossierstep',
            name='act',
            field=models.CharField(choices=[('start', 'Started'), ('submit', 'Submitted'), ('approve', 'Approved'), ('return', 'Returned'), ('revise', 'Reopened for revision'), ('confirm', 'Confirmed unchanged'), ('withdraw', 'Revision withdrawn')], max_length=8, verbose_name='act'),
        ),
        # in force at once for what is listed already: the day of its campaign
        migrations.RunSQL(
            """
            UPDATE inventory_baselistentry e SET due_on = c.due_on
            FROM inventory_campaign c WHERE c.id = e.campaign_id
            """,
            migrations.RunSQL.noop,
        ),
    ]
