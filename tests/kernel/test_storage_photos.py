"""何明 photographs a broken lamp; somebody else sends things that only look like photos."""

from __future__ import annotations

import os
import stat
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from linli.kernel.errors import Invalid, NotFound
from linli.kernel.storage.configuration import storage_settings
from linli.kernel.storage.intake import MAX_BYTES, Shelf, inspect, receive
from linli.kernel.storage.rendering import PHOTO_SIDE, THUMB_SIDE, encode, process, render
from linli.kernel.storage.serving import photo_response
from linli.kernel.storage.sniffing import MAX_SCANS, HeaderError, Kind, Size, kind_of, size_of

MAKE, ORIENTATION, GPS, LATITUDE, COMMENT = 0x010F, 0x0112, 0x8825, 2, b"taken by He Ming"


@pytest.fixture(autouse=True)
def shelves(tmp_path: Path) -> Iterator[Path]:
    """Private and public folders of this test's own."""
    with override_settings(STORAGES=storage_settings(tmp_path, {})):
        yield tmp_path


def picture(size: tuple[int, int] = (800, 600), mode: str = "RGB") -> Image.Image:
    """Red at the left, blue at the right, so that one sees how it is turned."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def encoded(image: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def telltale_photo(orientation: int = 1, form: str = "JPEG") -> bytes:
    """A photo that says where, when and with what it was taken, in every place that a format has for it."""
    exif = Image.Exif()
    exif[MAKE] = "Lamp Phone 9"
    exif[ORIENTATION] = orientation
    exif.get_ifd(GPS)[LATITUDE] = (30.0, 39.0, 12.345)
    xmp = "<x:xmpmeta xmlns:x='adobe:ns:meta/'>GPSLatitude 30.65343</x:xmpmeta>"
    more: dict[str, Any] = {"xmp": xmp.encode()}
    if form == "JPEG":
        more["comment"] = COMMENT
    if form == "PNG":
        more = {"pnginfo": (texts := PngImagePlugin.PngInfo())}
        texts.add_itxt("XML:com.adobe.xmp", xmp)
        texts.add_text("Comment", COMMENT.decode())
    return encoded(picture((2400, 1600)), form, exif=exif, **more)


def take(data: bytes, **limits: int) -> Any:
    return receive([data[place : place + 65536] for place in range(0, len(data), 65536)], **limits)


def refusal(data: bytes, **limits: int) -> str:
    with pytest.raises(Invalid) as caught:
        take(data, **limits)
    assert caught.value.field == "photo"
    assert str(caught.value.message)
    assert str(caught.value.mend)
    return caught.value.code


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


# --- intake ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("form", "kind"), [("JPEG", Kind.JPEG), ("PNG", Kind.PNG), ("WEBP", Kind.WEBP)])
def test_a_photo_is_kept_as_it_came_on_the_private_shelf(form: str, kind: Kind, shelves: Path) -> None:
    data = telltale_photo(form=form)
    original = take(data)
    assert (original.width, original.height, original.bytes) == (2400, 1600, len(data))
    assert original.media_type == kind.media_type
    assert original.key.endswith(f"{original.sha256}.{kind.ending}")
    (path,) = files(shelves)
    assert path.read_bytes() == data
    assert path.is_relative_to(shelves / "private")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(
        stat.S_IMODE(folder.stat().st_mode) == 0o700
        for folder in path.parents
        if folder.is_relative_to(shelves / "private")
    )
    with pytest.raises(ValueError, match="not accessible"):
        Shelf.PRIVATE.storage().url(original.key)


def test_the_same_photo_twice_is_one_file(shelves: Path) -> None:
    data = encoded(picture())
    with ThreadPoolExecutor(4) as pool:
        keys = {original.key for original in pool.map(take, [data] * 8)}
    assert len(keys) == len(files(shelves)) == 1


def test_what_is_no_photo_is_refused_whatever_it_is_called(shelves: Path) -> None:
    svg = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    gif = encoded(picture((8, 8)), "GIF")
    for data in (svg, gif, b"%PDF-1.7", b"<html>", b"PK\x03\x04", b"\x00" * 100, b"\xff\xd8", b"GIF89a\xff\xd8\xff"):
        assert refusal(data) == "photo.not_a_photo"
    assert refusal(b"") == "photo.empty"
    assert files(shelves) == []


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_heic_is_refused_with_a_way_out(brand: bytes) -> None:
    assert refusal(b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 40) == "photo.heif"


def test_reading_stops_at_the_limit(shelves: Path) -> None:
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        yield b"\xff\xd8\xff\xe0"
        while True:
            read += 1 << 20
            yield b"\x00" * (1 << 20)

    with pytest.raises(Invalid) as caught:
        receive(endless())
    assert caught.value.code == "photo.too_long"
    assert read <= MAX_BYTES + (1 << 20)
    assert files(shelves) == []


# --- bombs -------------------------------------------------------------------------------------------------------------


def png_bomb(width: int, height: int) -> bytes:
    """A valid PNG header for a picture of any size, with a little of its data."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\x00" * 1_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg_bomb() -> bytes:
    data = bytearray(encoded(picture((64, 64))))
    place = data.index(b"\xff\xc0") + 5
    data[place : place + 4] = struct.pack(">HH", 65000, 65000)
    return bytes(data)


