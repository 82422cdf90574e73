"""How a staged row will be written is kept with it from the preview on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0015_imports_taken_back")]

    operations = [
        migrations.AddField(
            model_name="importrow",
            name="plan",
            field=models.JSONField(default=None, editable=False, null=True),
        ),
        # written once, read once, gone soon: to pack it would take longer than to write it
        migrations.RunSQL(
            "ALTER TABLE portal_importrow ALTER COLUMN plan SET STORAGE EXTERNAL",
            "ALTER TABLE portal_importrow ALTER COLUMN plan SET STORAGE EXTENDED",
        ),
    ]
