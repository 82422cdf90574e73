"""Work plans and milestones."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import portal.fields


class Migration(migrations.Migration):
    dependencies = [("inventory", "0012_due_and_confirmed")]

    operations = [
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('due_on', models.DateField(verbose_name='day')),
                ('goal', models.CharField(choices=[('assigned', 'Somebody is responsible'), ('filed', 'Submitted for review'), ('unit_reviewed', 'Approved by the unit'), ('complete', 'Stock-taking complete')], max_length=16, verbose_name='what must be reached')),
                ('share', models.PositiveSmallIntegerField(default=100, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='share (%)')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='version')),
            ],
            options={
                'verbose_name': 'milestone',
                'verbose_name_plural': 'milestones',
                'ordering': ('due_on', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='PlanFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveSmallIntegerField(verbose_name='number')),
                ('note', models.CharField(blank=True, default='', max_length=200, verbose_name='note')),
                ('uploaded_at', models.DateTimeField(auto_now_add=True, verbose_name='uploaded')),
            ],
            options={
                'verbose_name': 'work plan',
                'verbose_name_plural': 'work plans',
                'ordering': ('-number',),
            },
        ),
        migrations.AddField(
            model_name='milestone',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='inventory.campaign', verbose_name='campaign'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='participation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='inventory.campaigninstitution', verbose_name='participation'),
        ),
        migrations.AddField(
            model_name='milestone',
            name='replaces',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='replacements', to='inventory.milestone', verbose_name='earlier day for'),
        ),
        migrations.AddField(
            model_name='planfile',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.storedfile', verbose_name='file'),
        ),
        migrations.AddField(
            model_name='planfile',
            name='participation',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='inventory.campaigninstitution', verbose_name='participation'),
        ),
        migrations.AddField(
            model_name='planfile',
            name='uploaded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portal.membership', verbose_name='uploaded by'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('share__range', (1, 100))), name='milestone_share_in_percent'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('replaces__isnull', True), ('participation__isnull', False), _connector='OR'), name='milestone_only_institutions_replace'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(fields=('participation', 'replaces'), name='milestone_replaced_once'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.UniqueConstraint(fields=('campaign', 'participation', 'goal', 'due_on'), name='milestone_unique', nulls_distinct=False, violation_error_message='There is a milestone for this on that day already.'),
        ),
        migrations.AddConstraint(
            model_name='planfile',
            constraint=models.UniqueConstraint(fields=('participation', 'number'), name='plan_number_unique'),
        ),
    ]
