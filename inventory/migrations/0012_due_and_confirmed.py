"""What the database holds about due days and confirmations."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import portal.fields


class Migration(migrations.Migration):
    dependencies = [("inventory", "0011_campaign_years")]

    operations = [
        migrations.AddIndex(
            model_name='baselistentry',
            index=models.Index(condition=models.Q(('confirmed_on__isnull', True), ('is_included', True)), fields=['institution', 'due_on'], name='base_entry_due'),
        ),
        migrations.AddConstraint(
            model_name='baselistentry',
            constraint=models.CheckConstraint(condition=models.Q(('due_on__isnull', False)), name='base_entry_has_due_day'),
        ),
        migrations.AddConstraint(
            model_name='baselistentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_on__isnull', True), ('confirmed_version__isnull', True)), models.Q(('confirmed_on__isnull', False), ('confirmed_version__isnull', False)), _connector='OR'), name='base_entry_confirmed_with_version'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('days_to_file__isnull', True), ('granted_after__isnull', True), ('kind', 'fixed')), models.Q(('days_to_file__gte', 1), ('granted_after__isnull', False), ('granted_after__lt', models.F('cutoff_on')), ('kind', 'rolling')), _connector='OR'), name='campaign_rolling_complete', violation_error_message='A rolling campaign needs the day after which grants count, before its last day, and days to file.'),
        ),
        migrations.AddConstraint(
            model_name='dossier',
            constraint=models.CheckConstraint(condition=models.Q(('is_confirming', False), ('state__in', ['unit_review', 'institution_review']), _connector='OR'), name='dossier_confirming_is_under_review'),
        ),
    ]
