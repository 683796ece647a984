"""The desk's own writes: kept views, shared replies, who is writing where, and verbs on many cases at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from linli.cases import queries
from linli.cases.loop import Ref, require
from linli.cases.models import Case
from linli.cases.verbs import VERBS, Verb
from linli.desk.models import Batch, ReplyTemplate, SavedView, Writing
from linli.kernel import commands, live, time
from linli.kernel.db import district_of
from linli.kernel.errors import Conflict, Forbidden, Invalid, LinliError, NotFound
from linli.kernel.trust import Actor, policy
from linli.ui.casework import forms

MOST_VIEWS = 30
MOST_TEMPLATES = 60
WRITING_FOR = timedelta(seconds=45)
MOST_AT_ONCE = 200
PORTION = 10
"""How many cases of a batch are done in one request: long batches show how far they are."""
UNDO_FOR = timedelta(minutes=5)
"""Longer than the ten seconds of a message: the page of a batch is a list that wants to be read."""
BATCHES_KEPT = timedelta(days=30)
BULK = ("sign_in", "register", "start", "comment", "remind", "reclassify", "supervise", "lift_supervision")
"""The verbs whose inputs many cases can share."""
UNDOABLE = {"reclassify": "reclassify", "supervise": "lift_supervision", "lift_supervision": "supervise"}


def _name_of(text: str) -> str:
    name = " ".join(text.split())
    if not name:
        raise Invalid("field.needed", _("Give it a name."), field="name")
    if len(name) > 40:
        raise Invalid("field.too_long", _("Use at most 40 characters."), field="name")
    return name


def home_of(actor: Actor) -> str:
    """The district in which a post keeps its things."""
    return actor.district or district_of(actor.area_path)


def who(actor: Actor) -> UUID:
    """The account that acts; the desk is for people.

    Raises:
        Forbidden: nobody is behind it.
    """
    if actor.account_id is None:
        raise Forbidden("not_allowed", _("Your post may not do this."))
    return actor.account_id


# Kept views.


def keep_view(actor: Actor, *, name: str, query: Mapping[str, str], shared: bool) -> SavedView:
    """Keep a list under a name; ``shared`` shows it to everybody of the organisation.

    Raises:
        Invalid: without a name, or too many are kept.
        Forbidden: the post may not.
    """
    policy.require(actor, "desk.keep_view")
    found = SavedView.objects.filter(district=home_of(actor), account_id=who(actor))
    found.filter(removed_at__lt=time.now() - timedelta(days=1)).delete()
    if found.filter(removed_at__isnull=True).count() >= MOST_VIEWS:
        raise Invalid("view.too_many", _("Thirty views are the most that one person keeps."), field="name")
    return SavedView.objects.create(
        district=home_of(actor),
        account_id=who(actor),
        organisation_id=actor.organisation_id if shared else None,
        name=_name_of(name),
        query={key: str(value)[:80] for key, value in query.items() if value},
        created_at=time.now(),
    )


def own_view(actor: Actor, view_id: UUID) -> SavedView:
    """A view that the actor keeps.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    found = SavedView.objects.filter(district=home_of(actor), id=view_id, account_id=who(actor)).first()
    if found is None:
        raise NotFound("view.not_found", _("There is no such view of yours."))
    return found


def rename_view(actor: Actor, view_id: UUID, *, name: str, shared: bool) -> SavedView:
    """Give a kept view another name, or share it, or keep it to oneself again."""
    policy.require(actor, "desk.keep_view")
    found = own_view(actor, view_id)
    found.name, found.organisation_id = _name_of(name), actor.organisation_id if shared else None
    found.save(update_fields=["name", "organisation"])
    return found


def remove_view(actor: Actor, view_id: UUID, *, back: bool = False) -> SavedView:
    """Take a kept view away; ``back`` brings it again."""
    policy.require(actor, "desk.keep_view")
    found = own_view(actor, view_id)
    found.removed_at = None if back else time.now()
    found.save(update_fields=["removed_at"])
    return found


# Shared replies.


