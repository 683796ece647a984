"""The application's role may add entries and rules, and read them, and nothing else."""

from django.db import migrations

FORBID = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'linli_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON ledger_entry, ledger_ruleset, ledger_rule FROM linli_app;
        REVOKE DELETE, TRUNCATE ON ledger_account, ledger_claim, ledger_objection, ledger_redemption FROM linli_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """Append-only entries and rules; accounts and what is decided about them stay."""

    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, migrations.RunSQL.noop)]
