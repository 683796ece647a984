"""Points at the desk: what waits for confirmation, objections, attendance sheets, rewards. Never anybody's balance."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.cases import queries as cases
from linli.desk.frame import P, actor_of, address, refuse, views_of
from linli.kernel import ids, time
from linli.kernel.errors import Invalid, LinliError, NotFound, SignInNeeded
from linli.kernel.trust import Actor, Role, policy
from linli.ledger import queries
from linli.ledger.actions import claiming, objecting, rewarding, suspending
from linli.ledger.book import Source
from linli.ledger.models import EntryKind, Per
from linli.ledger.rules import terms
from linli.people import pages
from linli.territory import queries as territory
from linli.ui import undo
from linli.ui.casework import points as shown
from linli.ui.casework.names import language
from linli.ui.casework.points import RuleNames, day_of, id_of, key_of

TABS = (
    ("claims", "points.confirm", "clipboard-check"),
    ("objections", "points.review", "scale"),
    ("suspensions", "points.lift", "lock"),
    ("rewards", "points.keep_rewards", "package"),
)

PointsView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def post_with(*verbs: str) -> Callable[[PointsView[P]], PointsView[P]]:
    """Let posts in that have a row of the policy table for one of these; a refusal of the house becomes a page."""

    def guard(view: PointsView[P]) -> PointsView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            actor = actor_of(request)
            home = "" if views_of(actor) else "/"
            if actor.role == Role.ANONYMOUS:
                return pages.to_sign_in(request)
            try:
                if not any(policy.reach(actor, verb) for verb in verbs):
                    return refuse(
                        request, status=403, title=_("This page is for other posts"),
                        text=_("Points are confirmed and reviewed by the posts that the rules name."), home=home,
                    )  # fmt: skip
                return view(request, *args, **kwargs)
            except SignInNeeded:
                return pages.to_sign_in(request)
            except NotFound as error:
                return refuse(request, status=404, title=str(error.message), text=str(error.mend), home=home)
            except LinliError as error:
                return refuse(request, status=error.status, title=str(error.message), text=str(error.mend), home=home)

        return guarded

    return guard


def _draw(
    request: HttpRequest, name: str, context: dict[str, Any], errors: list[LinliError] | None = None
) -> HttpResponse:
    found = errors or []
    actor = actor_of(request)
    more = {
        "back": address("points"),
        "home": address("inbox") if views_of(actor) else "",
        "errors": found,
        "wrong": {error.field: str(error.message) for error in found if error.field},
        "sent": request.POST,
    }
    return render(request, f"desk/points/{name}.html", more | context, status=found[0].status if found else 200)


def _tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    labels = {
        "claims": _("To confirm"),
        "objections": _("Objections"),
        "suspensions": _("Suspended"),
        "rewards": _("Rewards"),
    }
    return [
        {
            "label": labels[name],
            "icon": icon,
            "href": address("points", query={"view": name}),
            "current": name == current,
        }
        for name, verb, icon in TABS
        if policy.reach(actor, verb)
    ]


@post_with("points.confirm", "points.review", "points.lift", "points.keep_rewards")
@never_cache
@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for this post."""
    actor = actor_of(request)
    offered = [name for name, verb, _icon in TABS if policy.reach(actor, verb)]
    view = request.GET.get("view", "")
    view = view if view in offered else offered[0]
    context: dict[str, Any] = {
        "tabs": _tabs(actor, view),
        "view": view,
        "may_sheet": bool(_sheet_rules(actor)),
        "may_charge": bool(_charge_rules(actor)),
        "may_hand_out": bool(policy.reach(actor, "points.hand_out")),
    }
    if view == "claims":
        context["rows"] = _claim_rows(actor)
    elif view == "objections":
        names = RuleNames()
        context["rows"] = [
            {
                "href": address("points-objection", one.id),
                "title": names.called(one.entry.rule, one.entry.rules_number),
                "place": territory.place_name(one.area_path),
                "due_at": one.due_at,
                "late": one.due_at <= time.now(),
            }
            for one in queries.objections_open(actor)
        ]
    elif view == "suspensions":
        waiting = queries.suspensions(actor)
        people = queries.people_of(one.owner_id for one in waiting)
        context["rows"] = [
            {
                "href": address("points-suspension", one.id),
                "title": people.get(one.owner_id) or _("A resident"),
                "place": territory.place_name(one.area_path),
                "at": one.begun_at,
                "late": False,
                "lift_asked": one.lift_asked_by is not None,
            }
            for one in waiting
        ]
    else:
        context["rows"] = [
            {
                "href": address("points-reward", one.id), "title": one.called(language()), "place": one.place,
                "price": one.price, "stock": one.stock, "offered": one.offered,
            }
            for one in queries.rewards_kept(actor)
        ]  # fmt: skip
    return _draw(request, "queue", context)


