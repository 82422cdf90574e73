"""A mail names the invitation whose link it brings: who takes that back drops this mail and no other."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0012_people_who_left")]

    operations = [
        migrations.AddField(
            model_name="outboxmessage",
            name="invitation",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="portal.invitation",
                verbose_name="invitation",
            ),
        ),
    ]
