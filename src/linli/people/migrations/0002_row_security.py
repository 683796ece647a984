"""Contacts are read only inside a transaction that says who reads, how far they reach and what for."""

from django.db import migrations

from linli.kernel.trust.context import row_security

UNDO = """
DROP POLICY people_contact_write ON people_contact;
DROP POLICY people_contact_read ON people_contact;
DROP POLICY people_contact_change ON people_contact;
DROP POLICY people_contact_remove ON people_contact;
ALTER TABLE people_contact DISABLE ROW LEVEL SECURITY;
"""


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [migrations.RunSQL(row_security("people_contact", own="account_id"), UNDO)]
