"""A file may come in pieces: one more state, no other column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("households", "0004_status_by_dwelling")]

    operations = [
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[
                    ("receiving", "being sent"), ("waiting", "waiting"), ("running", "under way"), ("done", "done"),
                    ("stopped", "stopped"),
                ],
                default="waiting", max_length=10,
            ),
        )
    ]  # fmt: skip
