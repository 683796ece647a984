"""POST requests and GET tokens."""

from __future__ import annotations

import hashlib
import re
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _

from linli.cases import placing
from linli.cases.actions import intake
from linli.cases.actions.intake import Report, Reporter
from linli.cases.actions.limiting import Origin
from linli.cases.models import Case, Channel
from linli.catalog import queries as catalog
from linli.kernel import commands
from linli.kernel.errors import Invalid, LinliError, NotFound
from linli.kernel.storage.intake import Original, receive
from linli.kernel.trust import ANONYMOUS, Actor
from linli.open311 import actions, words
from linli.open311.arguments import Arguments
from linli.open311.documents import Reply
from linli.open311.door import Refused
from linli.open311.jurisdictions import Jurisdiction, find
from linli.open311.keys import sender
from linli.open311.services import entry_of
from linli.people.actions.contacts import phone_hash
from linli.territory import queries as territory

LONGEST = 4_000
"""Characters of a description, by the specification."""
MOST_PHOTOS = 12
MOST_LINKS = 12
_LINK = re.compile(r"https?://\S{3,500}\Z")
_HAN = re.compile(r"[\u3400-\u9fff]")
PERSONAL = ("email", "device_id", "account_id", "first_name", "last_name", "phone")


def sent(request: HttpRequest) -> Reply:
    """POST requests: one comes in."""
    arguments = Arguments.of(request)
    actor = sender(request, arguments["api_key"])
    place = find(request, arguments["jurisdiction_id"])
    report = _report(arguments, place)
    photos = _photos(request)
    body = _body(request, arguments, actor, photos)
    key = request.headers.get("Idempotency-Key", "").strip()
    found = actions.send(
        actor, key=commands.check_key(key) if key else "", body=body, report=report, photos=photos,
        origin=Origin(request.META.get("REMOTE_ADDR", "")),
    )  # fmt: skip
    number, district = found.answer.body["number"], found.answer.body["district"]
    entry = catalog.category(found.answer.body["category"], district=district)
    answer = {"service_request_id": number}
    if "respond-async" in request.headers.get("Prefer", ""):
        answer = {"token": found.token}
    answer |= {"service_notice": words.notice(entry), "account_id": None}
    if arguments.is_set("extensions"):
        answer["ticket_code"] = intake.ticket_code(district, number)
    headers = {"Idempotency-Replayed": "true"} if found.answer.replayed else {}
    return Reply("service_requests", [answer], status=201, headers=headers | {"Cache-Control": "no-store"})


def _report(arguments: Arguments, place: Jurisdiction) -> Report:
    wrong: list[LinliError] = []
    code = arguments["service_code"]
    try:
        if not code:
            raise Invalid("open311.service", _("service_code was not provided."), field="service_code")
        entry_of(code, district=place.district)
    except LinliError as error:
        wrong.append(error)
    lat = lng = None
    address, district = arguments["address_string"][:200], place.district
    try:
        lat = arguments.number("lat", least=-90, most=90)
        lng = arguments.number("long", least=-180, most=180)
        if (lat is None) != (lng is None):
            raise Invalid(
                "open311.half_a_point", _("lat and long belong together."), field="long" if lng is None else "lat"
            )
        if lat is None and not address:
            address, district = _by_id(arguments["address_id"], district)
    except LinliError as error:
        wrong.append(error)
    description = arguments["description"].replace("\r\n", "\n")
    if len(description) > LONGEST:
        wrong.append(
            Invalid(
                "open311.description",
                _("description is longer than %(most)d characters.") % {"most": LONGEST},
                field="description",
            )
        )
    if wrong:
        raise Refused(wrong)
    return Report(
        category=code, description=_words(arguments, description), lng=lng, lat=lat, address=address, district=district,
        channel=Channel.OPEN311, reporter=_reporter(arguments),
    )  # fmt: skip


def _by_id(path: str, district: str) -> tuple[str, str]:
    """The address and district of an ``address_id``, which is the path of an area down to a community as requests show it."""
    if not path:
        raise Invalid(
            "open311.place",
            _("A location was not provided."),
            mend=_("Send lat and long, or address_string, or address_id."),
        )
    known = re.fullmatch(r"\d{6}(/\d{1,12}){0,2}", path) and placing.area_in_force(path)
    if not known:
        raise Invalid(
            "open311.place", _("address_id %(path)s was not found.") % {"path": path[:40]}, field="address_id"
        )
    return territory.place_name(path), path[:6]


def _words(arguments: Arguments, description: str) -> str:
    """The description, with what a client adds. Links stay links: nothing is fetched from an address that somebody sends."""
    lines = [description] if description else []
    lines += [f"{code}: {value}" for code, value in arguments.attributes().items()]
    lines += [link for link in arguments.all("media_url")[:MOST_LINKS] if _LINK.match(link)]
    return "\n".join(lines)[: intake.LONGER[Channel.OPEN311]]


def _reporter(arguments: Arguments) -> Reporter:
    first, last = arguments["first_name"], arguments["last_name"]
    name = f"{last}{first}" if _HAN.search(first + last) else f"{first} {last}".strip()
    phone, others = arguments["phone"], [arguments["email"]]
    try:
        if phone:
            phone_hash(phone)
    except Invalid:
        # A client's habit of writing numbers is no reason to lose a report.
        phone, others = "", [phone, *others]
    return Reporter(name=name[:60], phone=phone, address=" ".join(filter(None, others))[:200])


def _photos(request: HttpRequest) -> list[Original]:
    files = [file for name in request.FILES for file in request.FILES.getlist(name)]
    if len(files) > MOST_PHOTOS:
        raise Invalid("case.evidence_full", _("A request holds at most twelve photos."), field="media")
    return [receive(file.chunks()) for file in files]


def _body(request: HttpRequest, arguments: Arguments, actor: Actor, photos: list[Original]) -> bytes:
    fields = {name: arguments.form.getlist(name) for name in arguments.form if name != "api_key"}
    return actions.body_of(
        {
            # Among those who show no key, only what comes from one place can be the same request.
            "from": request.META.get("REMOTE_ADDR", "") if actor is ANONYMOUS else "",
            "fields": {
                name: [_digest(value) if name in PERSONAL else value for value in values]
                for name, values in fields.items()
            },
            "photos": [photo.sha256 for photo in photos],
        }
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def token(request: HttpRequest, token: str) -> Reply:
    """GET a token: the number is there as soon as the token is."""
    find(request, Arguments.of(request)["jurisdiction_id"])
    district, _dash, name = token.partition("-")
    try:
        case = Case.objects.filter(district=district, id=UUID(name)).only("number").first()
    except ValueError:
        case = None
    if case is None:
        raise NotFound("open311.token", _("token %(token)s was not found.") % {"token": token[:50]}, field="token")
    row = {"service_request_id": case.number, "token": token}
    return Reply("service_requests", [row], headers={"Cache-Control": "no-store"})
