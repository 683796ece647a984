"""Every write of the room: load the defaults, propose a change, publish or withdraw it, give up a district's own version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.catalog import preview, queries, rules
from linli.catalog.models import Category, CategoryChange, CategoryGroup, CategoryVersion, ChangeState
from linli.catalog.snapshot import Entry, entry_of
from linli.kernel import events, ids, proposals, time
from linli.kernel.db import NOWHERE
from linli.kernel.errors import Conflict, Invalid, NotFound, Stale
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.people.queries import functions
from linli.people.snapshot import changed

BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""From when the default versions hold, so that a month of history has a catalogue."""

IDENTITY = frozenset({"id", "category", "scope", "valid_from", "valid_to"})
FIELDS = tuple(field.name for field in CategoryVersion._meta.concrete_fields if field.name not in IDENTITY)
"""What a change may change."""
LISTS = frozenset({"keywords_zh", "keywords_en", "co_functions", "call_first_numbers", "evidence_required"})
NOBODY = UUID(int=0)
"""Who proposed a change that the system itself made."""


class OnDifference(StrEnum):
    """What a load does with a category that is there and differs from the file."""

    KEEP = "keep"
    RENEW = "renew"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did."""

    categories: int
    created: int
    renewed: int


def load_catalogue(actor: Actor = SYSTEM, *, on_difference: OnDifference = OnDifference.KEEP) -> Loaded:
    """Load the default catalogue; repeating it changes nothing.

    Args:
        on_difference: ``KEEP`` leaves what administrators made of it; ``RENEW`` begins a new version from now on.
    """
    created = renewed = 0
    now = time.now()
    with transaction.atomic():
        for row in rules.rows("groups.csv"):
            CategoryGroup.objects.update_or_create(code=row["code"], defaults={**row, "position": int(row["position"])})
        listed = rules.categories()
        for position, (identity, values) in enumerate(listed, start=1):
            category, _made = Category.objects.update_or_create(
                code=identity["code"],
                defaults={"identifier": identity["identifier"], "group_id": identity["group"], "position": position},
            )
            version = CategoryVersion.objects.filter(category=category, scope="").order_by("-valid_from").first()
            if version is None:
                _begin(category, "", BEGINNING, values)
                created += 1
            elif on_difference == OnDifference.RENEW and any(getattr(version, f) != v for f, v in values.items()):
                version.valid_to = now
                version.save(update_fields=["valid_to"])
                _begin(category, "", now, values)
                renewed += 1
        if created or renewed:
            changed(queries.STAMP)
    return Loaded(len(listed), created, renewed)


def _begin(category: Category, scope: str, valid_from: datetime, values: Mapping[str, Any]) -> CategoryVersion:
    version = CategoryVersion(id=ids.new_id(), category=category, scope=scope, valid_from=valid_from, **values)
    _check(version)
    version.save(force_insert=True)
    return version


def _check(version: CategoryVersion) -> None:
    """Refuse values that cannot be.

    Raises:
        Invalid: with the first field that is wrong.
    """
    try:
        version.clean_fields(exclude=["id", "category"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid("catalogue.value", messages[0], field=field) from None
    known = functions()
    for field, named in (("lead_function", [version.lead_function]), ("co_functions", version.co_functions)):
        if unknown := [function for function in named if function and function not in known]:
            raise Invalid(
                "catalogue.function",
                _("There is no such department: %(name)s") % {"name": ", ".join(map(str, unknown))},
                field=field,
            )
    for field in LISTS:
        value = getattr(version, field)
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise Invalid("catalogue.value", _("Please give a list of words."), field=field)
    if version.respond_minutes < 1 or version.sign_in_minutes < 1:
        raise Invalid("catalogue.limit", _("A limit is at least one minute."), field="respond_minutes")
    if version.resolve_minutes < version.respond_minutes:
        raise Invalid(
            "catalogue.limit", _("The time to resolve is shorter than the time to respond."), field="resolve_minutes"
        )
    if version.severity == 1 and not version.call_first_numbers:
        raise Invalid(
            "catalogue.call_first",
            _("A danger to life needs a number to call first."),
            field="call_first_numbers",
        )
    if version.severity == 1 and version.clock != "calendar":
        raise Invalid("catalogue.clock", _("A danger to life is counted around the clock."), field="clock")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of a version: what it is and what it would be."""

    field: str
    before: Any
    after: Any