def webp_bomb() -> bytes:
    body = b"\x10\x00\x00\x00" + (16382).to_bytes(3, "little") + (16382).to_bytes(3, "little")
    frame = encoded(picture((16, 16)), "WEBP", lossless=True)[12:]
    chunks = b"VP8X" + struct.pack("<I", 10) + body + frame
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


@pytest.mark.parametrize("bomb", [png_bomb(50_000, 50_000), png_bomb(1, 2**31 - 1), jpeg_bomb(), webp_bomb()])
def test_bombs_are_refused_by_their_header(bomb: bytes, shelves: Path) -> None:
    assert refusal(bomb) == "photo.too_many_pixels"
    assert files(shelves) == []
    with pytest.raises(Invalid, match="too_many_pixels"):
        render(BytesIO(bomb))


def test_refusing_bombs_takes_no_memory() -> None:
    """In a process that may have 64 MB more than it has when it begins, which no decoder of 2,500 megapixels could do with."""
    code = """
import resource, sys
import PIL.Image, django
from django.conf import settings
settings.configure(USE_I18N=False)
from linli.kernel.errors import Invalid, NotFound
from linli.kernel.storage.intake import inspect
from io import BytesIO
from tests.kernel.test_storage_photos import jpeg_bomb, png_bomb, webp_bomb
bombs = [BytesIO(bomb) for bomb in (png_bomb(50_000, 50_000), jpeg_bomb(), webp_bomb())]
room = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + (64 << 20)
resource.setrlimit(resource.RLIMIT_AS, (room, room))
for bomb in bombs:
    try:
        inspect(bomb)
    except Invalid as error:
        print(error.code)
"""
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}"}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=root)
    assert result.stdout.split() == ["photo.too_many_pixels"] * 3, result.stderr


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = encoded(picture((64, 64)), progressive=True)
    scan = data.rindex(b"\xff\xda")
    assert take(data).width == 64
    assert refusal(data[:-2] + data[scan:-2] * MAX_SCANS + data[-2:]) == "photo.damaged"


def test_limits_are_the_caller_s() -> None:
    data = encoded(picture((1000, 1000)))
    assert refusal(data, max_pixels=999_999) == "photo.too_many_pixels"
    assert refusal(data, max_bytes=len(data) - 1) == "photo.too_long"
    assert take(data, max_pixels=1_000_000, max_bytes=len(data)).bytes == len(data)


# --- sizes by header ---------------------------------------------------------------------------------------------------


@given(
    st.integers(1, 3000),
    st.integers(1, 40),
    st.sampled_from(["JPEG", "PNG", "WEBP", "lossless", "extended", "progressive"]),
)
def test_the_header_tells_the_size(width: int, height: int, form: str) -> None:
    image = Image.new("RGBA" if form == "extended" else "RGB", (width, height))
    options: dict[str, Any] = {
        "lossless": {"lossless": True}, "extended": {"exif": b"Exif\x00\x00"}, "progressive": {"progressive": True}
    }.get(form, {})  # fmt: skip
    name = {"lossless": "WEBP", "extended": "WEBP", "progressive": "JPEG"}.get(form, form)
    data = encoded(image, name, **options)
    kind = kind_of(data[:64])
    assert kind is not None
    assert size_of(BytesIO(data), kind) == Size(width, height)


@given(
    st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"RIFF\x00\x00\x00\x00WEBPVP8X"]),
    st.binary(max_size=200),
)
def test_rubbish_behind_a_good_beginning_is_refused_in_order(head: bytes, rest: bytes) -> None:
    file = BytesIO(head + rest)
    kind = kind_of((head + rest)[:64])
    if kind is not None:
        try:
            size_of(file, kind)
        except HeaderError:
            pass
        with pytest.raises(Invalid):
            render(file)


