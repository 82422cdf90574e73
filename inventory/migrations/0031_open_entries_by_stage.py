"""How far a campaign is, is counted from its open entries alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0030_stage_and_listed")]

    operations = [
        migrations.AddIndex(
            model_name="baselistentry",
            index=models.Index(
                condition=models.Q(("confirmed_on__isnull", True), ("is_included", True)),
                fields=["campaign", "institution", "due_on"],
                include=("stage",),
                name="base_entry_stages",
            ),
        ),
    ]
