"""Versions of a service: prepare the next one or an end, look at what would change, publish or withdraw it.

A version holds from a moment on; applications keep the version that they were made for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.catalog import queries as catalogue
from linli.catalog.actions import NOBODY, Difference, when_and_why
from linli.catalog.models import ChangeState
from linli.kernel import events, ids, proposals, time
from linli.kernel.db import NOWHERE
from linli.kernel.errors import Conflict, Invalid, NotFound, Stale
from linli.kernel.trust import Actor, audit, policy
from linli.people.queries import functions
from linli.people.snapshot import changed
from linli.services import queries, rules
from linli.services.facts import Person
from linli.services.models import ChangeKind, Service, ServiceChange, ServiceVersion, Way
from linli.services.snapshot import Booking

IDENTITY = frozenset({"id", "service", "scope", "valid_from", "valid_to"})
DERIVED = frozenset({"minutes", "proofs"})
"""What follows from other fields: the clock's minutes from the days, the proofs from the materials."""
FIELDS = tuple(field.name for field in ServiceVersion._meta.concrete_fields if field.name not in IDENTITY | DERIVED)
"""What a new version may change."""
LISTS = frozenset({"channels", "materials", "form", "words_zh", "words_en", "booking"})
HOW = frozenset({"consent", "report", "page"})
LEVELS = ("district", "subdistrict", "community")
MOST_SEATS, MOST_DAYS = 200, 60


def propose(
    actor: Actor,
    *,
    code: str,
    scope: str = "",
    values: Mapping[str, Any],
    reason: str,
    effective_from: datetime | None = None,
) -> ServiceChange:
    """Prepare a next version of a service; nothing changes until it is published.

    Args:
        scope: ``""`` for the whole city, or a district's code for a version of its own.
        values: the fields to change; those that are as they were are left out. A service that was closed opens again.
        reason: why, in words.
        effective_from: from when it shall hold; at once when published, unless told.

    Raises:
        Invalid: a field does not exist or cannot have this value, nothing differs, or no reason is given.
        NotFound: there is no such service.
    """
    if unknown := set(values) - set(FIELDS):
        raise Invalid("catalogue.field", _("There is no such field."), field=min(unknown))
    policy.require(actor, "catalogue.edit")
    begins, why = when_and_why(reason, effective_from)
    with transaction.atomic():
        base = _base(code, scope, begins)
        differing = {field: value for field, value in values.items() if getattr(base, field) != value}
        if not differing and not _is_over(base, begins):
            raise Invalid("catalogue.same", _("Nothing would change."))
        check(_with(base, scope, begins, differing))
        return _proposed(actor, ChangeKind.VERSION, base, scope, differing, why, begins)


def propose_closing(
    actor: Actor, *, code: str, scope: str = "", reason: str, effective_from: datetime | None = None
) -> ServiceChange:
    """Prepare the end of a service: from a moment on nobody applies for it, and what was applied for goes on.

    A district that ends its own version goes by the city's again.

    Raises:
        Invalid: no reason is given, or the moment is past.
        NotFound: there is no such service in force.
    """
    policy.require(actor, "catalogue.edit")
    begins, why = when_and_why(reason, effective_from)
    with transaction.atomic():
        base = _base(code, scope, begins)
        if base.scope != scope or _is_over(base, begins):
            raise NotFound("service.none", _("There is no such service."))
        return _proposed(actor, ChangeKind.CLOSE, base, scope, {}, why, begins)


