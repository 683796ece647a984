"""People, residencies, proposals and refused rows are read only by those who say how far they reach and what for."""

from django.db import migrations

from linli.kernel.trust.context import ENABLE, row_security

BY_PLACE = ("households_residency", "households_proposal", "households_importproblem")
# The subquery stands under the residencies' own policy: a person is reached through a residency in reach.
THROUGH_RESIDENCY = """
    current_setting('linli.role', true) = 'system'
    OR EXISTS (SELECT 1 FROM households_residency r
                WHERE r.district = households_person.district AND r.person_id = households_person.id)
"""
UNDO = """
DROP POLICY {table}_write ON {table};
DROP POLICY {table}_read ON {table};
DROP POLICY {table}_change ON {table};
DROP POLICY {table}_remove ON {table};
ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("households", "0001_initial")]

    operations = [
        *(migrations.RunSQL(row_security(table, own="NULL"), UNDO.format(table=table)) for table in BY_PLACE),
        migrations.RunSQL(
            ENABLE.format(table="households_person", condition=THROUGH_RESIDENCY), UNDO.format(table="households_person")
        ),
    ]
