"""Words of reporters without an account belong to them as participants, so that whoever shows the code can read them again."""

from django.db import migrations

GIVE = """
UPDATE cases_statement s SET account_id = p.id FROM cases_participant p
WHERE s.account_id IS NULL AND p.district = s.district AND p.case_id = s.case_id AND p.account_id IS NULL AND p.joined_at = s.at
"""


class Migration(migrations.Migration):
    """Statements of those who came by code."""

    dependencies = [("cases", "0003_open_views")]

    operations = [migrations.RunSQL(GIVE, migrations.RunSQL.noop)]