def publish(actor: Actor, change_id: UUID, *, version: int) -> ServiceChange:
    """Let what was prepared hold from its moment: the version before ends there, and the new one begins.

    Args:
        version: of the change, as the administrator saw it.

    Raises:
        NotFound: there is no such change.
        Stale: it, or the version that it changes, is no longer what it was.
        Conflict: a later version is waiting already.
    """
    policy.require(actor, "catalogue.edit")
    with transaction.atomic():
        change = proposals.waiting(ServiceChange.objects.select_related("base__service"), change_id, version)
        Service.objects.select_for_update().get(code=change.service_id)
        begins = max(change.effective_from, time.now())
        base = _base(change.service_id, change.scope, begins)
        if base.id != change.base_id:
            raise Stale(
                "catalogue.moved_on",
                _("This service has changed since this was prepared."),
                mend=_("Prepare it again on what holds now."),
            )
        own = ServiceVersion.objects.filter(service_id=change.service_id, scope=change.scope)
        if own.filter(valid_from__gt=begins).exists():
            raise Conflict("catalogue.waiting", _("A later version is waiting already."))
        if base.scope == change.scope and not _is_over(base, begins):
            base.valid_to = begins
            base.save(update_fields=["valid_to"])
        if change.kind == ChangeKind.VERSION:
            successor = _with(base, change.scope, begins, change.values)
            check(successor)
            successor.save(force_insert=True)
        _decide(actor, change, ChangeState.PUBLISHED)
        events.append(
            "service.published", subject_type="service_change", subject_id=change.id, sequence=change.version,
            district=change.scope or actor.district or NOWHERE, area_path=change.scope, actor=actor,
            data={"code": change.service_id, "kind": str(change.kind), "from": begins.isoformat(), "fields": sorted(change.values)},
        )  # fmt: skip
        changed(queries.STAMP)
    return change


def withdraw(actor: Actor, change_id: UUID, *, version: int) -> ServiceChange:
    """Take back what was prepared.

    Raises:
        NotFound: there is no such change.
        Stale: it is no longer what it was.
    """
    policy.require(actor, "catalogue.edit")
    with transaction.atomic():
        change = proposals.waiting(ServiceChange.objects.select_related("base__service"), change_id, version)
        _decide(actor, change, ChangeState.WITHDRAWN)
    return change


def differences(before: ServiceVersion | None, after: ServiceVersion) -> list[Difference]:
    """The fields in which two versions differ, in the order of the form; all of the first one."""
    return [
        Difference(field, getattr(before, field) if before else None, getattr(after, field))
        for field in FIELDS
        if before is None or getattr(before, field) != getattr(after, field)
    ]


def as_it_would_be(change: ServiceChange) -> ServiceVersion:
    """The version that a change would begin; the last one of a service that it would end."""
    if change.kind == ChangeKind.CLOSE:
        return change.base
    return _with(change.base, change.scope, change.effective_from, change.values)


def check(version: ServiceVersion) -> None:
    """Refuse values that cannot be.

    Raises:
        Invalid: with the first field that is wrong.
    """
    try:
        version.clean_fields(exclude=["id", "service", "proofs", *LISTS])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid("catalogue.value", messages[0], field=field) from None
    for field, message in _wrong(version):
        raise Invalid("catalogue.value", message, field=field)
    if version.function not in functions():
        raise Invalid(
            "catalogue.function",
            _("There is no such department: %(name)s") % {"name": version.function},
            field="function",
        )


def _wrong(version: ServiceVersion) -> Iterator[tuple[str, Any]]:
    asked = [code for page in version.form for code in page]
    if unknown := set(asked) - set(rules.questions()):
        yield "form", _("There is no such question: %(name)s") % {"name": min(unknown)}
    if len(asked) != len(set(asked)):
        yield "form", _("A question is asked twice.")
    for one in version.materials:
        if not one["zh"] or not one["how"]:
            yield "materials", _("Each document has a Chinese name and how it is had.")
        if (strange := next((how for how in one["how"] if not _is_how(how)), None)) is not None:
            yield "materials", _("There is no such way to have a document: %(name)s") % {"name": strange}
    if version.group not in rules.groups():
        yield "group", _("There is no such group.")
    if unknown := set(version.channels) - set(rules.PHONE_WAY):
        yield "channels", _("There is no such way: %(name)s") % {"name": min(unknown)}
    if (
        version.way == Way.REPORT
        and version.category
        and version.category not in catalogue.current(district=version.scope)
    ):
        yield "category", _("There is no such category.")
    if version.way == Way.PAGE and not version.page.startswith("/"):
        yield "page", _("Give the page's address on this site; it begins with a slash.")
    if (version.way == Way.BOOKING) != (version.booking is not None):
        yield "way", _("A service with a time has windows, and no other has them.")
    if version.booking is not None and (message := _wrong_booking(version.booking)):
        yield "booking_windows", message