def when_and_why(reason: str, effective_from: datetime | None) -> tuple[datetime, str]:
    """From when a change shall hold, which is now unless told, and its reason as it is kept.

    Raises:
        Invalid: no reason is given, or the moment is past.
    """
    if not reason.strip():
        raise Invalid("catalogue.reason", _("Please give a reason."), field="reason")
    now = time.now()
    if effective_from is not None and effective_from < now:
        raise Invalid("catalogue.past", _("A change cannot begin in the past."), field="effective_from")
    return effective_from or now, reason.strip()[:300]


def propose_change(
    actor: Actor,
    *,
    code: str,
    scope: str = "",
    values: Mapping[str, Any],
    reason: str,
    effective_from: datetime | None = None,
) -> CategoryChange:
    """Propose a next version of a category; nothing changes until it is published.

    Args:
        scope: ``""`` for the whole city, or a district's code for a version of its own.
        values: the fields to change; those that are as they were are left out.
        reason: why, in words.
        effective_from: from when it shall hold; at once when published, unless told.

    Raises:
        Invalid: a field does not exist or cannot have this value, nothing differs, or no reason is given.
        NotFound: there is no such category.
    """
    policy.require(actor, "catalogue.edit")
    if unknown := set(values) - set(FIELDS):
        raise Invalid("catalogue.field", _("There is no such field."), field=sorted(unknown)[0])
    begins, why = when_and_why(reason, effective_from)
    with transaction.atomic():
        base = _version_in_force(code, scope, begins)
        if base is None:
            raise NotFound("category.none", _("There is no such category."))
        differing = {field: value for field, value in values.items() if getattr(base, field) != value}
        if not differing:
            raise Invalid("catalogue.same", _("Nothing would change."))
        proposed = _with(base, scope, begins, differing)
        _check(proposed)
        change = CategoryChange.objects.create(
            id=ids.new_id(),
            category_id=code,
            scope=scope,
            base=base,
            values=differing,
            reason=why,
            effective_from=begins,
            proposed_by=actor.account_id or NOBODY,
            proposed_at=time.now(),
            preview=_counted(base, proposed, scope),
        )
        audit.record(
            actor,
            "catalogue.propose",
            subject_type="category_change",
            subject_id=change.id,
            district=scope,
            purpose=change.reason,
            detail={"code": code, "fields": sorted(differing)},
        )
    return change


def _version_in_force(code: str, scope: str, at: datetime) -> CategoryVersion | None:
    held = Q(valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))
    # A district's own version, where there is one, sorts behind the city's.
    scopes = ["", scope] if scope else [""]
    return (
        CategoryVersion.objects.select_related("category")
        .filter(held, category_id=code, scope__in=scopes)
        .order_by("-scope")
        .first()
    )


def _with(base: CategoryVersion, scope: str, begins: datetime, values: Mapping[str, Any]) -> CategoryVersion:
    fields = {field: getattr(base, field) for field in FIELDS} | dict(values)
    return CategoryVersion(id=ids.new_id(), category=base.category, scope=scope, valid_from=begins, **fields)


def _counted(base: CategoryVersion, proposed: CategoryVersion, scope: str) -> dict[str, Any] | None:
    if not preview.registered():
        return None
    counted = preview.count(before=entry_of(base), after=entry_of(proposed), scope=scope)
    return asdict(counted)


def differences(change: CategoryChange) -> list[Difference]:
    """The fields of a change, in the order of the form, each as it is and as it would be."""
    return [
        Difference(field, getattr(change.base, field), change.values[field])
        for field in FIELDS
        if field in change.values
    ]


def proposed_entry(change: CategoryChange) -> Entry:
    """The category as it would be."""
    assert change.base is not None
    return entry_of(_with(change.base, change.scope, change.effective_from, change.values))


