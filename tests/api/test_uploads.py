"""何明's phone sends a photo in pieces over a bad line: however it is cut and repeated, it is there once."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.cases.models import Case, Evidence, EvidenceKind
from linli.kernel.models import Upload
from linli.kernel.storage import uploads
from linli.kernel.storage.configuration import storage_settings
from linli.kernel.storage.intake import MAX_BYTES, Shelf
from tests.api.conftest import API, Caller, lamp, picture
from tests.world import World

PIECE = "application/offset+octet-stream"


@pytest.fixture(autouse=True)
def shelves(settings: Any, tmp_path: Path) -> None:
    """Photos of a test lie in the test's own folder."""
    settings.STORAGES = storage_settings(tmp_path, {})


class Phone:
    """A phone that speaks tus."""

    def __init__(self, caller: Caller) -> None:
        self.client = Client(headers={"Authorization": f"Bearer {caller.token}"})

    def begin(self, length: int, key: str = "") -> Any:
        headers = {"Upload-Length": str(length), "Idempotency-Key": key or str(uuid4()), "Tus-Resumable": "1.0.0"}
        return self.client.post(f"{API}/uploads", headers=headers)

    def send(self, address: str, offset: int, piece: bytes) -> Any:
        # Said as a header as well: Django's test client leaves the type of an empty body out.
        return self.client.patch(
            address, piece, content_type=PIECE, headers={"Upload-Offset": str(offset), "Content-Type": PIECE}
        )

    def offset(self, address: str) -> int:
        return int(self.client.head(address)["Upload-Offset"])

    def whole(self, body: bytes, key: str = "") -> str:
        """Send it all in one piece; returns the upload's id."""
        address = self.begin(len(body), key)["Location"]
        assert self.send(address, 0, body).status_code == 204
        return str(address).rsplit("/", 1)[1]


@pytest.fixture
def phone(call: Any) -> Phone:
    """何明's."""
    return Phone(call.he_ming)


