# Public numbers of posts and organisations; when a display was chosen; when an account is to be erased.

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_row_security"),
    ]

    operations = [
        migrations.AddField(
            model_name="account",
            name="display_kept_at",
            field=models.DateTimeField(
                blank=True, help_text="when the three above were chosen; never: a device keeps its own", null=True
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="erase_at",
            field=models.DateTimeField(
                blank=True, help_text="asked for: the worker erases what is personal then", null=True
            ),
        ),
        migrations.AddField(
            model_name="account",
            name="erased_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="organisation",
            name="public_phone",
            field=models.CharField(
                blank=True, help_text="public: residents ring it; empty: not published", max_length=24
            ),
        ),
        migrations.AddField(
            model_name="post",
            name="public_phone",
            field=models.CharField(
                blank=True, help_text="public: the work number that residents ring; empty: not published", max_length=24
            ),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                condition=models.Q(("erase_at__isnull", False)), fields=["erase_at"], name="people_account_erase"
            ),
        ),
    ]