def _claim_rows(actor: Actor) -> list[dict[str, Any]]:
    names, waiting = RuleNames(), queries.claims_waiting(actor)
    numbers, people = shown.cases_of(actor, waiting), queries.people_of(one.owner_id for one in waiting)
    return [
        {
            "href": address("points-claim", one.id),
            "title": names.called(one.rule, one.rules_number),
            "label": one.subject_label or numbers.get(one.subject_id, ""),
            "who": people.get(one.owner_id) or _("A resident"),
            "place": territory.place_name(one.area_path),
            "takes_away": one.takes_away,
            "at": one.asked_at,
        }
        for one in waiting
    ]


@post_with("points.confirm")
@never_cache
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest, claim_id: UUID) -> HttpResponse:
    """One claim: confirm it, or refuse it with a reason."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    found = queries.claim(actor, claim_id)
    policy.require(actor, "points.confirm", found)
    if request.method == "POST":
        try:
            grant = request.POST.get("grant", "")
            if grant not in ("yes", "no"):
                raise Invalid("points.grant", _("Choose one of the two."), field="grant")
            claiming.decide(actor, claim_id, grant=grant == "yes", reason=request.POST.get("reason", ""))
            undo.done(request, _("Confirmed.") if grant == "yes" else _("Not confirmed; the person reads your reason."))
            return HttpResponseRedirect(address("points", query={"view": "claims"}))
        except LinliError as error:
            errors.append(error)
    names = RuleNames()
    rule = names.rule(found.rule, found.rules_number)
    number = shown.cases_of(actor, [found]).get(found.subject_id, "")
    context = {
        "claim": found,
        "title": names.called(found.rule, found.rules_number),
        "who": queries.people_of([found.owner_id]).get(found.owner_id) or _("A resident"),
        "place": territory.place_name(found.area_path),
        "words": queries.words_of(found),
        "points": shown.signed(rule.points * (found.quantity if rule.per == Per.HOUR else 1)) if rule else "",
        "note": rule.noted(language()) if rule else "",
        "number": number,
        "case_href": address("case", number) if number else "",
        "may": queries.may_confirm(actor, found) and found.state == "waiting",
    }
    return _draw(request, "claim", context, errors)


@post_with("points.review")
@never_cache
@require_http_methods(["GET", "POST"])
def objection(request: HttpRequest, objection_id: UUID) -> HttpResponse:
    """One objection and the one entry that it is about; each look is written down for the person to read."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            upheld = request.POST.get("upheld", "")
            if upheld not in ("yes", "no"):
                raise Invalid("points.upheld", _("Choose one of the two."), field="upheld")
            objecting.answer(
                actor, objection_id, upheld=upheld == "yes", words=request.POST.get("words", ""),
                points=request.POST.get("points", "") or 0,
            )  # fmt: skip
            undo.done(request, _("Answered; the person reads your words."))
            return HttpResponseRedirect(address("points", query={"view": "objections"}))
        except LinliError as error:
            errors.append(error)
    found, words = objecting.read(actor, objection_id)
    names = RuleNames()
    number = shown.cases_of(actor, [found.entry]).get(found.entry.subject_id, "")
    context = {
        "objection": found,
        "row": shown.row_of(found.entry, names),
        "why": shown.why(found.entry),
        "words": words,
        "open": found.state == "open",
        "gives_points": found.entry.kind in (EntryKind.AWARD, EntryKind.CORRECTION),
        "number": number,
        "case_href": address("case", number) if number else "",
    }
    return _draw(request, "objection", context, errors)


