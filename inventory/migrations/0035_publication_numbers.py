"""The patent of a publication number is found by an index; before its grant or with none a patent has no entry there."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0034_workbooks")]

    operations = [
        migrations.AddIndex(
            model_name="patent",
            index=models.Index(
                condition=models.Q(("publication_number__gt", "")),
                fields=["publication_number"],
                name="patent_publication",
            ),
        ),
    ]
