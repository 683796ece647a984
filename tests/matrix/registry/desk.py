"""The desk: for posts that handle cases; what may be done there is what the policy table says."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.files.uploadedfile import SimpleUploadedFile

from linli.cases.verbs import VERBS
from tests.api.conftest import picture
from tests.matrix.registry import Call, Entry, On

CASE = "desk/case/<str:number>"


def _list(name: str, address: str) -> Entry:
    return Entry(f"desk/{name}", "GET", lambda s: Call(address), verb="case.list", door="case.list")


def _of_nobody(route: str, address: str, verb: str, *, method: str = "POST") -> Entry:
    """Something that a person keeps: whoever may keep such things finds none of this name."""
    return Entry(
        route,
        method,
        lambda s: Call(address.replace("NONE", str(UUID(int=1))), {"what": "remove"} if method == "POST" else {}),
        verb=verb,
        door="case.list",
        maybe_missing=True,
    )


def _case(
    name: str,
    method: str,
    verb: str,
    data: dict[str, Any] | None = None,
    *,
    at: str = "",
    missing: bool = False,
    photo: bool = False,
) -> Entry:
    path = at or name
    return Entry(
        CASE + name,
        method,
        lambda s: Call(
            f"/desk/case/{s.number}{path.replace('PHOTO', str(s.photo))}", _data(s, data) | _photo(wanted=photo)
        ),
        verb=verb,
        on=On.CASE,
        door="case.list",
        maybe_missing=missing,
    )


def _data(scene: Any, data: dict[str, Any] | None) -> dict[str, Any]:
    return {} if data is None else data | {"key": str(uuid4()), "version": str(scene.version)}


def _photo(*, wanted: bool) -> dict[str, Any]:
    return {"photos": SimpleUploadedFile("photo.jpg", picture(), content_type="image/jpeg")} if wanted else {}


def _verb(name: str, data: dict[str, Any]) -> Entry:
    return Entry(
        f"{CASE}/do/<slug:name>",
        "POST",
        lambda s: Call(f"/desk/case/{s.number}/do/{name}", _data(s, data)),
        verb=VERBS[name].row,
        on=On.CASE,
        handler=True,
        door="case.list",
    )


ENTRIES = [
    _list("", "/desk/"),
    _list("list", "/desk/list"),
    _list("views", "/desk/views"),
    _list("news", "/desk/news"),
    _list("find", "/desk/find?q=路灯"),
    _list("ground/<path:path>", "/desk/ground/510107"),
    Entry("desk/register", "GET", lambda s: Call("/desk/register"), verb="case.report", door="case.list"),
    Entry(
        "desk/register",
        "POST",
        lambda s: Call("/desk/register", {"key": str(uuid4())}),
        verb="case.report",
        door="case.list",
    ),
    Entry(
        "desk/register/categories",
        "GET",
        lambda s: Call("/desk/register/categories?words=路灯"),
        verb="case.report",
        door="case.list",
    ),
    Entry("desk/register/near", "GET", lambda s: Call("/desk/register/near"), verb="case.report", door="case.list"),
    Entry(
        "desk/register/join/<str:number>",
        "POST",
        lambda s: Call(f"/desk/register/join/{s.number}", {"key": str(uuid4())}),
        verb="case.join",
        door="case.list",
        exact=False,
        maybe_missing=True,
    ),
    _list("kept/pane", "/desk/kept/pane"),
    _list("kept", "/desk/kept?view=open"),
    Entry(
        "desk/kept",
        "POST",
        lambda s: Call("/desk/kept?view=open", {"name": "Mine"}),
        verb="desk.keep_view",
        door="case.list",
    ),
    _of_nobody("desk/kept/<uuid:view_id>", "/desk/kept/NONE", "desk.keep_view"),
    Entry("desk/replies", "GET", lambda s: Call("/desk/replies"), verb="desk.edit_template", door="case.list"),
    Entry(
        "desk/replies",
        "POST",
        lambda s: Call("/desk/replies", {"name": "Kept", "text": "您好,已收到。"}),
        verb="desk.edit_template",
        door="case.list",
    ),
    _of_nobody("desk/replies/<uuid:template_id>", "/desk/replies/NONE", "desk.edit_template"),
    Entry(
        "desk/bulk",
        "POST",
        lambda s: Call("/desk/bulk", {"verb": "remind", "case": f"{s.number}:{s.version}"}),
        verb="case.remind",
        door="case.list",
        exact=False,
        maybe_missing=True,
    ),
    _of_nobody("desk/bulk/<uuid:batch_id>", "/desk/bulk/NONE", "case.list", method="GET"),
    _of_nobody("desk/bulk/<uuid:batch_id>/go", "/desk/bulk/NONE/go", "case.list"),
    _of_nobody("desk/bulk/<uuid:batch_id>/undo", "/desk/bulk/NONE/undo", "case.list"),
    Entry("desk/export", "GET", lambda s: Call("/desk/export?view=open"), verb="case.export", door="case.list"),
    Entry(
        "desk/export",
        "POST",
        lambda s: Call("/desk/export?view=open", {"purpose": "周例会通报"}),
        verb="case.export",
        door="case.list",
    ),
    _case("", "GET", "case.view"),
    _case("/file", "GET", "case.view"),
    _case("/file.pdf", "GET", "case.view"),
    _case("/writers", "GET", "case.view"),
    _case("/writing", "POST", "case.message", {}),
    _case("/reply-check", "POST", "case.message", {"text": "您好"}),
    _case("/seen", "POST", "case.comment", {}),
    _case("/aside", "GET", "case.view"),
    _case("/slip", "GET", "case.view", missing=True),
    _case("/reporter", "GET", "case.view"),
    _case("/reporter", "POST", "case.read_reporter", {"purpose": "call"}),
    _case("/photos", "POST", "case.add_evidence", {"kind": "before"}, photo=True),
    _case("/photos/<uuid:photo>/<str:size>", "GET", "case.view", at="/photos/PHOTO/thumb", missing=True),
    _case("/places", "GET", "case.view"),
    _case("/undo", "POST", "case.view", {}, missing=True),
    _case("/do/<slug:name>", "GET", "case.view", at="/do/comment"),
    # The same actions as the API's, which is asked for every verb; here a few of each kind.
    _verb("comment", {"text": "看过现场了"}),
    _verb("remind", {"text": "请尽快"}),
    _verb("supervise", {"reason": "超时风险"}),
    _verb("sign_in", {}),
    _verb("close", {}),
]


NOBODY = str(UUID(int=1))


def _register(
    name: str, method: str, verb: str, *, at: str = "", data: dict[str, Any] | None = None, missing: bool = False
) -> Entry:
    """A page of people and dwellings; one that names something which is not there is 404 for everybody."""
    address = f"/desk/dwellings{at or name}"
    return Entry(
        f"desk/dwellings{name}", method, lambda s: Call(address, data or {}), verb=verb, door="case.list",
        maybe_missing=missing, exact=not missing,
    )  # fmt: skip


ENTRIES += [
    _register("", "GET", "household.view"),
    _register("", "POST", "household.read", data={"person": "周秀英", "purpose": "核对来电"}),
    _register("/<uuid:dwelling_id>", "GET", "household.view", at=f"/{NOBODY}", missing=True),
    _register(
        "/<uuid:dwelling_id>", "POST", "household.propose", at=f"/{NOBODY}", data={"change": "status"}, missing=True
    ),
    _register("/people/<uuid:person_id>", "GET", "household.read", at=f"/people/{NOBODY}"),
    _register(
        "/people/<uuid:person_id>",
        "POST",
        "household.read",
        at=f"/people/{NOBODY}",
        data={"purpose": "核对"},
        missing=True,
    ),
    _register("/proposals", "GET", "household.decide"),
    _register("/proposals/decide", "POST", "household.decide", data={"what": "accept", "proposal": NOBODY}),
    _register("/alike", "GET", "household.merge"),
    _register("/alike", "POST", "household.merge", data={"kept": NOBODY, "other": NOBODY}),
    _register("/verification", "GET", "household.progress"),
    _register(
        "/verification",
        "POST",
        "household.campaign",
        data={"title": ""} | dict.fromkeys(("starts_on", "ends_on"), "2030-01-01"),
    ),
    _register("/files", "GET", "household.import"),
    _register("/files", "POST", "household.import"),
    _register("/files/template", "GET", "household.import"),
    _register("/files/<uuid:import_id>", "GET", "household.import", at=f"/files/{NOBODY}", missing=True),
    _register(
        "/files/<uuid:import_id>/problems", "GET", "household.import", at=f"/files/{NOBODY}/problems", missing=True
    ),
    _register("/files/<uuid:import_id>/stop", "POST", "household.import", at=f"/files/{NOBODY}/stop", missing=True),
    _register("/files/<uuid:import_id>/go-on", "POST", "household.import", at=f"/files/{NOBODY}/go-on", missing=True),
    _register("/sheet", "GET", "household.export"),
    _register("/sheet", "POST", "household.export", data={"purpose": "核对水费名单"}),
]
