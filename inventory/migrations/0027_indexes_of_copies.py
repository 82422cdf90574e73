"""Indexes over what migration 0026 copies: on their own, as a table with waiting trigger events takes none."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0026_copies_for_lists")]

    operations = [
        migrations.RemoveIndex(model_name='baselistentry', name='base_entry_due'),
        migrations.AddIndex(
            model_name='baselistentry',
            index=models.Index(condition=models.Q(('confirmed_on__isnull', True), ('is_included', True)), fields=['institution', 'due_on', 'campaign'], include=('dossier',), name='base_entry_due'),
        ),
        migrations.AddIndex(
            model_name='baselistentry',
            index=models.Index(fields=['institution', 'priority', 'patent', 'id'], name='base_entry_ranked'),
        ),
        migrations.AddIndex(
            model_name='baselistentry',
            index=models.Index(fields=['priority', 'patent', 'id'], name='base_entry_city_ranked'),
        ),
        migrations.AddIndex(
            model_name='baselistentry',
            index=models.Index(condition=models.Q(('is_included', False)), fields=['priority', 'patent', 'id'], name='base_entry_excluded'),
        ),
        migrations.AddIndex(
            model_name='baselistentry',
            index=models.Index(condition=models.Q(('confirmed_on__isnull', True), ('is_complete', True), ('is_included', True)), fields=['institution', 'campaign', 'due_on'], name='base_entry_to_confirm'),
        ),
        migrations.AddIndex(
            model_name='poolentry',
            index=django.contrib.postgres.indexes.GinIndex(fields=['institutions'], name='pool_institutions'),
        ),
    ]
