"""What a reporter left: anybody may leave it, nobody reads it without a reason, and the person can see who did."""

import pytest
from django.db import connection, transaction

from linli.kernel.errors import Invalid, NotFound
from linli.kernel.models import AuditEntry
from linli.kernel.trust import context
from linli.people import actions, queries
from linli.people.models import Contact
from tests.people import factories


class Matter:
    """A stand-in for a case."""

    def __init__(self, area_path, accounts=(), organisations=()):
        self.area_path, self._accounts, self._organisations = area_path, accounts, organisations

    def policy_accounts(self):
        return self._accounts

    def policy_organisations(self):
        return self._organisations


def leave(town, path=factories.MICRO_GRID):
    """周阿姨 leaves her name and number."""
    return actions.store_contact(
        district=path[:6],
        area_path=path,
        account_id=town.people["zhou"].id,
        name="周秀英",
        phone="13800001234",
        address="玉林街12号3栋",
    )


def count_rows():
    """Rows that a plain query of the application sees."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people_contact")
        return cursor.fetchone()[0]


def test_the_application_owns_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone()[0] == 0


def test_without_context_nobody_sees_or_changes_a_row(town):
    leave(town)
    assert count_rows() == 0
    assert Contact.objects.all().update(area_path="x") == 0
    assert Contact.objects.all().delete()[0] == 0
    with context.personal(town.actor("xiaoxu"), purpose="look"):
        assert count_rows() == 1
    assert count_rows() == 0


def test_a_purpose_without_reach_and_a_reach_without_purpose_see_nothing(town):
    leave(town)
    with context.personal(town.actor("xiaoxu")):
        assert count_rows() == 0
    with context.personal(town.actor("xiaoxu"), purpose="look", reach=""):
        assert count_rows() == 0
    with context.personal(town.actor("xiaoxu"), purpose="look", reach=factories.SIBLING):
        assert count_rows() == 0


def test_the_person_sees_their_own_row(town):
    leave(town)
    with context.personal(town.actor("zhou")):
        assert count_rows() == 1


@pytest.mark.django_db(transaction=True)
def test_the_context_does_not_outlive_its_transaction_on_a_reused_connection(clock):
    town = factories.make_town()
    try:
        leave(town)
        backend = connection.connection.info.backend_pid
        with context.personal(town.actor("xiaoxu"), purpose="look"):
            assert count_rows() == 1
        with pytest.raises(RuntimeError), context.personal(town.actor("xiaoxu"), purpose="look"):
            raise RuntimeError
        with transaction.atomic():
            context.declare(town.actor("xiaoxu"), purpose="look")
            assert count_rows() == 1
        assert connection.connection.info.backend_pid == backend
        assert count_rows() == 0
    finally:
        with context.personal(town.actor("zhou")):
            Contact.objects.all().delete()


def test_nothing_is_kept_in_clear(town):
    leave(town)
    with context.personal(town.actor("zhou")):
        row = Contact.objects.get()
    for sealed, clear in ((row.name_enc, "周秀英"), (row.phone_enc, "13800001234"), (row.address_enc, "玉林街12号3栋")):
        assert clear.encode() not in bytes(sealed)


def test_colleagues_see_it_masked(town):
    contact = leave(town)
    masked = queries.masked_contact(town.actor("xiaoxu"), contact, district=factories.WUHOU)
    assert (masked.name, masked.phone) == ("周**", "138****1234")
    assert queries.masked_contact(town.actor("xiaoxu"), contact, district="510104") is None


def test_reading_in_clear_needs_a_purpose_and_the_person_can_read_who_did(town):
    contact, matter = leave(town), Matter(factories.MICRO_GRID)
    xiaoxu = town.actor("xiaoxu")
    with pytest.raises(Invalid) as refused:
        actions.read_contact(xiaoxu, contact, district=factories.WUHOU, purpose=" ", matter=matter)
    assert refused.value.field == "purpose"
    plain = actions.read_contact(xiaoxu, contact, district=factories.WUHOU, purpose="ring back", matter=matter)
    assert (plain.name, plain.phone, plain.address) == ("周秀英", "13800001234", "玉林街12号3栋")
    (look,) = queries.looks_at_me(town.actor("zhou"))
    assert (look.name, look.purpose, look.fields) == ("小徐", "ring back", ("name", "phone", "address"))
    assert queries.looks_at_me(town.actor("heming")) == []
    entry = AuditEntry.objects.get(verb="contact.read")
    assert entry.post_id == xiaoxu.post_id
    assert "13800001234" not in str(entry.__dict__)


def test_a_post_elsewhere_learns_nothing_and_leaves_no_audit_row(town):
    contact = leave(town, path=factories.OTHER_SUBDISTRICT)
    with pytest.raises(NotFound):
        actions.read_contact(
            town.actor("xiaoxu"),
            contact,
            district=factories.WUHOU,
            purpose="curious",
            matter=Matter(factories.OTHER_SUBDISTRICT),
        )
    assert not AuditEntry.objects.filter(verb="contact.read").exists()


def test_a_department_reads_the_contact_of_its_own_matter(town):
    contact, yangke = leave(town), town.actor("yangke")
    theirs = Matter(factories.MICRO_GRID, organisations=[yangke.organisation_id])
    plain = actions.read_contact(yangke, contact, district=factories.WUHOU, purpose="ask where", matter=theirs)
    assert plain.phone == "13800001234"
    with pytest.raises(NotFound):
        actions.read_contact(
            yangke, contact, district=factories.WUHOU, purpose="ask", matter=Matter(factories.MICRO_GRID)
        )


def test_a_callers_history_is_found_by_number_and_only_within_reach(town):
    contact = leave(town)
    assert queries.contacts_with_phone(town.actor("xiaotian"), "+86 138-0000-1234", district=factories.WUHOU) == [
        contact
    ]
    elsewhere = town.actor("xiaoxu").__class__(
        role=town.actor("xiaoxu").role, account_id=town.people["xiaoxu"].id, area_path=factories.OTHER_SUBDISTRICT
    )
    assert queries.contacts_with_phone(elsewhere, "13800001234", district=factories.WUHOU) == []


def test_a_number_that_is_none_is_refused(town):
    with pytest.raises(Invalid):
        actions.store_contact(district="510107", area_path=factories.MICRO_GRID, phone="call me")