def files_of(upload_id: str) -> list[str]:
    """The pieces on the shelf."""
    return list(Shelf.PRIVATE.storage().listdir(f"uploads/{upload_id.replace('-', '')[-2:]}/{upload_id}")[1])


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_any_cut_and_any_repeat_give_the_same_photo_once(phone: Phone, world: World, data: st.DataObject) -> None:
    Upload.objects.all().delete()  # each example begins with none, or many of them would reach the limit
    body = picture(data.draw(st.sampled_from(["teal", "navy", "olive"])))
    key = str(uuid4())
    address = phone.begin(len(body), key)["Location"]
    while (there := phone.offset(address)) < len(body):
        # The answer may be lost, the tab killed: what was begun is begun again, and any piece may be sent twice.
        if data.draw(st.booleans()):
            assert phone.begin(len(body), key)["Location"] == address
        cut = data.draw(st.integers(min(len(body) - there, len(body) // 6), len(body) - there))
        wrong = data.draw(st.integers(0, len(body)))
        if wrong != there:
            refused = phone.send(address, wrong, body[wrong : wrong + cut])
            assert (refused.status_code, refused["Upload-Offset"]) == (409, str(there))
        for again in range(data.draw(st.integers(1, 2))):
            answer = phone.send(address, there, body[there : there + cut])
            assert answer.status_code == (409 if again else 204)
    upload_id = address.rsplit("/", 1)[1]
    actor = world.actors["he_ming"]
    taken = [uploads.take(actor, Upload.objects.get(id=upload_id).id) for _n in range(2)]
    assert taken[0] == taken[1]
    with Shelf.PRIVATE.storage().open(taken[0].key) as kept:
        assert kept.read() == body
    assert Upload.objects.filter(key=key).count() == 1


@pytest.mark.django_db
def test_a_report_comes_with_its_photos_or_not_at_all(phone: Phone, call: Any) -> None:
    he_ming = call.he_ming
    ids = [phone.whole(picture(colour)) for colour in ("teal", "navy")]
    missing = he_ming.post("/cases", lamp() | {"photos": [*ids, str(uuid4())]})
    assert (missing.status_code, missing.json()["code"]) == (404, "upload.none")
    assert not Case.objects.exists()
    key = str(uuid4())
    first = he_ming.post("/cases", lamp() | {"photos": ids}, key=key)
    again = he_ming.post("/cases", lamp() | {"photos": ids}, key=key)
    assert (first.status_code, again.json()["number"]) == (201, first.json()["number"])
    assert again["Idempotency-Replayed"] == "true"
    assert Evidence.objects.filter(kind=EvidenceKind.REPORT).count() == 2


@pytest.mark.django_db
def test_a_repeat_gets_its_answer_when_the_photos_have_been_swept(phone: Phone, call: Any, clock: Any) -> None:
    he_ming, key, ids = call.he_ming, str(uuid4()), [phone.whole(picture())]
    first = he_ming.post("/cases", lamp() | {"photos": ids}, key=key)
    clock.forward(days=8)
    assert uploads.sweep() == 1
    assert he_ming.post("/cases", lamp() | {"photos": ids}, key=key).json()["number"] == first.json()["number"]
    assert Evidence.objects.count() == 1


@pytest.mark.django_db
def test_what_is_no_photo_is_refused_with_its_last_piece_and_for_ever(phone: Phone) -> None:
    body = b"GIF89a" + b"\0" * 500
    address = phone.begin(len(body))["Location"]
    assert phone.send(address, 0, body[:100]).status_code == 204
    for _n in range(2):
        refused = phone.send(address, phone.offset(address), body[100:])
        assert (refused.status_code, refused.json()["code"]) == (422, "photo.not_a_photo")
        assert refused.json()["mend"]


@pytest.mark.django_db
def test_a_bomb_is_refused(phone: Phone) -> None:
    png = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x06\0\0\0" + b"\0" * 40
    address = phone.begin(len(png))["Location"]
    assert phone.send(address, 0, png).json()["code"] == "photo.too_many_pixels"


@pytest.mark.django_db
def test_what_is_too_large_is_refused_before_it_comes(phone: Phone) -> None:
    assert phone.begin(MAX_BYTES + 1).status_code == 413
    assert phone.begin(0).status_code == 413
    address = phone.begin(10)["Location"]
    assert phone.send(address, 0, b"x" * 11).status_code == 413
    assert phone.send(phone.begin(5 * 1024 * 1024)["Location"], 0, b"x" * (1024 * 1024 + 1)).status_code == 413
    assert phone.client.patch(address, b"x", content_type="text/plain").status_code == 415
    assert phone.client.patch(address, b"x", content_type=PIECE).status_code == 400


@pytest.mark.django_db
def test_a_photo_that_has_not_come_whole_is_not_taken(phone: Phone, call: Any) -> None:
    body = picture()
    address = phone.begin(len(body))["Location"]
    phone.send(address, 0, body[:20])
    nothing = phone.send(address, len(body), b"")
    assert (nothing.status_code, nothing["Upload-Offset"]) == (409, "20")
    answer = call.he_ming.post("/cases", lamp() | {"photos": [address.rsplit("/", 1)[1]]})
    assert (answer.status_code, answer.json()["code"]) == (409, "upload.not_whole")
    assert not Case.objects.exists()


@pytest.mark.django_db
def test_somebody_elses_photo_does_not_exist(phone: Phone, call: Any) -> None:
    upload_id = phone.whole(picture())
    other = Phone(call.lao_wu)
    address = f"{API}/uploads/{upload_id}"
    assert other.client.head(address).status_code == 404
    assert other.client.delete(address).status_code == 404
    assert other.send(address, 0, b"x").status_code == 404
    taken = call.lao_wu.post("/cases", lamp() | {"photos": [upload_id]})
    assert taken.status_code == 404
    assert Client().post(f"{API}/uploads").status_code == 401


@pytest.mark.django_db
def test_a_key_stands_for_one_photo_and_there_is_an_end_to_them(phone: Phone) -> None:
    key = str(uuid4())
    phone.begin(100, key)
    assert phone.begin(101, key).json()["code"] == "command.other_body"
    for _n in range(uploads.MOST_OPEN - 1):
        assert phone.begin(100).status_code == 201
    assert phone.begin(100).status_code == 429
    assert phone.begin(100, key).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_what_nobody_takes_is_swept(phone: Phone, clock: Any) -> None:
    upload_id = phone.whole(picture())
    thrown = phone.whole(picture("navy"))
    assert files_of(upload_id)
    assert phone.client.delete(f"{API}/uploads/{thrown}").status_code == 204
    assert files_of(thrown) == []
    assert uploads.sweep() == 0
    clock.forward(days=8)
    assert phone.client.head(f"{API}/uploads/{upload_id}").status_code == 404
    assert uploads.sweep() == 1
    assert files_of(upload_id) == []


@pytest.mark.django_db
def test_what_uploads_can_do_is_told(phone: Phone) -> None:
    told = phone.client.options(f"{API}/uploads")
    assert (told.status_code, told["Tus-Version"], told["Tus-Max-Size"]) == (204, "1.0.0", str(MAX_BYTES))
