"""The application's role may add and read audit rows, and nothing else."""

from django.db import migrations

FORBID = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'linli_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON kernel_auditentry FROM linli_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """Append-only audit."""

    dependencies = [("kernel", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, migrations.RunSQL.noop)]
