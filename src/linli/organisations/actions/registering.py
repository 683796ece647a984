"""The register: an organisation is founded, changed, dissolved; its network profile and its history go with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.kernel import events, ids, time
from linli.kernel.db import district_of, within
from linli.kernel.errors import Conflict, Invalid, NotFound, Stale
from linli.kernel.trust import Actor, audit, policy
from linli.kernel.trust.policy import Spot
from linli.organisations import standing
from linli.organisations.models import Deed, Entry, Profile, Seat
from linli.people.models import Organisation, OrganisationFamily, Post
from linli.people.snapshot import changed
from linli.territory.models import Area, Building, Compound
from linli.territory.queries import on_day

VERB = "organisation.keep"
EARLIEST = date(1900, 1, 1)
AHEAD = timedelta(days=366)
"""How far ahead a founding can be dated."""
_DIALLED = re.compile(r"\+?[0-9](?:[ -]?[0-9]){2,18}")
LIMITS = {"name": 120, "name_en": 160, "description": 400, "description_en": 400, "code": 64, "public_phone": 24}


@dataclass(frozen=True, slots=True)
class New:
    """What is known of an organisation that comes into being.

    ``id`` is made by whoever asks, so that asking twice founds one; ``code`` is unique in the district, made up when empty;
    ``parent_id`` is found by the rule when empty.
    """

    kind: str
    name: str
    area_path: str
    id: UUID | None = None
    name_en: str = ""
    code: str = ""
    compound_id: UUID | None = None
    building_id: UUID | None = None
    parent_id: UUID | None = None
    starts_on: date | None = None
    public_phone: str = ""
    description: str = ""
    description_en: str = ""
    is_public: bool = True


def found(actor: Actor, new: New) -> Organisation:
    """Put an organisation into the register.

    Raises:
        Invalid: a name, day, place, number or parent does not fit the rule of the type.
        Conflict: the code is taken.
        NotFound: the area lies outside the actor's reach.
        Forbidden: the type is the administrators' own.
    """
    day = new.starts_on or time.today()
    policy.require(actor, VERB, Spot(new.area_path), view="organisation.view")
    kind = standing.type_of(new.kind, field="kind")
    if kind.family == OrganisationFamily.GOVERNMENT:
        policy.require(actor, "organisation.edit")
    _checked_day(day, field="starts_on")
    with transaction.atomic():
        if new.id is not None:
            made = Organisation.objects.filter(district=district_of(new.area_path), id=new.id).first()
            if made is not None:
                return made
        area, compound, building = placed(new, day)
        organisation = Organisation(
            id=new.id or ids.new_id(), district=area.district, type_id=new.kind, name=_words("name", new.name, least=2),
            name_en=_words("name_en", new.name_en), area=area, area_path=area.path, starts_on=day,
            public_phone=_number(new.public_phone), version=1,
        )  # fmt: skip
        organisation.code = _words("code", new.code) or f"{area.path}:{organisation.id.hex[-12:]}"
        organisation.parent = parent_for(organisation, new.parent_id, compound=compound)
        try:
            with transaction.atomic():
                organisation.save(force_insert=True)
        except IntegrityError:
            raise Conflict("organisation.code", _("This code is taken."), field="code") from None
        Profile.objects.create(
            id=ids.new_id(), district=area.district, organisation=organisation, area_path=area.path, compound=compound,
            building=building, description=_words("description", new.description),
            description_en=_words("description_en", new.description_en), is_public=new.is_public,
        )  # fmt: skip
        _record(actor, Deed.FOUNDED, organisation, changes={"name": ["", organisation.name]})
        audit.record(
            actor,
            "organisation.create",
            subject_type="organisation",
            subject_id=organisation.id,
            district=area.district,
        )
        _tell(actor, "organisation.created", organisation)
    return organisation


def placed(new: New, day: date) -> tuple[Area, Compound | None, Building | None]:
    """The area, compound and building of a new organisation, as the rule of its type wants them on its first day.

    Raises:
        Invalid: the kind of place is another, or there is no such place.
    """
    rule = standing.rule_on(new.kind, day)
    seat = rule.seat if rule else Seat.ANY
    district = district_of(new.area_path)
    compound = building = None
    area_path = new.area_path
    if new.building_id is not None:
        building = Building.objects.select_related("compound").filter(district=district, id=new.building_id).first()
        if building is None:
            raise Invalid("organisation.building", _("There is no such building."), field="building")
        compound = building.compound
    elif new.compound_id is not None:
        compound = Compound.objects.filter(district=district, id=new.compound_id).first()
        if compound is None:
            raise Invalid("organisation.compound", _("There is no such compound."), field="compound")
    if seat == Seat.BUILDING and building is None:
        raise Invalid("organisation.building", _("This type belongs to a building."), field="building")
    if seat == Seat.COMPOUND and (compound is None or building is not None):
        raise Invalid("organisation.compound", _("This type belongs to a compound."), field="compound")
    if compound is not None:
        if not within(building.area_path if building else compound.area_path, area_path):
            raise Invalid("organisation.compound", _("The compound lies in another area."), field="compound")
        area_path = building.area_path if building else compound.area_path
    area = Area.objects.filter(on_day(max(day, time.today())), district=district_of(area_path), path=area_path).first()
    if area is None:
        raise Invalid("area.none", _("There is no such area."), field="area_path")
    if seat.is_area and area.level != seat.value:
        raise Invalid(
            "organisation.level",
            _("This type belongs to an area of another level: %(level)s.") % {"level": seat.label},
            field="area_path",
        )
    return area, compound, building


def parent_for(one: Organisation, parent_id: UUID | None, *, compound: Compound | None = None) -> Organisation | None:
    """What an organisation stands under: the one that is named, else the nearest of the type that the rule names.

    Raises:
        Invalid: the one named does not exist, is of another type than the rule wants, lies elsewhere, or stands under this one.
    """
    rule = standing.rule_on(one.type_id, max(one.starts_on, time.today()))
    under = rule.under if rule else ""
    if parent_id is not None:
        parent = Organisation.objects.filter(_at_work(), district=one.district, id=parent_id).first()
        if parent is None:
            raise Invalid("organisation.parent", _("There is no such organisation."), field="parent")
        accepted = standing.rule_on(under).types if under and standing.rule_on(under) else (under,)  # type: ignore[union-attr]
        if under and parent.type_id not in accepted:
            wanted = standing.names([under])[0]
            raise Invalid(
                "organisation.parent_type",
                _("It stands under another type: %(type)s.") % {"type": wanted},
                field="parent",
            )
        if not within(one.area_path, parent.area_path):
            raise Invalid("organisation.parent_area", _("That one is at work in another area."), field="parent")
        _no_circle(one, parent)
        return parent
    if not under:
        return None
    above = standing.rule_on(under)
    kinds = above.types if above else (under,)
    rows = Organisation.objects.filter(_at_work(), district=one.district, type_id__in=kinds).exclude(id=one.id)
    if above is not None and above.seat == Seat.COMPOUND:
        if compound is None:
            return None
        tied = Profile.objects.filter(district=one.district, compound=compound, building__isnull=True)
        return rows.filter(id__in=tied.values("organisation_id")).order_by("starts_on", "id").first()
    parts = one.area_path.split("/")
    paths = ["/".join(parts[: rung + 1]) for rung in range(len(parts))]
    return rows.filter(area_path__in=paths).order_by("-area_path", "starts_on", "id").first()


def _no_circle(one: Organisation, parent: Organisation) -> None:
    seen: Organisation | None = parent
    for _rung in range(20):
        if seen is None:
            return
        if seen.id == one.id:
            break
        seen = seen.parent
    raise Invalid("organisation.circle", _("It cannot stand under itself."), field="parent")


def change(
    actor: Actor, organisation_id: UUID, *, district: str, version: int, values: Mapping[str, Any], reason: str = ""
) -> Organisation:
    """Change what is known of an organisation. What is not named stays.

    Args:
        version: what the actor saw.
        values: of ``name``, ``name_en``, ``public_phone``, ``parent_id``, ``starts_on``, ``description``, ``description_en``,
            ``is_public`` and ``contact_post_id`` (a post held in it; ``None``: nobody).

    Raises:
        Invalid: a value does not fit.
        NotFound: there is none, or it lies outside the actor's reach.
        Forbidden: it is the administrators' own.
        Stale: it changed since.
    """
    with transaction.atomic():
        one = _locked(actor, organisation_id, district, version)
        profile = profile_of(one)
        before = _facts(one, profile)
        if "name" in values:
            one.name = _words("name", values["name"], least=2)
        for name in ("name_en",):
            if name in values:
                setattr(one, name, _words(name, values[name]))
        if "public_phone" in values:
            one.public_phone = _number(values["public_phone"])
        if values.get("starts_on") is not None:
            one.starts_on = _checked_day(values["starts_on"], field="starts_on")
            if one.ends_on is not None and one.ends_on < one.starts_on:
                raise Invalid("organisation.term", _("It ends before it begins."), field="starts_on")
        if "parent_id" in values and values["parent_id"] != one.parent_id:
            one.parent = parent_for(one, values["parent_id"]) if values["parent_id"] else None
        for name in ("description", "description_en"):
            if name in values:
                setattr(profile, name, _words(name, values[name]))
        if "is_public" in values:
            profile.is_public = bool(values["is_public"])
        if "contact_post_id" in values:
            profile.contact_post = _contact(one, values["contact_post_id"])
        changes = {name: [before[name], after] for name, after in _facts(one, profile).items() if before[name] != after}
        if not changes:
            return one
        one.version += 1
        one.save(update_fields=["name", "name_en", "public_phone", "parent", "starts_on", "version"])
        profile.save()
        _record(actor, Deed.CHANGED, one, changes=changes, reason=reason)
        audit.record(
            actor, "organisation.change", subject_type="organisation", subject_id=one.id, district=one.district,
            fields=tuple(changes),
        )  # fmt: skip
        _tell(actor, "organisation.changed", one)
    return one


def dissolve(
    actor: Actor, organisation_id: UUID, *, district: str, version: int, reason: str, ends_on: date | None = None
) -> Organisation:
    """End an organisation: ``ends_on`` is the first day on which it is no more, today unless told.

    Raises:
        Invalid: no reason, or the day lies before its founding or after today.
        Conflict: posts are held in it, or others at work stand under it.
        NotFound, Forbidden, Stale: as :func:`change`.
    """
    day = ends_on or time.today()
    with transaction.atomic():
        one = _locked(actor, organisation_id, district, version)
        if one.ends_on is not None:
            raise Conflict("organisation.dissolved", _("It is dissolved already."))
        if not reason.strip():
            raise Invalid("organisation.reason", _("Please give a reason."), field="reason")
        if day < one.starts_on or day > time.today():
            raise Invalid("organisation.term", _("Give a day between its founding and today."), field="ends_on")
        _free(one, day)
        one.ends_on = day
        one.version += 1
        one.save(update_fields=["ends_on", "version"])
        _record(actor, Deed.DISSOLVED, one, changes={"ends_on": [None, day.isoformat()]}, reason=reason)
        audit.record(
            actor, "organisation.end", subject_type="organisation", subject_id=one.id, district=one.district,
            purpose=reason.strip()[:200],
        )  # fmt: skip
        _tell(actor, "organisation.ended", one)
    return one


def revive(actor: Actor, organisation_id: UUID, *, district: str, version: int, reason: str = "") -> Organisation:
    """Take a dissolution back: it is at work as if it had never ended.

    Raises:
        Conflict: it is not dissolved.
        NotFound, Forbidden, Stale: as :func:`change`.
    """
    with transaction.atomic():
        one = _locked(actor, organisation_id, district, version)
        if one.ends_on is None:
            raise Conflict("organisation.at_work", _("It is at work."))
        ended, one.ends_on = one.ends_on, None
        one.version += 1
        one.save(update_fields=["ends_on", "version"])
        _record(actor, Deed.REVIVED, one, changes={"ends_on": [ended.isoformat(), None]}, reason=reason)
        audit.record(
            actor, "organisation.revive", subject_type="organisation", subject_id=one.id, district=one.district
        )
        _tell(actor, "organisation.changed", one)
    return one


def profile_of(one: Organisation) -> Profile:
    """The profile of an organisation: a fresh one, not written yet, where it has none."""
    kept = Profile.objects.filter(district=one.district, organisation_id=one.id).first()
    return kept or Profile(id=ids.new_id(), district=one.district, organisation=one, area_path=one.area_path)


def may_keep(actor: Actor, one: Organisation) -> bool:
    """Whether the actor may change this organisation."""
    if not policy.allows(actor, VERB, Spot(one.area_path)):
        return False
    return policy.allows(actor, "organisation.edit") or not _is_administrators(one)


def _is_administrators(one: Organisation) -> bool:
    kind = standing.types().get(one.type_id)
    return bool(one.function) or (kind is not None and kind.family == OrganisationFamily.GOVERNMENT)


def _locked(actor: Actor, organisation_id: UUID, district: str, version: int) -> Organisation:
    one = Organisation.objects.select_for_update().filter(district=district, id=organisation_id).first()
    if one is None:
        raise NotFound("organisation.none", _("There is no such organisation."))
    policy.require(actor, VERB, Spot(one.area_path), view="organisation.view")
    if _is_administrators(one):
        policy.require(actor, "organisation.edit")
    if one.version != version:
        raise Stale(
            "organisation.stale",
            _("It has changed since you opened it."),
            mend=_("Look at it as it is now, then try again."),
            extra={"version": one.version},
        )
    return one


def _free(one: Organisation, day: date) -> None:
    held = Q(ends_on__isnull=True) | Q(ends_on__gt=day)
    if Post.objects.filter(held, district=one.district, organisation_id=one.id).exists():
        raise Conflict("organisation.posts", _("Posts are still held in this organisation."), mend=_("End them first."))
    if Organisation.objects.filter(held, district=one.district, parent_id=one.id).exists():
        raise Conflict(
            "organisation.children",
            _("Others at work stand under it."),
            mend=_("Let them stand under another first, or dissolve them."),
        )


def _at_work() -> Q:
    return Q(ends_on__isnull=True) | Q(ends_on__gt=time.today())


def _contact(one: Organisation, post_id: UUID | None) -> Post | None:
    if post_id is None:
        return None
    held = Q(ends_on__isnull=True) | Q(ends_on__gt=time.today())
    post = Post.objects.filter(held, district=one.district, id=post_id, organisation_id=one.id).first()
    if post is None:
        raise Invalid("organisation.contact", _("This post is not held in the organisation."), field="contact_post")
    return post


def _facts(one: Organisation, profile: Profile) -> dict[str, Any]:
    return {
        "name": one.name, "name_en": one.name_en, "public_phone": one.public_phone,
        "parent": str(one.parent_id) if one.parent_id else "", "starts_on": one.starts_on.isoformat(),
        "description": profile.description, "description_en": profile.description_en, "is_public": profile.is_public,
        "contact_post": str(profile.contact_post_id) if profile.contact_post_id else "",
    }  # fmt: skip


def _words(name: str, text: str, *, least: int = 0) -> str:
    found = " ".join(str(text or "").split())
    if len(found) < least:
        raise Invalid("organisation.name", _("Please give a name."), field=name)
    if len(found) > LIMITS[name]:
        raise Invalid("organisation.long", _("At most %(most)d characters.") % {"most": LIMITS[name]}, field=name)
    return found


def _number(text: str) -> str:
    found = (text or "").strip()
    if found and not _DIALLED.fullmatch(found):
        raise Invalid(
            "phone.invalid",
            _("This is not a telephone number."),
            field="public_phone",
            mend=_("Please enter figures, with the area code, for example 028-85001234."),
        )
    return found


def _checked_day(day: date, *, field: str) -> date:
    if not EARLIEST <= day <= time.today() + AHEAD:
        raise Invalid("organisation.day", _("Give a day between 1900 and a year from now."), field=field)
    return day


def _record(actor: Actor, deed: Deed, one: Organisation, *, changes: dict[str, Any], reason: str = "") -> None:
    Entry.objects.create(
        id=ids.new_id(), district=one.district, organisation=one, deed=deed, at=time.now(), account_id=actor.account_id,
        post_id=actor.post_id, role=actor.role, name=actor.name, reason=reason.strip()[:200], changes=changes,
    )  # fmt: skip


def _tell(actor: Actor, kind: str, one: Organisation) -> None:
    events.append(
        kind, subject_type="organisation", subject_id=one.id, sequence=one.version, district=one.district,
        area_path=one.area_path, actor=actor, data={"type": one.type_id, "function": one.function},
    )  # fmt: skip
    changed("organisations", district=one.district)