@given(st.data())
def test_a_photo_with_bytes_changed_is_a_photo_or_damaged(data: st.DataObject) -> None:
    form = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP"]))
    photo = bytearray(encoded(picture((96, 64)), form))
    for _ in range(data.draw(st.integers(1, 8))):
        photo[data.draw(st.integers(0, len(photo) - 1))] = data.draw(st.integers(0, 255))
    try:
        image, _ = render(BytesIO(photo), max_pixels=1_000_000)
    except Invalid:
        return
    assert image.mode == "RGB"


# --- renditions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_place_phone_and_comment_is_left(form: str, shelves: Path) -> None:
    data = telltale_photo(form=form)
    assert b"Lamp Phone 9" in data
    assert b"GPSLatitude" in data
    made = process(take(data).key, to=Shelf.PUBLIC)
    for rendition in (made.photo, made.thumb):
        out = (shelves / "files" / rendition.key).read_bytes()
        for trace in (b"Lamp Phone 9", b"GPS", b"Exif", COMMENT, b"xmp", b"http", b"ICC"):
            assert trace not in out
        with Image.open(BytesIO(out)) as image:
            assert image.format == "JPEG"
            assert image.size == (rendition.width, rendition.height)
            assert not image.getexif()
            assert len(out) == rendition.bytes
    assert (made.photo.width, made.photo.height) == (PHOTO_SIDE, 1067)
    assert max(made.thumb.width, made.thumb.height) == THUMB_SIDE
    assert Shelf.PUBLIC.storage().url(made.photo.key) == f"/files/{made.photo.key}"


def corner(image: Image.Image, x: float, y: float) -> str:
    red, _, blue = image.getpixel((int(x * (image.width - 1)), int(y * (image.height - 1))))  # type: ignore[misc]
    return "red" if red > blue else "blue"


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (1600, 1067), (0, 0.5)), (2, (1600, 1067), (1, 0.5)), (3, (1600, 1067), (1, 0.5)), (4, (1600, 1067), (0, 0.5)),
        (5, (1067, 1600), (0.5, 0)), (6, (1067, 1600), (0.5, 0)), (7, (1067, 1600), (0.5, 1)), (8, (1067, 1600), (0.5, 1)),
    ],
)  # fmt: skip
def test_a_photo_stands_upright(orientation: int, size: tuple[int, int], red_at: tuple[float, float]) -> None:
    photo, thumb = render(BytesIO(telltale_photo(orientation)))
    for image in (photo, thumb):
        assert corner(image, *red_at) == "red"
        assert corner(image, 1 - red_at[0], 1 - red_at[1]) == "blue"
    assert photo.size == size


def test_small_photos_are_not_blown_up() -> None:
    photo, thumb = render(BytesIO(encoded(picture((200, 100)))))
    assert photo.size == thumb.size == (200, 100)


@pytest.mark.parametrize("size", [(1, 1), (4000, 1), (1, 4000), (1601, 1600)])
def test_odd_shapes(size: tuple[int, int]) -> None:
    photo, thumb = render(BytesIO(encoded(Image.new("RGB", size), "PNG")))
    assert max(photo.size) <= PHOTO_SIDE
    assert max(thumb.size) <= THUMB_SIDE
    assert encode(thumb)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_mode_of_png(mode: str) -> None:
    image = Image.new("I;16", (400, 300), 40_000) if mode == "I;16" else picture((400, 300)).convert(mode)
    photo, _ = render(BytesIO(encoded(image, "PNG")))
    assert photo.mode == "RGB"
    if mode == "I;16":
        assert photo.getpixel((5, 5)) == (156, 156, 156)


def test_transparent_is_white_and_cmyk_is_read() -> None:
    clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    assert render(BytesIO(encoded(clear, "PNG")))[0].getpixel((5, 5)) == (255, 255, 255)
    assert render(BytesIO(encoded(picture(mode="CMYK"))))[0].mode == "RGB"


def test_colours_are_brought_to_srgb_and_bad_profiles_are_passed_over() -> None:
    linear = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    for profile in (b"rubbish", linear, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()):
        photo, _ = render(BytesIO(encoded(picture(), icc_profile=profile)))
        assert corner(photo, 0, 0.5) == "red"
        assert "icc_profile" not in photo.info


