"""The application's role may add records and rules, and read them, and nothing else."""

from django.db import migrations

FORBID = """
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'linli_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON compounds_committee, compounds_contract, compounds_fundentry, compounds_renovation,
            compounds_dues, compounds_vote, compounds_check, compounds_ruleset FROM linli_app;
        REVOKE DELETE, TRUNCATE ON compounds_rulechange, compounds_photo FROM linli_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    """Append-only records and rules; what was proposed and photographed stays."""

    dependencies = [("compounds", "0001_initial")]

    operations = [migrations.RunSQL(FORBID, migrations.RunSQL.noop)]
