"""`linli seed_hotline`: articles and a week of calls for the demo; made up, and only there."""

from __future__ import annotations

import random
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from linli.cases.models import Case, Channel
from linli.hotline.actions import calls
from linli.hotline.models import Call, CallState, Outcome
from linli.hotline.rules import articles
from linli.kernel import ids, time
from linli.kernel.trust import Actor
from linli.people.actions.contacts import new_contact
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of

CALL_TAKER, SHIFT_LEAD = "xiaotian", "qinjian"
DAYS = 7
ANSWERED, WRONG, ABANDONED = 30, 3, 4
QUICKEST, SLOWEST = 22, 74
"""Seconds between which the demo's calls were registered."""


class Command(BaseCommand):
    """Makes what is not there yet."""

    help = "Articles and a week of made-up calls for the demo's call taker."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Chance that can be repeated."""
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed and say what was done."""
        if settings.LINLI_MODE == "production":
            raise CommandError("calls are made up for a demo only")
        call_command("load_articles", let_through_by=SHIFT_LEAD, stdout=self.stdout)
        account = Account.objects.filter(login=CALL_TAKER).first()
        posts = posts_of(account.id) if account else []
        if not posts:
            raise CommandError("the demo's call taker is not there; run seed_demo")
        actor = actor_of_post(posts[0])
        if Call.objects.filter(district=actor.district).exists():
            self.stdout.write("calls are there")
            return
        source = random.Random(options["seed"])  # noqa: S311 - made up, to be had again
        made = _registered(actor, source) + _noted(actor, source)
        self.stdout.write(f"{made} calls")


def _registered(actor: Actor, source: random.Random) -> int:
    """The calls by which the cases of the last days came in that were reported by telephone."""
    since = time.now() - timedelta(days=DAYS)
    found = Case.objects.filter(district=actor.district, channel=Channel.HOTLINE, reported_at__gte=since)
    for case in found.order_by("reported_at"):
        seconds = source.randint(QUICKEST, SLOWEST)
        began = case.reported_at - timedelta(seconds=seconds)
        with transaction.atomic():
            contact = new_contact(district=actor.district, area_path=actor.area_path, phone=_phone(source))
            contact.save(force_insert=True)
            Call.objects.create(
                id=ids.new_id(), district=actor.district, area_path=actor.area_path, state=CallState.ENDED,
                contact=contact, post_id=actor.post_id, began_at=began, ended_at=case.reported_at,
                outcome=Outcome.REGISTERED, case_number=case.number, category=case.category, seconds_to_register=seconds,
            )  # fmt: skip
    return found.count()


def _noted(actor: Actor, source: random.Random) -> int:
    known = articles()
    outcomes = [Outcome.ANSWERED] * ANSWERED + [Outcome.WRONG_NUMBER] * WRONG + [Outcome.ABANDONED] * ABANDONED
    end = time.now()
    moments = sorted(end - timedelta(minutes=source.randint(20, DAYS * 24 * 60)) for _outcome in outcomes)
    source.shuffle(outcomes)
    for moment, outcome in zip(moments, outcomes, strict=True):
        call_id, told = ids.new_id(), source.choice(known)
        with time.at(moment):
            calls.take(actor, call_id, number=_phone(source))
        with time.at(moment + timedelta(seconds=source.randint(30, 180))):
            asked = outcome == Outcome.ANSWERED
            calls.note(
                actor,
                call_id,
                outcome=outcome,
                words=told["title_zh"] if asked else "",
                category=told["categories"][0] if asked else "",
                articles=[told["code"]] if asked and source.random() < 0.8 else [],
            )
    return len(outcomes)


def _phone(source: random.Random) -> str:
    """A number from a range that is given to nobody."""
    return f"1990002{source.randint(0, 9_999):04d}"
