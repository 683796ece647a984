"""The log is added to and never changed; statements are under row-level security; serials are drawn in blocks."""

from django.db import migrations

from linli.kernel.trust.context import row_security

FORBID = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'linli_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON cases_logentry FROM linli_app;
        GRANT USAGE ON SEQUENCE cases_serial TO linli_app;
    END IF;
END $$;
"""
UNPROTECT = """
DROP POLICY cases_statement_write ON cases_statement;
DROP POLICY cases_statement_read ON cases_statement;
DROP POLICY cases_statement_change ON cases_statement;
DROP POLICY cases_statement_remove ON cases_statement;
ALTER TABLE cases_statement DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    """Append-only log, sealed statements."""

    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE cases_serial INCREMENT BY 64 MINVALUE 1 MAXVALUE 99999936 CYCLE",
            "DROP SEQUENCE cases_serial",
        ),
        migrations.RunSQL(row_security("cases_statement", own="account_id"), UNPROTECT),
        migrations.RunSQL(FORBID, migrations.RunSQL.noop),
    ]