def _wrong_booking(booking: Mapping[str, Any]) -> Any:
    try:
        found = Booking.of(dict(booking))
    except (ValueError, KeyError, TypeError):
        return _("Give each window as 09:00-11:00, one a line.")
    if found.level not in LEVELS or not found.windows or not found.weekdays or not found.weekdays <= set(range(1, 8)):
        return _("Give at least one window and one weekday.")
    if any(first >= last for first, last in found.windows):
        return _("A window ends after it begins.")
    if not 1 <= found.seats <= MOST_SEATS or not 1 <= found.days <= MOST_DAYS or found.notice.total_seconds() < 0:
        return _("Seats from 1 to %(seats)d, days ahead from 1 to %(days)d.") % {"seats": MOST_SEATS, "days": MOST_DAYS}
    return ""


def _is_how(how: str) -> bool:
    kind, _colon, code = how.partition(":")
    match kind:
        case "proof":
            return code in rules.proofs()
        case "field":
            return code in rules.questions()
        case "fact":
            return code in set(Person)
    return how in HOW


def _base(code: str, scope: str, at: datetime) -> ServiceVersion:
    """The version that holds in a scope at a moment; of a closed service the last one."""
    found = ServiceVersion.objects.select_related("service").filter(
        service_id=code, scope__in={"", scope}, valid_from__lte=at
    )
    # A district's own version, where there is one, goes before the city's.
    base = found.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=at)).order_by("-scope").first()
    base = base or found.order_by("-scope", "-valid_from").first()
    if base is None:
        raise NotFound("service.none", _("There is no such service."), field="service")
    return base


def _is_over(version: ServiceVersion, at: datetime) -> bool:
    return version.valid_to is not None and version.valid_to <= at


def _with(base: ServiceVersion, scope: str, begins: datetime, values: Mapping[str, Any]) -> ServiceVersion:
    found = {field: getattr(base, field) for field in FIELDS} | dict(values)
    hows = [how for one in found["materials"] for how in one["how"]]
    return ServiceVersion(
        id=ids.new_id(), service=base.service, scope=scope, valid_from=begins,
        minutes=found["days"] * rules.MINUTES_A_DAY[found["clock"]],
        proofs=list(dict.fromkeys(how.partition(":")[2] for how in hows if how.startswith("proof:"))), **found,
    )  # fmt: skip


def _proposed(
    actor: Actor,
    kind: ChangeKind,
    base: ServiceVersion,
    scope: str,
    values: dict[str, Any],
    reason: str,
    begins: datetime,
) -> ServiceChange:
    change = ServiceChange.objects.create(
        id=ids.new_id(), service=base.service, scope=scope, kind=kind, base=base, values=values, reason=reason,
        effective_from=begins, proposed_by=actor.account_id or NOBODY, proposed_at=time.now(),
    )  # fmt: skip
    _note(actor, "service.propose", change)
    return change


def _decide(actor: Actor, change: ServiceChange, state: ChangeState) -> None:
    proposals.decide(actor, change, state)
    _note(actor, f"service.{state.value}", change)


def _note(actor: Actor, verb: str, change: ServiceChange) -> None:
    audit.record(
        actor, verb, subject_type="service_change", subject_id=change.id, district=change.scope, purpose=change.reason,
        detail={"code": change.service_id, "kind": str(change.kind), "fields": sorted(change.values)},
    )  # fmt: skip
