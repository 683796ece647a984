"""The articles: finding, reading, writing, letting through."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from linli.catalog import words as texts
from linli.hotline import queries
from linli.hotline.actions import articles
from linli.hotline.frame import actor_of, go, staff, tabs
from linli.hotline.models import ArticleVersion, VersionState
from linli.kernel import time
from linli.kernel.errors import Invalid, LinliError
from linli.kernel.trust import Actor, policy
from linli.ui import undo
from linli.ui.casework.names import catalogue_for, language

STATES = {
    VersionState.WAITING: ("soon", "hourglass"),
    VersionState.CURRENT: ("good", "circle-check"),
    VersionState.PAST: ("quiet", "archive"),
    VersionState.REFUSED: ("late", "rotate-ccw"),
    VersionState.WITHDRAWN: ("quiet", "ban"),
}


@staff("article.view")
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """What is known, by words; and what waits for a second person."""
    actor, words = actor_of(request), request.GET.get("q", "").strip()[:80]
    speech, today = language(), time.today()
    context = {
        "tabs": tabs(request, "articles"),
        "q": words,
        "rows": [
            {"code": one.code, "title": one.title(speech), "body": one.body(speech), "old": one.is_old(today),
             "categories": _names(actor, one.categories), "since": one.since}
            for one in queries.articles(actor, words)
        ],
        "waiting": [
            {"code": one.article_id, "number": one.number, "title": _title(one), "own": one.written_by == actor.account_id,
             "at": one.written_at}
            for one in queries.waiting(actor)
        ] if policy.reach(actor, "article.review") or policy.reach(actor, "article.write") else [],
        "may_write": bool(policy.reach(actor, "article.write")),
    }  # fmt: skip
    return render(request, "hotline/articles/list.html", context)


def _title(version: ArticleVersion) -> str:
    return version.title_zh if language().startswith("zh") else version.title_en


def _names(actor: Actor, codes: Any) -> list[str]:
    catalogue, speech = catalogue_for(actor.district), language()
    return [entry.called(speech) for entry in map(catalogue.get, codes) if entry is not None]


@staff("article.view")
@require_GET
def article(request: HttpRequest, code: str) -> HttpResponse:
    """One article: what holds, what waits for a second person, and every version before."""
    return _article(request, code)


def _article(
    request: HttpRequest, code: str, *, errors: list[LinliError] | None = None, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    versions = queries.article(actor, code)
    current = next((one for one in versions if one.state == VersionState.CURRENT), None)
    proposed = next((one for one in versions if one.state == VersionState.WAITING), None)
    shown = current or proposed or versions[0]
    context = {
        "tabs": tabs(request, "articles"),
        "code": code,
        "title": _title(shown),
        "current": _face(actor, current) if current else None,
        "proposed": _face(actor, proposed) if proposed else None,
        "may_decide": proposed is not None
        and proposed.written_by != actor.account_id
        and bool(policy.reach(actor, "article.review")),
        "may_withdraw": current is not None and bool(policy.reach(actor, "article.review")),
        "may_write": proposed is None and bool(policy.reach(actor, "article.write")),
        "versions": [
            {"number": one.number, "word": one.get_state_display(), "tone": STATES[VersionState(one.state)][0],
             "icon": STATES[VersionState(one.state)][1], "at": one.decided_at or one.written_at, "decision": one.decision}
            for one in versions
        ],
        "errors": errors or [],
        "wrong": {error.field: str(error.message) for error in errors or () if error.field},
    }  # fmt: skip
    return render(request, "hotline/articles/article.html", context, status=status)


def _face(actor: Actor, one: ArticleVersion) -> dict[str, Any]:
    return {
        "number": one.number, "title_zh": one.title_zh, "title_en": one.title_en, "body_zh": one.body_zh,
        "body_en": one.body_en, "words": one.words, "categories": _names(actor, one.categories), "at": one.written_at,
        "look_again_on": one.look_again_on,
    }  # fmt: skip


@staff("article.write")
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, code: str = "") -> HttpResponse:
    """Write an article, or a new version of one."""
    actor = actor_of(request)
    if request.method == "GET":
        return _form(request, code, _sent_of(queries.article(actor, code)[0]) if code else {})
    sent = request.POST
    try:
        made = articles.write(actor, _draft(sent, code))
    except LinliError as error:
        given = {name: sent.get(name, "") for name in sent}
        return _form(request, code, given, errors=[error], status=error.status)
    undo.done(request, _("Kept. It shows when somebody else has let it through."))
    return go(request, "article", made.article_id)


def _draft(sent: QueryDict, code: str) -> articles.Draft:
    day = sent.get("look_again_on", "").strip()
    try:
        look_again = date.fromisoformat(day) if day else None
    except ValueError:
        raise Invalid("field.day", _("This is no day."), field="look_again_on") from None
    return articles.Draft(
        code=code or sent.get("code", "").strip(),
        **{name: sent.get(name, "").replace("\r\n", "\n").strip() for name in articles.LONGEST},
        words=tuple(texts.split_words(sent.get("words", ""))),
        categories=tuple(one.upper() for one in texts.split_words(sent.get("categories", ""))),
        look_again_on=look_again,
    )


def _sent_of(version: ArticleVersion) -> dict[str, str]:
    return {
        "code": version.article_id, "title_zh": version.title_zh, "title_en": version.title_en, "body_zh": version.body_zh,
        "body_en": version.body_en, "words": texts.join_words(version.words),
        "categories": ", ".join(version.categories),
        "look_again_on": version.look_again_on.isoformat() if version.look_again_on else "",
    }  # fmt: skip


def _form(
    request: HttpRequest,
    code: str,
    sent: dict[str, str],
    *,
    errors: list[LinliError] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "tabs": tabs(request, "articles"),
        "code": code,
        "sent": {
            name: sent.get(name, "") for name in (*articles.LONGEST, "code", "words", "categories", "look_again_on")
        },
        "errors": errors or [],
        "wrong": {error.field: str(error.message) for error in errors or () if error.field},
    }
    return render(request, "hotline/articles/form.html", context, status=status)


@staff("article.review")
@require_POST
def decide(request: HttpRequest, code: str) -> HttpResponse:
    """Let a version through, or send it back."""
    number = request.POST.get("number", "")
    agree = request.POST.get("agree", "") == "yes"
    try:
        articles.decide(
            actor_of(request),
            code,
            int(number) if number.isdigit() and len(number) < 5 else 0,
            agree=agree,
            words=request.POST.get("words", ""),
        )
    except Invalid as error:
        return _article(request, code, errors=[error], status=422)
    undo.done(request, _("It shows from now on.") if agree else _("Sent back with your words."))
    return go(request, "article", code)


@staff("article.review")
@require_POST
def withdraw(request: HttpRequest, code: str) -> HttpResponse:
    """Take an article out of the answers."""
    try:
        articles.withdraw(actor_of(request), code, reason=request.POST.get("reason", ""))
    except Invalid as error:
        return _article(request, code, errors=[error], status=422)
    undo.done(request, _("Withdrawn: nobody is told it any more."))
    return go(request, "article", code)
