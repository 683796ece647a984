"""Steps are added to and never changed; what people say, and what is held about them, is under row-level security."""

from django.db import migrations

from linli.kernel.trust.context import row_security

FORBID = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'linli_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON services_step FROM linli_app;
    END IF;
END $$;
"""


def undo(table: str) -> str:
    """The SQL that takes row-level security off a table."""
    dropped = "".join(f"DROP POLICY {table}_{name} ON {table};" for name in ("write", "read", "change", "remove"))
    return f"{dropped} ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"


class Migration(migrations.Migration):
    """Append-only steps, sealed words and facts."""

    dependencies = [("services", "0001_initial")]

    operations = [
        migrations.RunSQL(row_security("services_said", own="owner_id"), undo("services_said")),
        migrations.RunSQL(row_security("services_fact", own="account_id"), undo("services_fact")),
        migrations.RunSQL(FORBID, migrations.RunSQL.noop),
    ]
