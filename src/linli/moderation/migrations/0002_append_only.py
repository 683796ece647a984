"""Decisions are added to and never changed."""

from django.db import migrations

FORBID = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'linli_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON moderation_decision FROM linli_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """Append-only decisions."""

    dependencies = [("moderation", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, migrations.RunSQL.noop)]
