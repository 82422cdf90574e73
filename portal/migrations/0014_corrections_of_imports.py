"""What people write over cells of uploaded files, and the import that takes up the rows another one refused."""

import django.db.models.deletion
from django.db import migrations, models

import portal.fields


class Migration(migrations.Migration):
    dependencies = [("portal", "0013_mails_name_their_invitation")]

    operations = [
        migrations.CreateModel(
            name="ImportCorrection",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField(verbose_name="row")),
                ("column_index", models.PositiveSmallIntegerField(verbose_name="column")),
                (
                    "value",
                    portal.fields.EncryptedTextField(blank=True, default="", verbose_name="value"),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="portal.importbatch",
                    ),
                ),
            ],
            options={
                "verbose_name": "correction of an import",
                "verbose_name_plural": "corrections of an import",
                "ordering": ("batch", "line", "column_index"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("batch", "line", "column_index"), name="import_correction_unique"
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="importbatch",
            name="continues",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="continued_by",
                to="portal.importbatch",
                verbose_name="corrects the rows of",
            ),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["discarded", "unreadable"]), _negated=True),
                fields=("continues",),
                name="import_continued_once",
            ),
        ),
    ]
