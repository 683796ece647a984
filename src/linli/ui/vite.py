"""The built front end: which files an entry needs, with their integrity hashes. Read again when a build replaces them."""

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

DIST = Path(__file__).resolve().parent / "static" / "dist"
MANIFEST = DIST / "manifest.json"


class Asset(NamedTuple):
    """One built file: its address and its subresource-integrity value."""

    href: str
    integrity: str


class Entry(NamedTuple):
    """What a page includes for one entry."""

    script: Asset
    styles: tuple[Asset, ...]
    preloads: tuple[Asset, ...]


class NotBuilt(RuntimeError):
    """The front end has not been built yet."""


_read: tuple[int, dict[str, Any]] | None = None
_hashes: dict[str, str] = {}


def _manifest() -> dict[str, Any]:
    global _read
    try:
        stamp = MANIFEST.stat().st_mtime_ns
        if _read is None or _read[0] != stamp:
            _read = (stamp, json.loads(MANIFEST.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise NotBuilt(
            "The front end is not built: run `npm ci && npm run build` in frontend/ (./run does)."
        ) from error
    return _read[1]


def _asset(file: str) -> Asset:
    if file not in _hashes:
        digest = hashlib.sha384((DIST / file).read_bytes()).digest()
        _hashes[file] = "sha384-" + base64.b64encode(digest).decode()
    return Asset(f"{settings.STATIC_URL}dist/{file}", _hashes[file])


def entry(name: str) -> Entry:
    """Script, styles and preloads of the entry ``src/<name>.ts``.

    :raises NotBuilt: without a build
    :raises KeyError: for a name that is no entry
    """
    manifest = _manifest()
    chunk = manifest[f"src/{name}.ts"]
    imports = [manifest[key] for key in chunk.get("imports", ())]
    styles = dict.fromkeys(file for part in (chunk, *imports) for file in part.get("css", ()))
    return Entry(
        _asset(chunk["file"]),
        tuple(_asset(file) for file in styles),
        tuple(_asset(part["file"]) for part in imports),
    )


def everything() -> list[str]:
    """The addresses of all built files that pages load; each has its hash in its name."""
    files = {chunk["file"] for chunk in _manifest().values()}
    for chunk in _manifest().values():
        files.update(chunk.get("css", ()))
        files.update(chunk.get("assets", ()))
    return [f"{settings.STATIC_URL}dist/{file}" for file in sorted(files)]


def worker(name: str) -> str:
    """The text of a built service worker, ``dist/<name>-worker.js``.

    :raises NotBuilt: without a build
    """
    try:
        return (DIST / f"{name}-worker.js").read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise NotBuilt("The service worker is not built: run `npm run build` in frontend/ (./run does).") from error
