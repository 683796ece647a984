"""Articles: one person writes, another lets it through, dated and versioned; nothing shows before that."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from linli.catalog import queries as catalog
from linli.catalog import words as texts
from linli.hotline import queries, rules
from linli.hotline.models import NOBODY, Article, ArticleVersion, VersionState
from linli.kernel import ids, time
from linli.kernel.errors import Conflict, Invalid, NotFound
from linli.kernel.trust import SYSTEM, Actor, audit, policy
from linli.people.snapshot import changed

"""Who wrote the articles that come with Linli."""
CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST = {"title_zh": 80, "title_en": 120, "body_zh": 2_000, "body_en": 3_000}


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody wrote of an article.

    Args:
        code: small letters, figures and hyphens, such as ``bulky-waste``; for ever.
        title_zh, title_en: up to 80 and 120 characters.
        body_zh, body_en: what to say, up to 2,000 and 3,000 characters; an empty line parts paragraphs.
        words: everyday words that it is found by.
        categories: codes of the catalogue that it belongs to.
        look_again_on: the day on which somebody should read it again.
    """

    code: str
    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    words: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    look_again_on: date | None = None


def write(actor: Actor, draft: Draft) -> ArticleVersion:
    """Propose an article, or a new version of one; it shows when another person lets it through.

    Raises:
        Invalid: a field is missing, too long or unknown.
        Conflict: a version of it waits for a decision already.
    """
    policy.require(actor, "article.write")
    _check(draft)
    with transaction.atomic():
        made = _add(draft, actor.account_id or NOBODY)
        audit.record(
            actor, "article.write", subject_type="article", subject_id=made.article_id, detail={"number": made.number}
        )
        changed(queries.STAMP)
    return made


def decide(actor: Actor, code: str, number: int, *, agree: bool, words: str = "") -> ArticleVersion:
    """Let a version through, or send it back with a reason; never by who wrote it.

    Raises:
        NotFound: there is no such version.
        Conflict: it is decided, or the actor wrote it.
        Invalid: it is sent back without a reason.
    """
    policy.require(actor, "article.review")
    reason = " ".join(words.split())[:500]
    if not agree and len(reason) < 2:
        raise Invalid("field.needed", _("Say what is to be put right."), field="words")
    with transaction.atomic():
        version = _version(code, number)
        if version.state != VersionState.WAITING:
            raise Conflict("article.decided", _("This version has been decided already."))
        if version.written_by == actor.account_id:
            raise Conflict("article.second_person", _("Whoever wrote it does not let it through."))
        if agree:
            ArticleVersion.objects.filter(article_id=code, state=VersionState.CURRENT).update(state=VersionState.PAST)
        version.state = VersionState.CURRENT if agree else VersionState.REFUSED
        version.decided_by, version.decided_at, version.decision = actor.account_id or NOBODY, time.now(), reason
        version.save()
        audit.record(
            actor, "article.decide", subject_type="article", subject_id=code, detail={"number": number, "agree": agree}
        )
        changed(queries.STAMP)
    return version


def withdraw(actor: Actor, code: str, *, reason: str) -> ArticleVersion:
    """Take an article that no longer holds out of the answers, at once and by one person; its versions stay.

    Raises:
        NotFound: nothing of it is in force.
        Invalid: no reason is given.
    """
    policy.require(actor, "article.review")
    words = " ".join(reason.split())[:500]
    if len(words) < 2:
        raise Invalid("field.needed", _("Say why it no longer holds."), field="words")
    with transaction.atomic():
        current = ArticleVersion.objects.select_for_update().filter(article_id=code, state=VersionState.CURRENT).first()
        if current is None:
            raise NotFound("article.none", _("There is no such article."))
        current.state, current.decision = VersionState.WITHDRAWN, words
        current.decided_by, current.decided_at = actor.account_id or NOBODY, time.now()
        current.save()
        audit.record(
            actor,
            "article.withdraw",
            subject_type="article",
            subject_id=code,
            detail={"number": current.number, "reason": words},
        )
        changed(queries.STAMP)
    return current


def load_articles(actor: Actor = SYSTEM) -> int:
    """Propose the articles that come with Linli, where none of that code is; repeating it changes nothing.

    They wait for somebody of the place to let them through: numbers and rules differ from city to city.

    Returns:
        How many are new.
    """
    policy.require(actor, "article.write")
    there = set(Article.objects.values_list("code", flat=True))
    made = 0
    with transaction.atomic():
        for row in rules.articles():
            if row["code"] in there:
                continue
            draft = Draft(
                code=row["code"], title_zh=row["title_zh"], title_en=row["title_en"], body_zh=row["body_zh"].strip(),
                body_en=row["body_en"].strip(), words=tuple(row["words"]), categories=tuple(row["categories"]),
            )  # fmt: skip
            _check(draft)
            _add(draft, NOBODY)
            made += 1
        if made:
            changed(queries.STAMP)
    return made


def let_all_through(actor: Actor) -> int:
    """Let every waiting article that comes with Linli through: after somebody has read them, or in a demo.

    Returns:
        How many.
    """
    waiting = ArticleVersion.objects.filter(state=VersionState.WAITING, written_by=NOBODY)
    found = list(waiting.order_by("article_id").values_list("article_id", "number"))
    for code, number in found:
        decide(actor, code, number, agree=True)
    return len(found)


def _version(code: str, number: int) -> ArticleVersion:
    found = ArticleVersion.objects.select_for_update().filter(article_id=code, number=number).first()
    if found is None:
        raise NotFound("article.none", _("There is no such article."))
    return found


def _add(draft: Draft, author: UUID) -> ArticleVersion:
    article, _new = Article.objects.get_or_create(code=draft.code)
    last = ArticleVersion.objects.filter(article=article).order_by("-number").values_list("number", flat=True).first()
    try:
        with transaction.atomic():
            return ArticleVersion.objects.create(
                id=ids.new_id(), article=article, number=(last or 0) + 1, title_zh=draft.title_zh, title_en=draft.title_en,
                body_zh=draft.body_zh, body_en=draft.body_en, words=list(draft.words), categories=list(draft.categories),
                search_text=search_text(draft), written_by=author, written_at=time.now(), look_again_on=draft.look_again_on,
            )  # fmt: skip
    except IntegrityError:
        raise Conflict(
            "article.waiting",
            _("A version of this article waits for a decision already."),
            mend=_("Decide on that one first."),
        ) from None


def search_text(draft: Draft) -> str:
    """What an article is searched in: all its words, made plain."""
    return texts.plain(" ".join((draft.title_zh, draft.title_en, *draft.words, draft.body_zh, draft.body_en)))


def _check(draft: Draft) -> None:
    if not CODE.fullmatch(draft.code) or len(draft.code) > 60:
        raise Invalid(
            "article.code",
            _("A code has small letters, figures and hyphens."),
            field="code",
            mend=_("For example bulky-waste."),
        )
    for name, most in LONGEST.items():
        text = getattr(draft, name)
        if len(text.strip()) < 2:
            raise Invalid("field.needed", _("This is needed, in both languages."), field=name)
        if len(text) > most:
            raise Invalid("field.too_long", _("Use at most %(most)d characters.") % {"most": most}, field=name)
    if unknown := _unknown(draft.categories):
        raise Invalid(
            "article.category",
            _("There is no such category: %(codes)s") % {"codes": ", ".join(sorted(unknown))},
            field="categories",
        )


def _unknown(codes: Iterable[str]) -> set[str]:
    known = catalog.current(district="")
    return {code for code in codes if code not in known}
