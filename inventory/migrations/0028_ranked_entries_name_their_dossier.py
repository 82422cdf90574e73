"""The index of an institution's work list names the dossier too: a filter on dossiers reads no entry for it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0027_indexes_of_copies")]

    operations = [
        migrations.RemoveIndex(model_name="baselistentry", name="base_entry_ranked"),
        migrations.AddIndex(
            model_name="baselistentry",
            index=models.Index(
                fields=["institution", "priority", "patent", "id"],
                include=("dossier",),
                name="base_entry_ranked",
            ),
        ),
    ]