def test_truncated_photos_are_damaged_not_half_grey() -> None:
    for form in ("JPEG", "PNG", "WEBP"):
        data = telltale_photo(form=form)
        key = take(data[: len(data) * 2 // 3]).key
        with pytest.raises(Invalid, match="damaged"):
            process(key, to=Shelf.PUBLIC)


def test_a_photo_that_is_also_an_archive_and_a_page_is_only_a_photo_afterwards(shelves: Path) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("evil.txt", "nothing good")
    data = encoded(picture(), comment=b"<script>alert(1)</script>") + archive.getvalue() + b"<?php evil(); ?>"
    assert zipfile.is_zipfile(BytesIO(data))
    made = process(take(data).key, to=Shelf.PUBLIC)
    out = (shelves / "files" / made.photo.key).read_bytes()
    assert not zipfile.is_zipfile(BytesIO(out))
    assert b"script" not in out
    assert b"php" not in out
    assert [path.suffix for path in files(shelves / "files")] == [".jpg", ".jpg"]


def test_an_animated_file_gives_its_first_picture() -> None:
    data = encoded(
        picture(), "WEBP", save_all=True, append_images=[Image.new("RGB", (800, 600), "green")], duration=100
    )
    assert corner(render(BytesIO(data))[0], 0, 0.5) == "red"


def test_processing_twice_changes_nothing_and_a_sensitive_photo_stays_private(shelves: Path) -> None:
    key = take(telltale_photo()).key
    first = process(key, to=Shelf.PRIVATE)
    before = {path: path.stat().st_mtime_ns for path in files(shelves)}
    assert asdict(process(key, to=Shelf.PRIVATE)) == asdict(first)
    assert {path: path.stat().st_mtime_ns for path in files(shelves)} == before
    assert not (shelves / "files").exists()
    with pytest.raises(FileNotFoundError):
        process("originals/00/00/none.jpg", to=Shelf.PUBLIC)


def test_a_large_photo_is_made_small_within_bounded_memory() -> None:
    """50 megapixels of PNG decode to 150 MB; the rest stays far below that again."""
    code = """
from io import BytesIO
from pathlib import Path
from django.conf import settings
settings.configure(USE_I18N=False)
from PIL import Image
from linli.kernel.storage.rendering import render
buffer = BytesIO()
Image.new("RGB", (10_000, 5_000), "red").save(buffer, "PNG", compress_level=1)
photo, thumb = render(buffer)
status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
print(*photo.size, int(status["VmHWM"].split()[0]) // 1024)
"""
    # Not getrusage: what it calls the greatest size is inherited from the process that started this one.
    root = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root / "src")}
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    width, height, megabytes = map(int, result.stdout.split())
    assert (width, height) == (1600, 800)
    assert megabytes < 400


# --- the shelves -------------------------------------------------------------------------------------------------------


def test_half_a_file_never_stands_under_a_whole_one_s_name(shelves: Path) -> None:
    class Breaking(ContentFile):  # type: ignore[type-arg]
        def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
            yield b"half"
            raise OSError("the disk is full")

    storage = Shelf.PRIVATE.storage()
    with pytest.raises(OSError, match="full"):
        storage.save("originals/a.jpg", Breaking(b""))
    assert not storage.exists("originals/a.jpg")
    assert files(shelves) == []


def test_shelves_in_buckets() -> None:
    names = {
        "LINLI_S3_PRIVATE_BUCKET": "originals",
        "LINLI_S3_PUBLIC_BUCKET": "shown",
        "LINLI_S3_ENDPOINT": "https://s3",
    }
    settings = storage_settings(Path("data"), names)
    assert settings["private"]["OPTIONS"]["default_acl"] == "private"
    assert settings["private"]["OPTIONS"]["querystring_auth"]
    assert settings["public"]["OPTIONS"]["bucket_name"] == "shown"
    for wrong in ({"LINLI_S3_PRIVATE_BUCKET": "x"}, {"LINLI_S3_PRIVATE_BUCKET": "x", "LINLI_S3_PUBLIC_BUCKET": "x"}):
        with pytest.raises(ValueError, match="two different buckets"):
            storage_settings(Path("data"), wrong)


def test_inspect_alone_decodes_nothing() -> None:
    data = encoded(picture())
    broken = data[: len(data) // 2]
    assert inspect(BytesIO(broken)) == (Kind.JPEG, Size(800, 600))


def test_renditions_are_given_out_and_originals_are_not() -> None:
    original = take(telltale_photo()).key
    made = process(original, to=Shelf.PUBLIC)
    response = photo_response(made.thumb.key, shelf=Shelf.PUBLIC)
    assert len(b"".join(response.streaming_content)) == made.thumb.bytes  # type: ignore[arg-type]
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"].startswith("public")
    process(original, to=Shelf.PRIVATE)
    assert photo_response(made.photo.key, shelf=Shelf.PRIVATE)["Cache-Control"].startswith("private")
    for key in (original, "photos/../" + original, "photos/ab/cd/" + "0" * 64 + ".jpg", "/etc/passwd"):
        with pytest.raises(NotFound):
            photo_response(key, shelf=Shelf.PRIVATE)
