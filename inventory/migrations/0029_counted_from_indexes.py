"""Who is late, how far a list is and what the register proposes is read from indexes: rows are wide and lie apart."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0028_ranked_entries_name_their_dossier")]

    operations = [
        migrations.RemoveIndex(model_name="baselistentry", name="base_entry_institution"),
        migrations.AddIndex(
            model_name="baselistentry",
            index=models.Index(
                fields=["institution", "campaign", "id"],
                include=("is_included", "confirmed_on", "due_on", "dossier"),
                name="base_entry_counted",
            ),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                fields=["id"],
                include=("unit", "responsible", "state"),
                name="dossier_standing",
            ),
        ),
        migrations.AddIndex(
            model_name="patent",
            index=models.Index(
                condition=models.Q(("simple_status", "ended")),
                fields=["id"],
                name="patent_ended",
            ),
        ),
        migrations.AddIndex(
            model_name="legalevent",
            index=models.Index(
                condition=models.Q(("kind", "transfer")),
                fields=["patent"],
                name="legal_event_transfer",
            ),
        ),
    ]
