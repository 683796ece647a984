"""Duty lists in the demo: the base lists, one task admitted, one refused, one that waits; a form that came back and one nobody used."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import yaml

from linli.duties import standing
from linli.duties.actions import admission, forms, loading
from linli.duties.actions.lists import Money
from linli.duties.models import Admission, Frequency, ListEntry, Listing, ReportForm, Sheet
from linli.duties.tasks import Kind
from linli.kernel import time
from linli.kernel.trust import Actor
from linli.people.models import Account
from linli.people.queries import actor_of_post, posts_of

DEPARTMENT, OFFICE, WORKER = "yangke", "wenjie", "xiaoxu"


def admit(district: str, *, now: datetime, micro_grid: str) -> str:
    """Lay the lists down and let the cast apply, decide, ask and answer; makes nothing twice."""
    loaded = loading.load_base(city=district[: standing.CITY_LENGTH], is_demo=True)
    if Admission.objects.filter(district=district).exists():
        return "there"
    told: dict[str, Any] = yaml.safe_load(
        resources.files("linli.simulation").joinpath("data/duties.yaml").read_text("utf-8")
    )
    clerk, office, worker = (_acting(login) for login in (DEPARTMENT, OFFICE, WORKER))
    community = "/".join(micro_grid.split("/")[:3])
    subdistrict = community.rpartition("/")[0]
    with time.at(now - timedelta(days=24)):
        _decide(clerk, office, told["admitted"], district, listing=Listing.ASSIST, admit=True)
        form = _register(clerk, told["form"], Frequency.MONTHLY)
        _register(clerk, told["idle"], Frequency.YEARLY)
        sheets = forms.send(clerk, form.id, area_path=community, due_on=time.today() + timedelta(days=5))
    with time.at(now - timedelta(days=22)):
        forms.answer(worker, sheets[0].id, answers=told["form"]["answers"], minutes=15)
        _decide(clerk, office, told["refused"], district, listing=Listing.WORK, admit=False)
    with time.at(now - timedelta(days=12)):
        forms.note_use(clerk, form.id, what=told["form"]["used"])
    with time.at(now - timedelta(days=2)):
        _apply(clerk, told["waiting"], subdistrict, listing=Listing.ASSIST)
        forms.send(clerk, form.id, area_path=subdistrict, due_on=time.today() + timedelta(days=7))
    for model in (Admission, ReportForm, Sheet, ListEntry):
        model._default_manager.filter(district=district).update(is_demo=True)
    return f"{loaded.entries} entries, 3 applications, 2 forms"


def _acting(login: str) -> Actor:
    return actor_of_post(posts_of(Account.objects.get(login=login).id)[0])


def _apply(clerk: Actor, told: dict[str, Any], area_path: str, *, listing: Listing) -> Admission:
    return admission.apply(
        clerk, kind=Kind.CATEGORY if "code" in told else Kind.MATTER, code=told.get("code", ""), title=told.get("title", ""),
        area_path=area_path, listing=listing, why=told["why"], basis=told["basis"], minutes=told["minutes"],
        money=Money(told.get("amount", 0), told.get("source", ""), told.get("authority", "")),
        starts_on=time.today() + timedelta(days=7),
    )  # fmt: skip


def _decide(
    clerk: Actor, office: Actor, told: dict[str, Any], area_path: str, *, listing: Listing, admit: bool
) -> None:
    found = _apply(clerk, told, area_path, listing=listing)
    admission.decide(office, found.id, version=1, admit=admit, reason=told["reason"])


def _register(clerk: Actor, told: dict[str, Any], frequency: Frequency) -> ReportForm:
    return forms.register(
        clerk, title=told["title"], purpose=told["purpose"], basis=told["basis"], frequency=frequency, minutes=told["minutes"],
        questions=told["questions"],
    )  # fmt: skip