@post_with("points.lift")
@never_cache
@require_http_methods(["GET", "POST"])
def suspension(request: HttpRequest, suspension_id: UUID) -> HttpResponse:
    """One suspension: ask that it be lifted, or agree as the second person."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    found = queries.suspension(actor, suspension_id)
    if request.method == "POST":
        try:
            if found.lift_asked_by is None:
                suspending.ask_lift(actor, suspension_id, words=request.POST.get("words", ""))
                undo.done(request, _("It waits for a second person. Nothing has changed yet."))
            else:
                suspending.lift(actor, suspension_id)
                undo.done(request, _("Lifted: from now on the account gains points again."))
            return HttpResponseRedirect(address("points", query={"view": "suspensions"}))
        except LinliError as error:
            errors.append(error)
    context = {
        "suspension": found,
        "who": queries.people_of([found.owner_id]).get(found.owner_id) or _("A resident"),
        "why": RuleNames().called(found.rule, found.entry.rules_number),
        "place": territory.place_name(found.area_path),
        "words": queries.words_of(found, "lift_words"),
        "asked": found.lift_asked_by is not None,
        "may": found.state == "in_force" and found.lift_asked_by != actor.account_id,
    }
    return _draw(request, "suspension", context, errors)


def _sheet_rules(actor: Actor) -> list[tuple[str, str]]:
    if not policy.reach(actor, "points.confirm"):
        return []
    return [
        (one.code, f"{one.called(language())} ({shown.signed(one.points)} / {Per(one.per).label})")
        for one in queries.rules_at().rules.values()
        if one.by_hand == "hand" and str(actor.role) in one.confirmers
    ]


def _charge_rules(actor: Actor) -> list[tuple[str, str]]:
    if not policy.reach(actor, "points.charge"):
        return []
    return [
        (one.code, f"{one.called(language())} ({shown.signed(one.points)})")
        for one in queries.rules_at().rules.values()
        if one.by_hand == "charge" and str(actor.role) in one.confirmers
    ]


@post_with("points.confirm")
@never_cache
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest) -> HttpResponse:
    """A host's sheet: what it was, and who was there."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            made = claiming.confirm_attendance(
                actor, key_of(request), rule=request.POST.get("rule", ""), on=day_of(request.POST.get("on", "")),
                title=request.POST.get("title", ""), people=[id_of(one) for one in request.POST.getlist("people")],
                quantity=request.POST.get("quantity", "") or 1,
            )  # fmt: skip
            said = ngettext("%(n)d person got points.", "%(n)d people got points.", len(made)) % {"n": len(made)}
            undo.done(request, said)
            return HttpResponseRedirect(address("points"))
        except LinliError as error:
            errors.append(error)
    chosen = set(request.POST.getlist("people"))
    context = {
        "rules": _sheet_rules(actor),
        "key": request.POST.get("key", "") or str(ids.new_id()),
        "on": request.POST.get("on", "") or time.today().isoformat(),
        "most": terms().most_quantity,
        "people": [
            {"id": str(account), "name": name, "place": territory.full_name(path), "chosen": str(account) in chosen}
            for account, name, path in queries.members_within(actor)
        ],
    }
    return _draw(request, "sheet", context, errors)