def save_template(actor: Actor, *, name: str, text: str, template_id: UUID | None = None) -> ReplyTemplate:
    """Write a reply that the organisation shares, or change one.

    Raises:
        Invalid: name or text is missing, or there are too many.
        NotFound: it is another organisation's.
    """
    policy.require(actor, "desk.edit_template")
    words = text.strip()
    if len(words) < 2:
        raise Invalid("field.needed", _("Write what the reply says."), field="text")
    if len(words) > 500:
        raise Invalid("field.too_long", _("Use at most 500 characters."), field="text")
    if template_id is not None:
        found = template_of(actor, template_id)
    else:
        there = ReplyTemplate.objects.filter(
            district=home_of(actor), organisation_id=_organisation(actor), removed_at__isnull=True
        )
        if there.count() >= MOST_TEMPLATES:
            raise Invalid(
                "template.too_many", _("Sixty replies are the most that an organisation keeps."), field="name"
            )
        found = ReplyTemplate(district=home_of(actor), organisation_id=_organisation(actor))
    found.name, found.text, found.changed_at = _name_of(name), words, time.now()
    found.save()
    return found


def template_of(actor: Actor, template_id: UUID) -> ReplyTemplate:
    """A reply of the actor's organisation.

    Raises:
        NotFound: there is none, or it is another organisation's.
    """
    found = ReplyTemplate.objects.filter(
        district=home_of(actor), id=template_id, organisation_id=_organisation(actor)
    ).first()
    if found is None:
        raise NotFound("template.not_found", _("There is no such reply."))
    return found


def remove_template(actor: Actor, template_id: UUID, *, back: bool = False) -> ReplyTemplate:
    """Take a shared reply away; ``back`` brings it again."""
    policy.require(actor, "desk.edit_template")
    found = template_of(actor, template_id)
    found.removed_at = None if back else time.now()
    found.save(update_fields=["removed_at"])
    return found


# Who is writing.


def write_on(actor: Actor, case: Case) -> list[Writing]:
    """Say that the actor writes to the reporter, for the next 45 seconds; gives the others who do.

    Open pages of the case hear of it when somebody begins, not of every beat.
    """
    require(actor, "case.message", case)
    now = time.now()
    with transaction.atomic():
        rows = Writing.objects.filter(district=case.district, case_id=case.id)
        fresh = not rows.filter(account_id=who(actor), until__gt=now).update(until=now + WRITING_FOR)
        if fresh:
            Writing.objects.update_or_create(
                district=case.district,
                case_id=case.id,
                account_id=who(actor),
                defaults={"name": actor.name, "since": now, "until": now + WRITING_FOR},
            )
            _tell(case)
    return writers(actor, case)


def stop_writing(actor: Actor, case: Case) -> None:
    """The actor has sent it, or left."""
    if Writing.objects.filter(district=case.district, case_id=case.id, account_id=who(actor)).delete()[0]:
        _tell(case)


def writers(actor: Actor, case: Case) -> list[Writing]:
    """Who else writes to the reporter at this moment, the first first; the caller has shown the case."""
    return list(
        Writing.objects.filter(district=case.district, case_id=case.id, until__gt=time.now())
        .exclude(account_id=who(actor))
        .order_by("since")
    )


def _tell(case: Case) -> None:
    # The version that pages have: they fetch who is writing, not the case.
    holder = (str(case.holder_id),) if case.holder_id else ()
    live.publish([live.Change(str(case.id), case.version, case.area_path, holder, case.is_restricted)])


# Many cases at once.


def begin_batch(actor: Actor, *, key: str, verb: str, sent: Mapping[str, list[str]], chosen: Iterable[str]) -> Batch:
    """Note down what is to be done with many cases; the same key is the same batch.

    Args:
        key: a UUID that the page made.
        sent: the inputs of the verb as a form sends them.
        chosen: ``number:version`` of each case, as its row showed it.

    Raises:
        Invalid: nothing or too much is chosen, or the verb takes no batch.
    """
    wanted = list(dict.fromkeys(chosen))
    if verb not in BULK:
        raise Invalid("batch.verb", _("This cannot be done with many cases at once."), field="verb")
    if not wanted:
        raise Invalid("batch.nothing", _("Tick at least one case."), field="case")
    if len(wanted) > MOST_AT_ONCE:
        raise Invalid("batch.too_many", _("Two hundred cases are the most at once."), field="case")
    policy.require(actor, VERBS[verb].row)
    Batch.objects.filter(district=home_of(actor), account_id=who(actor), at__lt=time.now() - BATCHES_KEPT).delete()
    found, _created = Batch.objects.get_or_create(
        id=_batch_id(key),
        district=home_of(actor),
        defaults={
            "account_id": who(actor), "post_id": _post(actor), "verb": verb, "sent": dict(sent), "chosen": wanted,
            "at": time.now(),
        },
    )  # fmt: skip
    return batch_of(actor, found.id)