def refresh_preview(actor: Actor, change_id: UUID) -> CategoryChange:
    """Count anew what a change would have done to the last thirty days."""
    policy.require(actor, "catalogue.edit")
    with transaction.atomic():
        change = proposals.locked(CategoryChange.objects, change_id)
        assert change.base is not None
        change.preview = _counted(
            change.base, _with(change.base, change.scope, change.effective_from, change.values), change.scope
        )
        change.save(update_fields=["preview"])
    return change


def publish_change(actor: Actor, change_id: UUID, *, version: int) -> CategoryVersion:
    """Let a proposed change take effect: the version in force ends, the new one begins.

    Cases that are under way keep what they were promised.

    Args:
        version: of the change, as the administrator saw it.

    Raises:
        NotFound: there is no such change.
        Stale: it, or the version that it changes, is no longer what it was.
        Conflict: a later version is waiting already.
    """
    policy.require(actor, "catalogue.edit")
    now = time.now()
    with transaction.atomic():
        change = proposals.waiting(CategoryChange.objects, change_id, version)
        begins = max(change.effective_from, now)
        Category.objects.select_for_update().get(code=change.category_id)
        base = _version_in_force(change.category_id, change.scope, begins)
        if base is None or base.id != change.base_id:
            raise Stale(
                "catalogue.moved_on",
                _("This category has changed since this was proposed."),
                mend=_("Propose the change again on what holds now."),
            )
        own = CategoryVersion.objects.filter(category_id=change.category_id, scope=change.scope)
        if own.filter(valid_from__gt=begins).exists():
            raise Conflict("catalogue.waiting", _("A later version is waiting already."))
        successor = _with(base, change.scope, begins, change.values)
        _check(successor)
        if base.scope == change.scope:
            base.valid_to = begins
            base.save(update_fields=["valid_to"])
        successor.save(force_insert=True)
        _decide(actor, change, ChangeState.PUBLISHED)
        events.append(
            "catalogue.published",
            subject_type="category_change",
            subject_id=change.id,
            sequence=change.version,
            district=change.scope or actor.district or NOWHERE,
            area_path=change.scope,
            actor=actor,
            data={"code": change.category_id, "version": str(successor.id), "fields": sorted(change.values)},
        )
        changed(queries.STAMP)
    return successor


def withdraw_change(actor: Actor, change_id: UUID, *, version: int) -> CategoryChange:
    """Take a proposed change back.

    Raises:
        NotFound: there is no such change.
        Stale: it is no longer what it was.
    """
    policy.require(actor, "catalogue.edit")
    with transaction.atomic():
        change = proposals.waiting(CategoryChange.objects, change_id, version)
        _decide(actor, change, ChangeState.WITHDRAWN)
    return change


def give_up_own_version(actor: Actor, *, code: str, scope: str, reason: str) -> None:
    """Let a district go by the city's version again, from now on.

    Raises:
        NotFound: the district has no version of its own.
    """
    policy.require(actor, "catalogue.edit")
    with transaction.atomic():
        now = time.now()
        version = (
            CategoryVersion.objects.select_for_update()
            .filter(Q(valid_to__isnull=True), category_id=code, scope=scope, valid_from__lte=now)
            .exclude(scope="")
            .first()
        )
        if version is None:
            raise NotFound("category.no_own", _("This district has no version of its own."))
        version.valid_to = now
        version.save(update_fields=["valid_to"])
        audit.record(
            actor,
            "catalogue.give_up",
            subject_type="category_version",
            subject_id=version.id,
            district=scope,
            purpose=reason.strip()[:200],
            detail={"code": code},
        )
        changed(queries.STAMP)


def _decide(actor: Actor, change: CategoryChange, state: ChangeState) -> None:
    proposals.decide(actor, change, state)
    audit.record(
        actor,
        f"catalogue.{state.value}",
        subject_type="category_change",
        subject_id=change.id,
        district=change.scope,
        purpose=change.reason,
        detail={"code": change.category_id, "fields": sorted(change.values)},
    )