@post_with("points.charge")
@never_cache
@require_http_methods(["GET", "POST"])
def charge(request: HttpRequest) -> HttpResponse:
    """Say that points are to be taken away; a second person decides."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            number, rule = request.POST.get("number", ""), request.POST.get("rule", "")
            case = cases.get(actor, number)
            owner = (
                queries.finder_of(case.district, case.id)
                if rule == "false_report"
                else queries.member_named(actor, request.POST.get("login", ""))
            )
            if owner is None:
                raise Invalid(
                    "points.no_finder", _("No grid member and no account stands behind this report."), field="number"
                )
            where = Source(case.district, case.area_path, "case", case.id, case.reported_at)
            claiming.charge(actor, owner, rule=rule, source=where, words=request.POST.get("words", ""))
            undo.done(request, _("It waits for a second person. Nothing has been taken yet."))
            return HttpResponseRedirect(address("points"))
        except NotFound as error:
            errors.append(Invalid(error.code, error.message, field="number"))
        except LinliError as error:
            errors.append(error)
    rules = _charge_rules(actor)
    context = {
        "rules": rules,
        "number": request.POST.get("number", "") or request.GET.get("number", "")[:20],
        "asks_login": any(code != "false_report" for code, _label in rules),
    }
    return _draw(request, "charge", context, errors)


@post_with("points.keep_rewards")
@never_cache
@require_http_methods(["GET", "POST"])
def new_reward(request: HttpRequest) -> HttpResponse:
    """Offer a new reward."""
    errors: list[LinliError] = []
    if request.method == "POST":
        try:
            rewarding.offer(actor_of(request), key_of(request), **_reward_values(request))
            undo.done(request, _("It is offered now."))
            return HttpResponseRedirect(address("points", query={"view": "rewards"}))
        except LinliError as error:
            errors.append(error)
    context = {"key": request.POST.get("key", "") or str(ids.new_id()), "values": request.POST, "reward": None}
    return _draw(request, "reward", context, errors)


@post_with("points.keep_rewards")
@never_cache
@require_http_methods(["GET", "POST"])
def reward(request: HttpRequest, reward_id: UUID) -> HttpResponse:
    """Change a reward, its stock, or whether it is offered."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    found = next((one for one in queries.rewards_kept(actor) if one.id == reward_id), None)
    if found is None:
        raise queries.missing()
    if request.method == "POST":
        try:
            version = request.POST.get("version", "")
            rewarding.change(
                actor, reward_id, version=int(version) if version.isdigit() and len(version) < 10 else 0,
                offered=request.POST.get("offered") == "on", **_reward_values(request),
            )  # fmt: skip
            undo.done(request, _("Kept."))
            return HttpResponseRedirect(address("points", query={"view": "rewards"}))
        except LinliError as error:
            errors.append(error)
    values: Any = request.POST if errors else found
    return _draw(request, "reward", {"values": values, "reward": found, "version": found.version}, errors)


def _reward_values(request: HttpRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in ("name_zh", "name_en", "place", "price", "stock")}


@post_with("points.hand_out")
@never_cache
@require_http_methods(["GET", "POST"])
def hand_out(request: HttpRequest) -> HttpResponse:
    """Somebody shows a code: see what it is for, then hand it over."""
    actor = actor_of(request)
    errors: list[LinliError] = []
    found = None
    try:
        if request.method == "POST" and request.POST.get("redemption"):
            done = rewarding.hand_out(actor, id_of(request.POST["redemption"]))
            undo.done(request, _("%(reward)s is handed over.") % {"reward": done.reward.called(language())})
            return HttpResponseRedirect(address("points-hand-out"))
        if request.method == "POST":
            found = queries.redemption_by_code(actor, request.POST.get("code", ""))
    except LinliError as error:
        errors.append(Invalid(error.code, error.message, field="code", mend=error.mend))
    context = {
        "found": found,
        "reward": found.reward.called(language()) if found else "",
        "code": request.POST.get("code", "") if errors else "",
    }
    return _draw(request, "hand_out", context, errors)
