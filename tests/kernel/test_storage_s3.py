"""Photos on an S3 server that others wrote (moto), as a process of its own: what is private stays private there, too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from uuid import uuid4

import boto3
import httpx
import pytest
from PIL import Image

from linli.kernel.errors import NotFound
from linli.kernel.storage import uploads
from linli.kernel.storage.configuration import storage_settings
from linli.kernel.storage.intake import Shelf, receive
from linli.kernel.storage.rendering import process
from linli.kernel.storage.serving import photo_response
from linli.kernel.trust import Actor, Role

SERVER = """
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app), threaded=True)
print(server.server_port, flush=True)
server.serve_forever()
"""
BUCKETS = {"LINLI_S3_PRIVATE_BUCKET": "linli-private", "LINLI_S3_PUBLIC_BUCKET": "linli-public"}
KEYS = {"LINLI_S3_KEY_ID": "AKIALINLI", "LINLI_S3_SECRET": "between-us", "LINLI_S3_REGION": "cn-west"}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Where the server listens, with both buckets made by its operator."""
    process_ = subprocess.Popen(
        [sys.executable, "-c", SERVER], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env={**os.environ}
    )
    assert process_.stdout is not None
    address = f"http://127.0.0.1:{process_.stdout.readline().strip()}"
    client = boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="AKIALINLI", aws_secret_access_key="between-us",
        region_name="cn-west",
    )  # fmt: skip
    for name in BUCKETS.values():
        client.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "cn-west"})
    yield address
    process_.kill()
    process_.wait()
    process_.stdout.close()


@pytest.fixture
def buckets(endpoint: str, settings: Any, tmp_path: Any) -> str:
    """The house set to keep its files there."""
    settings.STORAGES = storage_settings(tmp_path, {"LINLI_S3_ENDPOINT": endpoint, **BUCKETS, **KEYS})
    return endpoint


def photo(colour: str = "teal") -> bytes:
    image, buffer = Image.new("RGB", (1_200, 900), colour), BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    image.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def anonymous(address: str) -> int:
    """What somebody gets who only has the address."""
    return httpx.get(address.partition("?")[0]).status_code


@pytest.mark.django_db
def test_the_original_is_for_nobody_and_the_copy_for_everybody(buckets: str) -> None:
    body = photo()
    original = receive([body])
    assert receive([body]).key == original.key  # the same photo twice is one file
    shown = process(original.key, to=Shelf.PUBLIC)
    private, public = Shelf.PRIVATE.storage(), Shelf.PUBLIC.storage()
    with private.open(original.key) as kept:
        assert kept.read() == body
    assert anonymous(f"{buckets}/{BUCKETS['LINLI_S3_PRIVATE_BUCKET']}/{original.key}") == 403
    assert not public.exists(original.key)
    # A link that is signed opens it for a while; without the signature it is nothing.
    link = private.url(original.key)
    assert "Signature" in link
    assert httpx.get(link).content == body
    assert anonymous(link) == 403

    address = public.url(shown.photo.key)
    assert "?" not in address
    answer = httpx.get(address)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"secret place" not in answer.content
    assert Image.open(BytesIO(answer.content)).size == (shown.photo.width, shown.photo.height)
    served = photo_response(shown.thumb.key, shelf=Shelf.PUBLIC)
    assert b"".join(served.streaming_content)[:3] == b"\xff\xd8\xff"  # type: ignore[arg-type]
    served.close()


def test_what_must_not_be_seen_is_rendered_to_the_private_shelf(buckets: str) -> None:
    shown = process(receive([photo("navy")]).key, to=Shelf.PRIVATE)
    for key in (shown.photo.key, shown.thumb.key):
        assert not Shelf.PUBLIC.storage().exists(key)
        assert anonymous(f"{buckets}/{BUCKETS['LINLI_S3_PRIVATE_BUCKET']}/{key}") == 403
        Shelf.PRIVATE.storage().delete(key)
        assert not Shelf.PRIVATE.storage().exists(key)
        with pytest.raises(NotFound):
            photo_response(key, shelf=Shelf.PRIVATE)
    with pytest.raises(FileNotFoundError):
        process("originals/00/00/none.jpg", to=Shelf.PUBLIC)


@pytest.mark.django_db(transaction=True)
def test_a_photo_in_pieces_comes_together_and_what_nobody_takes_is_gone(buckets: str, clock: Any) -> None:
    me = Actor(role=Role.GRID_MEMBER, account_id=uuid4(), district="510107", area_path="510107/012/003")
    body = photo("olive")
    taken, left = (uploads.begin(me, str(uuid4()), length=len(body)) for _n in range(2))
    half = len(body) // 2
    for one in (taken, left):
        uploads.append(me, one.id, offset=0, piece=body[:half])
        uploads.append(me, one.id, offset=half, piece=body[half:])
    original = uploads.take(me, taken.id)
    with Shelf.PRIVATE.storage().open(original.key) as kept:
        assert kept.read() == body
    shelf = Shelf.PRIVATE.storage()
    pieces = [piece for one in (taken, left) for piece in uploads.find(me, one.id).pieces]
    assert len(pieces) == 4
    assert all(shelf.exists(piece) for piece in pieces)
    assert anonymous(f"{buckets}/{BUCKETS['LINLI_S3_PRIVATE_BUCKET']}/{pieces[0]}") == 403
    uploads.discard(me, left.id)
    clock.forward(days=8)
    assert uploads.sweep() == 1
    assert not any(shelf.exists(piece) for piece in pieces)
    assert shelf.exists(original.key)
