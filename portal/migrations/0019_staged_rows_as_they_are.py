"""Staged rows are written by the hundred thousand: no index twice, no packing of what is deleted soon."""

import django.db.models.deletion
from django.db import migrations, models

# a row with its plan has some 3 kB; the server would pack it, which takes longer than writing it
TARGET = "ALTER TABLE portal_importrow SET (toast_tuple_target = 8160)"
BACK = "ALTER TABLE portal_importrow RESET (toast_tuple_target)"


class Migration(migrations.Migration):
    dependencies = [("portal", "0018_layouts_of_imports")]

    operations = [
        migrations.AlterField(
            model_name="importrow",
            name="batch",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="rows", to="portal.importbatch"
            ),
        ),
        migrations.RunSQL(TARGET, BACK),
    ]