def _organisation(actor: Actor) -> UUID:
    if actor.organisation_id is None:
        raise Forbidden("not_allowed", _("Your post may not do this."))
    return actor.organisation_id


def _post(actor: Actor) -> UUID:
    if actor.post_id is None:
        raise Forbidden("not_allowed", _("Your post may not do this."))
    return actor.post_id


def _batch_id(key: str) -> UUID:
    try:
        return UUID(key)
    except ValueError:
        raise Invalid("command.key", _("The command has no usable key."), field="key") from None


def batch_of(actor: Actor, batch_id: UUID, *, lock: bool = False) -> Batch:
    """A batch of the actor's own.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    rows = Batch.objects.filter(district=home_of(actor), id=batch_id, account_id=who(actor), post_id=_post(actor))
    found = (rows.select_for_update() if lock else rows).first()
    if found is None:
        raise NotFound("batch.not_found", _("There is no such batch of yours."))
    return found


def go_on(actor: Actor, batch_id: UUID) -> Batch:
    """Do the next portion of a batch: each case in a transaction of its own, so that one refusal stops no other."""
    batch = batch_of(actor, batch_id)
    verb = VERBS[batch.verb]
    for one in batch.chosen[len(batch.done) : len(batch.done) + PORTION]:
        number, _colon, version = one.partition(":")
        said = _one(actor, batch, verb, number, int(version) if version.isdigit() else -1)
        with transaction.atomic():
            held = batch_of(actor, batch_id, lock=True)
            if all(row["number"] != number for row in held.done):
                held.done = [*held.done, said]
                held.save(update_fields=["done"])
    return batch_of(actor, batch_id)


def _one(actor: Actor, batch: Batch, verb: Verb, number: str, version: int) -> dict[str, Any]:
    sent = QueryDict(mutable=True)
    for name, values in batch.sent.items():
        sent.setlist(name, values)
    try:
        case = queries.get(actor, number)
        form = forms.Form(actor, case, verb, sent)
        values = form.read()
        if form.errors:
            raise form.errors[0]
        before = case.category
        answer = commands.run(
            actor,
            str(uuid5(batch.id, number)),
            json.dumps([batch.verb, batch.sent], ensure_ascii=False, sort_keys=True).encode(),
            district=case.district,
            action=lambda: (200, _carried(actor, case, verb, version, values)),
        )
    except LinliError as error:
        return {"number": number, "refused": str(error.message)}
    return {"number": number, "version": answer.body["version"], "before": before}


def _carried(actor: Actor, case: Case, verb: Verb, version: int, values: dict[str, Any]) -> dict[str, Any]:
    seen = {"version": version} if verb.takes_version else {}
    verb.run(actor, Ref(case.district, case.id), **values, **seen)
    return {"number": case.number, "version": queries.get(actor, case.number).version}


def undo_batch(actor: Actor, batch_id: UUID) -> Batch:
    """Take back what a batch did to each case, as long as nothing else has happened to it since.

    Raises:
        Conflict: it cannot be taken back, or not any more.
    """
    with transaction.atomic():
        batch = batch_of(actor, batch_id, lock=True)
        inverse = UNDOABLE.get(batch.verb)
        if inverse is None or batch.undone_at is not None or time.now() - batch.at > UNDO_FOR:
            raise Conflict("batch.no_undo", _("This cannot be taken back any more."))
        batch.undone_at = time.now()
        rows = []
        for row in batch.done:
            rows.append(row if "refused" in row else row | _taken_back(actor, VERBS[inverse], row))
        batch.done = rows
        batch.save(update_fields=["done", "undone_at"])
    return batch


def _taken_back(actor: Actor, verb: Verb, row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        with transaction.atomic():
            case = queries.get(actor, row["number"])
            values: dict[str, Any] = {"reason": _("Taken back at once.")}
            if verb.name == "reclassify":
                values["category"] = row["before"]
            verb.run(actor, Ref(case.district, case.id), version=row["version"], **values)
    except LinliError as error:
        return {"kept": str(error.message)}
    return {"undone": True}
