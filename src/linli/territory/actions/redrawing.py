"""Changes of micro-grids: drawn step by step, proposed, approved at three levels by three people, put in force on their day.

What is drawn lies in the change alone; the ground moves on the day, in one transaction, and nothing of what was is deleted.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

import shapely
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from linli.kernel import events, time
from linli.kernel.errors import Conflict, Forbidden, Invalid, LinliError, NotFound, Stale
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.territory import queries, redrawings
from linli.territory.changes import mark_changed
from linli.territory.dating import announce, begin, carry_dwellings, end, insert_point, lock_grids, share_out
from linli.territory.models import (
    EDITABLE,
    WAITING,
    Area,
    Level,
    Redrawing,
    RedrawingEntry,
    RedrawingState,
    RedrawingVerb,
    RedrawnGrid,
)
from linli.territory.redrawing import rules
from linli.territory.redrawings import APPROVALS, Outcome

log = logging.getLogger(__name__)

_KINDS = ("split", "cut", "merge", "move", "rename", "confirm")
_MOST_GRIDS = 999
_SAME_METRES = 1.0  # square metres by which a change may differ on its day from what was approved
_SUBJECT = "territory.redrawing"


def begin_redrawing(actor: Actor, community: str, *, title: str, reason: str = "") -> Redrawing:
    """Begin a change of the micro-grids of a community: an empty draft.

    Args:
        actor: needs the verb ``redrawing.draw``.
        community: its path.
        title: what it is about, up to 80 characters.
        reason: why, up to 400.

    Raises:
        NotFound: there is no such community, or not in the actor's reach.
        Invalid: it has no title.
    """
    policy.require(actor, "redrawing.draw", policy.Spot(community))
    area = queries.area_at(community)
    if area.level != Level.COMMUNITY:
        raise Invalid("redrawing.community", _("Micro-grids are changed community by community."), field="community")
    now = time.now()
    with transaction.atomic():
        made = Redrawing.objects.create(
            district=area.district, area=area, area_path=area.path, title=_title(title), reason=reason.strip()[:400],
            begun_by=actor.account_id, begun_at=now, changed_at=now,
        )  # fmt: skip
        _enter(actor, made, RedrawingVerb.BEGIN)
    return made


def describe(
    actor: Actor, redrawing_id: UUID, *, district: str, version: int, title: str, reason: str, holds_from: date | None
) -> Redrawing:
    """Say what a draft is about, why, and from which day it is to hold.

    Raises:
        NotFound, Forbidden, Conflict, Stale: as for :func:`add_step`.
        Invalid: it has no title, or the day is not one to come.
    """
    with transaction.atomic():
        found = _editable(actor, redrawing_id, district=district, version=version)
        if holds_from is not None:
            _check_day(holds_from)
        found.title, found.reason, found.holds_from = _title(title), reason.strip()[:400], holds_from
        return _save(found)


def add_step(actor: Actor, redrawing_id: UUID, *, district: str, version: int, step: Mapping[str, Any]) -> Redrawing:
    """Draw one step: split, cut, merge, move, rename, confirm or outlines.

    Args:
        actor: needs the verb ``redrawing.draw``.
        version: of the change as the actor saw it.
        step: as :func:`clean_step` takes it.

    Raises:
        NotFound: there is no such change.
        Forbidden: the actor may not draw.
        Conflict: it is proposed already.
        Stale: somebody drew meanwhile.
        Invalid: the step is none, or cannot be done.
    """
    plain = clean_step(step)
    with transaction.atomic():
        found = _editable(actor, redrawing_id, district=district, version=version)
        if len(found.steps) >= rules().most_steps:
            raise Invalid("redrawing.many_steps", _("This change has as many steps as one may have."), field="step")
        return _save(_drawn(found, [*found.steps, plain]))


def take_back_step(actor: Actor, redrawing_id: UUID, *, district: str, version: int) -> Redrawing:
    """Take the last step of a draft back.

    Raises:
        NotFound, Forbidden, Conflict, Stale: as for :func:`add_step`.
    """
    with transaction.atomic():
        found = _editable(actor, redrawing_id, district=district, version=version)
        if not found.steps:
            raise Conflict("redrawing.no_step", _("There is no step to take back."))
        return _save(_drawn(found, found.steps[:-1]))


def clean_step(step: Mapping[str, Any]) -> dict[str, Any]:
    """A step with nothing in it but what belongs there.

    Args:
        step: ``do`` and, by its kind: ``grid``, ``grids``, ``line`` ([[lng, lat], …] in degrees), ``lines``, ``name``, ``names``,
            ``features``.

    Raises:
        Invalid: something is missing or of another kind.
    """
    kind = step.get("do")
    if kind == "outlines":
        return {"do": kind, "features": _features(step.get("features"))}
    if kind not in _KINDS:
        raise Invalid("redrawing.step", _("There is no such step."), field="do")
    plain: dict[str, Any] = {"do": kind}
    if kind in ("split", "rename"):
        plain["grid"] = _word(step.get("grid"), 48, "grid")
        if not plain["grid"]:
            raise Invalid("redrawing.grid", _("Please choose a micro-grid."), field="grid")
    else:
        grids = step.get("grids") or []
        if not isinstance(grids, list | tuple) or len(grids) > _MOST_GRIDS:
            raise Invalid("redrawing.grids", _("Please choose the micro-grids."), field="grids")
        plain["grids"] = [_word(one, 48, "grids") for one in grids]
    if kind == "cut":
        plain["lines"] = _lines(step.get("lines"))
    if kind in ("split", "move"):
        plain["line"] = _line(step.get("line"), least=2, most=rules().most_points)
    if kind == "split":
        plain["names"] = [_word(one, 80, "names") for one in (step.get("names") or [])[:8]]
    if kind in ("merge", "rename"):
        plain["name"] = _word(step.get("name") or "", 80, "name")
    if kind == "rename" and not plain["name"]:
        raise Invalid("redrawing.name", _("A micro-grid needs a name."), field="name")
    return plain


def propose(actor: Actor, redrawing_id: UUID, *, district: str, version: int) -> Redrawing:
    """Propose a draft: from now on it cannot be drawn at, and no other change can be proposed for its grids.

    Raises:
        NotFound, Forbidden, Conflict, Stale: as for :func:`add_step`; Conflict too when another proposal holds one of its grids.
        Invalid: it changes nothing, has no reason or day, or something is found that must not be; ``extra`` holds the findings.
    """
    with transaction.atomic():
        found = _editable(actor, redrawing_id, district=district, version=version)
        if not found.reason:
            raise Invalid("redrawing.reason", _("Please say why, for those who decide."), field="reason")
        if found.holds_from is None:
            raise Invalid("redrawing.day", _("Please name the day from which it holds."), field="holds_from")
        _check_day(found.holds_from)
        _drawn(found, found.steps)
        _refuse_wrong(found)
        if not found.ended and not found.confirmed:
            raise Invalid("redrawing.nothing", _("Nothing is changed or confirmed yet."), field="steps")
        held = RedrawnGrid.objects.filter(district=found.district, path__in=[*found.ended, *found.confirmed])
        if first := held.select_related("redrawing").order_by("path").first():
            raise _taken(first.path, first.redrawing.title)
        try:
            with transaction.atomic():
                RedrawnGrid.objects.bulk_create(
                    RedrawnGrid(district=found.district, redrawing=found, path=path)
                    for path in [*found.ended, *found.confirmed]
                )
        except IntegrityError as problem:
            raise _taken(found.ended[0] if found.ended else found.confirmed[0], "") from problem
        if found.state == RedrawingState.SENT_BACK:
            found.round += 1
        found.state = RedrawingState.PROPOSED
        _save(found)
        _enter(actor, found, RedrawingVerb.PROPOSE)
    return found


def approve(
    actor: Actor, redrawing_id: UUID, *, district: str, version: int, words: str = "", holds_from: date | None = None
) -> Redrawing:
    """Approve what waits for the actor's level; after the district's approval it holds on its day.

    Args:
        actor: needs ``redrawing.approve_community``, ``…_subdistrict`` or ``…_district``, and has not acted in this round.
        holds_from: a later day, when the one proposed has come too near.

    Raises:
        NotFound: there is no such change.
        Forbidden: it is not the actor's turn, or the same person acted before.
        Conflict: it waits for nobody, or the ground has changed under it.
        Stale: somebody decided meanwhile.
        Invalid: the day is not one to come.
    """
    with transaction.atomic():
        found, after = _to_decide(actor, redrawing_id, district=district, version=version)
        if holds_from is not None:
            if holds_from < cast("date", found.holds_from):
                raise Invalid(
                    "redrawing.earlier", _("The day can be put off, not brought forward."), field="holds_from"
                )
            found.holds_from = holds_from
        _check_day(cast("date", found.holds_from))
        if not _still_same(found, redrawings.outcome(found.area_path, found.steps)):
            raise _ground_changed()
        found.state = after
        _save(found)
        _enter(actor, found, RedrawingVerb.APPROVE, words)
    return found


def send_back(actor: Actor, redrawing_id: UUID, *, district: str, version: int, words: str) -> Redrawing:
    """Send what waits for the actor's level back to those who drew it, with a reason.

    Raises:
        NotFound, Forbidden, Conflict, Stale: as for :func:`approve`.
        Invalid: there is no reason.
    """
    if not words.strip():
        raise Invalid("redrawing.words", _("Please say what is to be mended."), field="words")
    with transaction.atomic():
        found, _after = _to_decide(actor, redrawing_id, district=district, version=version)
        _return(actor, found, words.strip()[:400])
    return found


def withdraw(actor: Actor, redrawing_id: UUID, *, district: str, version: int) -> Redrawing:
    """Give a change up that is not in force yet.

    Raises:
        NotFound, Forbidden, Stale: as for :func:`add_step`.
        Conflict: it is in force or withdrawn already.
    """
    with transaction.atomic():
        found = _load(actor, redrawing_id, district=district, version=version)
        policy.require(actor, "redrawing.draw", found, view="redrawing.view")
        if found.state not in (*EDITABLE, *WAITING):
            raise Conflict("redrawing.over", _("This change is over already."))
        found.state = RedrawingState.WITHDRAWN
        _save(found)
        found.grids.all().delete()
        _enter(actor, found, RedrawingVerb.WITHDRAW)
    return found


def put_in_force() -> int:
    """Put one change in force whose day has come, or send it back when the ground has changed under it. Returns how many."""
    due = Redrawing.objects.filter(state=RedrawingState.DISTRICT, holds_from__lte=time.today())
    for district, redrawing_id in due.order_by("holds_from", "id").values_list("district", "id"):
        with transaction.atomic():
            found = due.select_for_update(skip_locked=True).filter(district=district, id=redrawing_id).first()
            if found is None:
                continue
            try:
                with transaction.atomic():
                    done = _put_in_force(found)
            except LinliError as problem:
                found.refresh_from_db()
                with override("zh-hans"):
                    _return(SYSTEM, found, str(problem.message))
                done = True
            if done:
                return 1
    return 0


def _put_in_force(found: Redrawing) -> bool:
    """One change, in the transaction that is open; false when it has to wait for tomorrow."""
    sheet, homes = redrawings.sheet_of(found.area_path)
    now = redrawings.outcome_on(sheet, homes, found.steps)
    if not _still_same(found, now):
        raise _ground_changed()
    try:
        areas = {area.path: area for area in lock_grids(found.ended)} if found.ended else {}
    except Conflict:
        log.info("redrawing waits a day", extra={"redrawing": str(found.id)})
        return False
    today = time.today()
    begun: dict[str, Area] = {}
    outlines = {}
    for piece in now.pieces:
        like = next(area for path, area in sorted(areas.items()) if path.rpartition("/")[0] == piece["parent"])
        outlines[piece["key"]] = shapely.Polygon(piece["outline"])
        begun[piece["key"]] = begin(like, outlines[piece["key"]], piece["name"], piece["households"], verified_on=today)
    if areas:
        end(list(areas.values()))
        for spot, ends in sheet.added().items():
            insert_point(spot, ends, besides=begun.values())
        share_out(list(areas), list(begun.values()), [outlines[key] for key in begun])
        carry_dwellings(found.district, list(areas))
    for group in _groups(now.pieces):
        ended = sorted({path for piece in group for path in piece["follows"]})
        follows = {path: [begun[piece["key"]] for piece in group if path in piece["follows"]] for path in ended}
        announce(SYSTEM, ended, [begun[piece["key"]] for piece in group], follows=follows)
    Area.objects.filter(district=found.district, path__in=found.confirmed, valid_to__isnull=True).update(
        verified_on=today
    )
    mark_changed()
    found.pieces = [piece | {"path": begun[piece["key"]].path} for piece in now.pieces]
    found.findings = now.findings
    found.state, found.applied_on = RedrawingState.APPLIED, today
    _save(found)
    found.grids.all().delete()
    _enter(SYSTEM, found, RedrawingVerb.APPLY)
    return True


def _groups(pieces: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """New grids that follow the same old ones, directly or by way of others, together."""
    groups: list[tuple[set[str], list[dict[str, Any]]]] = []
    for piece in pieces:
        paths, together = set(piece["follows"]), [piece]
        for group in [group for group in groups if group[0] & paths]:
            groups.remove(group)
            paths |= group[0]
            together = [*group[1], *together]
        groups.append((paths, together))
    return [together for _paths, together in groups]


def _still_same(found: Redrawing, now: Outcome) -> bool:
    """Whether the steps come to the same on the ground of today as when they were proposed."""
    if now.refused or now.ended != found.ended or now.confirmed != found.confirmed:
        return False
    before = {piece["key"]: piece for piece in found.pieces}
    if before.keys() != {piece["key"] for piece in now.pieces}:
        return False
    for piece in now.pieces:
        _lng, lat = piece["outline"][0]
        scale = 111_320.0, 111_320.0 * math.cos(math.radians(lat))
        old, new = shapely.Polygon(before[piece["key"]]["outline"]), shapely.Polygon(piece["outline"])
        if old.symmetric_difference(new).area * scale[0] * scale[1] > _SAME_METRES:
            return False
    return True


def _return(actor: Actor, found: Redrawing, words: str) -> None:
    found.state = RedrawingState.SENT_BACK
    _save(found)
    found.grids.all().delete()
    _enter(actor, found, RedrawingVerb.SEND_BACK, words)


def _to_decide(actor: Actor, redrawing_id: UUID, *, district: str, version: int) -> tuple[Redrawing, RedrawingState]:
    found = _load(actor, redrawing_id, district=district, version=version)
    if (state := RedrawingState(found.state)) not in APPROVALS:
        raise Conflict("redrawing.not_waiting", _("This change waits for no decision."))
    verb, after = APPROVALS[state]
    policy.require(actor, verb, found, view="redrawing.view")
    if not redrawings.waits_for(actor, found):
        raise Forbidden(
            "redrawing.another_person",
            _("You have proposed or approved this change yourself; each level needs another person."),
        )
    return found, after


def _load(actor: Actor, redrawing_id: UUID, *, district: str, version: int) -> Redrawing:
    found = Redrawing.objects.select_for_update().filter(district=district, id=redrawing_id).first()
    if found is None or not policy.allows(actor, "redrawing.view", found):
        raise NotFound("redrawing.none", _("There is no such change of micro-grids."))
    if found.version != version:
        raise Stale(
            "stale",
            _("Somebody changed this meanwhile."),
            mend=_("Look at it again, then decide."),
            extra={"version": found.version, "state": found.state},
        )
    return found


def _editable(actor: Actor, redrawing_id: UUID, *, district: str, version: int) -> Redrawing:
    found = _load(actor, redrawing_id, district=district, version=version)
    policy.require(actor, "redrawing.draw", found, view="redrawing.view")
    if found.state not in EDITABLE:
        raise Conflict(
            "redrawing.proposed",
            _("This change is proposed and cannot be drawn at."),
            mend=_("Who decides can send it back."),
        )
    return found


def _drawn(found: Redrawing, steps: Sequence[dict[str, Any]]) -> Redrawing:
    now = redrawings.outcome(found.area_path, steps)
    found.steps = [
        step | {"made": made} | ({"left": left} if step["do"] == "cut" else {})
        for step, made, left in zip(steps, now.made, now.left, strict=True)
    ]
    found.pieces, found.ended = now.pieces, now.ended
    found.confirmed, found.findings = now.confirmed, now.findings
    return found


def _refuse_wrong(found: Redrawing) -> None:
    wrong = [one for one in found.findings if one["refuses"]]
    if wrong:
        raise Invalid(
            "redrawing.wrong",
            _("The grids are not a partition yet: gaps, overlaps, slivers or dwellings without a grid are left."),
            field="steps",
            mend=_("Each finding shows its place."),
            extra={"findings": wrong},
        )


def _save(found: Redrawing) -> Redrawing:
    found.version += 1
    found.changed_at = time.now()
    found.save()
    return found


def _enter(actor: Actor, found: Redrawing, verb: RedrawingVerb, words: str = "") -> None:
    RedrawingEntry.objects.create(
        district=found.district, redrawing=found, round=found.round, verb=verb, state=found.state, at=time.now(),
        account_id=actor.account_id, post_id=actor.post_id, role=actor.role, name=actor.name[:80], words=words.strip()[:400],
    )  # fmt: skip
    if verb != RedrawingVerb.BEGIN:
        audit.record(actor, f"redrawing.{verb}", subject_type=_SUBJECT, subject_id=found.id, district=found.district)
    events.append(
        f"redrawing.{verb}", subject_type=_SUBJECT, subject_id=found.id, sequence=found.version, district=found.district,
        area_path=found.area_path, actor=actor,
        data={"state": found.state, "holds_from": found.holds_from.isoformat() if found.holds_from else None},
    )  # fmt: skip


def _ground_changed() -> Conflict:
    return Conflict(
        "redrawing.ground_changed",
        _("The ground has changed since this was proposed; it must be drawn anew."),
        mend=_("Send it back, so that it is drawn anew."),
    )


def _taken(path: str, title: str) -> Conflict:
    return Conflict(
        "redrawing.taken",
        _("Another change waits on %(path)s: %(title)s") % {"path": path, "title": title},
        field="grids",
        mend=_("Wait until it is decided, or have it sent back."),
        extra={"path": path},
    )


def _title(text: str) -> str:
    if not text.strip():
        raise Invalid("redrawing.title", _("Please give the change a title."), field="title")
    return text.strip()[:80]


def _check_day(day: date) -> None:
    today = time.today()
    if not today < day <= today + timedelta(days=rules().days_ahead):
        raise Invalid(
            "redrawing.bad_day",
            _("The day from which it holds lies between tomorrow and a year ahead."),
            field="holds_from",
        )


def _word(text: Any, most: int, field: str) -> str:
    if not isinstance(text, str) or len(text) > most or not text.isprintable():
        raise Invalid("redrawing.text", _("This is not a text of the right length."), field=field)
    return text.strip()


def _line(points: Any, *, least: int, most: int) -> list[list[float]]:
    try:
        line = [[float(lng), float(lat)] for lng, lat, *_height in points]
    except (TypeError, ValueError) as problem:
        raise _bad_line() from problem
    if not least <= len(line) <= most or not all(-180 <= x <= 180 and -90 <= y <= 90 for x, y in line):
        raise _bad_line()
    return line


def _lines(lines: Any) -> list[list[list[float]]]:
    """The lines of a step ``cut``."""
    if not isinstance(lines, list | tuple) or not 1 <= len(lines) <= rules().most_lines:
        raise Invalid(
            "redrawing.lines",
            _("One step cuts along one to %(most)s lines.") % {"most": rules().most_lines},
            field="line",
            mend=_("Send the roads that you mean, each joined to one line."),
        )
    most = rules().most_line_points
    plain = []
    for one in lines:
        line = _line(one, least=2, most=most)
        most -= len(line)
        plain.append(line)
    return plain


def _bad_line() -> Invalid:
    return Invalid(
        "redrawing.bad_line",
        _("This is not a line on a map."),
        field="line",
        mend=_("Give longitude and latitude of two points or more, in degrees (WGS 84)."),
    )


def _features(features: Any) -> list[dict[str, Any]]:
    if not isinstance(features, list | tuple) or not 1 <= len(features) <= _MOST_GRIDS:
        raise Invalid("redrawing.features", _("The file holds no outlines, or too many."), field="file")
    most = rules().most_file_points
    plain = []
    for one in features:
        if not isinstance(one, Mapping):
            raise Invalid("redrawing.features", _("The file holds no outlines, or too many."), field="file")
        outline = _line(one.get("outline"), least=3, most=most)
        if outline[0] == outline[-1]:
            outline.pop()
        most -= len(outline)
        plain.append(
            {"grid": _word(one.get("grid") or "", 48, "grid"), "name": _word(one.get("name") or "", 80, "name"), "outline": outline}
        )  # fmt: skip
    return plain
