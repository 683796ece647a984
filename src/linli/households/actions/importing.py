"""A file of dwellings and residents, read in chunks: each is one transaction that also says how far the file has been read.

Killed between two chunks or within one, the next start goes on with the first row that is not in; the same file again finds everything
in place and changes nothing. While the database takes a chunk, the next one is checked and sealed.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from linli.duties import guarding
from linli.households import carrying, files
from linli.households.duties import IMPORT
from linli.households.files import CHUNK, Feed, PathFeed
from linli.households.models import Import, ImportPiece, ImportProblem, ImportState, Source
from linli.households.preparing import Ground, Prepared, Preparer, Site
from linli.households.rules import retention
from linli.kernel import crypto, ids, time
from linli.kernel.db import district_of, in_subtree, insert_all
from linli.kernel.errors import Conflict, Invalid, LinliError, NotFound
from linli.kernel.trust import SYSTEM, Actor, audit, context, policy
from linli.territory.models import Level
from linli.territory.queries import areas

log = logging.getLogger(__name__)
ROW, PIECE = "households_import.row", "households_import.piece"
PIECE_LINES = 2_000
MOST_BYTES = 20_000_000
"""Of a file sent to the desk; larger ones go by the command line."""
MAX_PIECE = 1024 * 1024
MOST_RECEIVING = 20
TRIES = 3
PATIENCE = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
"""How long the worker waits before it tries a chunk again that failed; after the last time the file is set aside."""
FAILED, LEFT_OUT = "import.failed", "row.left_out"
Progress = Callable[[Import], None]


class _TakeBack(Exception):
    """Ends the savepoint of a dry run."""


def begin_file(actor: Actor, path: Path, *, area_path: str, source: Source) -> Import:
    """Register a file on disk for reading, or find how far it has been read before.

    Args:
        area_path: the area whose dwellings it may hold.

    Raises:
        Invalid: it is no such file.
        NotFound, Forbidden: the post may not import there.
    """
    policy.require(actor, "household.import", policy.Spot(area_path))
    PathFeed(path)
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    open_one = Import.objects.filter(
        district=district_of(area_path), area_path=area_path, digest=digest,
        state__in=[ImportState.WAITING, ImportState.RUNNING], dry_run=False,
    ).first()  # fmt: skip
    return open_one or _new(actor, path.name, digest, path.stat().st_size, area_path=area_path, source=source)


def begin_upload(
    actor: Actor, content: bytes, name: str, *, area_path: str, source: Source, dry_run: bool = False
) -> Import:
    """Keep an uploaded file, sealed, for the worker to read.

    Args:
        dry_run: only check it; nothing changes.

    Raises:
        Invalid: it is too large, or no such file.
        NotFound, Forbidden: the post may not import there.
    """
    policy.require(actor, "household.import", policy.Spot(area_path))
    _check_size(len(content))
    lines = _lines_of(content, name)
    with transaction.atomic():
        one = _new(
            actor, name, hashlib.sha256(content).digest(), sum(map(len, lines)), area_path=area_path, source=source,
            dry_run=dry_run,
        )  # fmt: skip
        _keep_lines(one, lines)
    return one


def begin_pieces(
    actor: Actor, name: str, length: int, *, area_path: str, source: Source, dry_run: bool = False
) -> Import:
    """Announce a file that comes in pieces over a bad line; :func:`append` takes them.

    Args:
        length: of the whole file in bytes.

    Raises:
        Invalid: it will be too large, or is empty.
        NotFound, Forbidden: the post may not import there.
        Conflict: too many are under way.
    """
    policy.require(actor, "household.import", policy.Spot(area_path), view="household.view")
    _check_size(length)
    if not length:
        raise Invalid("file.empty", _("The file holds no rows."), field="length")
    under_way = Import.objects.filter(
        district=district_of(area_path), account_id=actor.account_id, state=ImportState.RECEIVING
    )
    with transaction.atomic():
        if under_way.count() >= MOST_RECEIVING:
            raise Conflict(
                "import.too_many", _("Too many files are being sent already."), mend=_("Send them to their end, or stop them.")
            )  # fmt: skip
        return _new(
            actor, name, b"", length, area_path=area_path, source=source, dry_run=dry_run, state=ImportState.RECEIVING
        )


def append(actor: Actor, import_id: UUID, *, offset: int, piece: bytes) -> Import:
    """Put the next piece of a file behind those that have come; with its last one the file waits to be read.

    Args:
        offset: how many bytes the sender believes to be here.
        piece: at most 1 MB.

    Raises:
        NotFound, Forbidden: this account is not sending it.
        Conflict: another number of bytes is here (``extra["offset"]``), or it is here whole or was stopped.
        Invalid: more came than was announced, or the whole is no such file: then it is stopped.
    """
    refused: Invalid | None = None
    with transaction.atomic():
        row = _locked(actor, import_id)
        if row.account_id != actor.account_id:
            raise _none()
        if row.state != ImportState.RECEIVING:
            raise Conflict("import.whole", _("This file is here already, or was stopped."))
        if offset != row.offset:
            raise Conflict(
                "upload.offset", _("The file goes on at another place."),
                mend=_("Ask how much is here, and go on from there."), extra={"offset": row.offset},
            )  # fmt: skip
        if len(piece) > MAX_PIECE or row.offset + len(piece) > row.size:
            raise Invalid(
                "upload.piece", _("This piece is too long."), mend=_("Send at most 1 MB at once."), status=413
            )
        if piece:
            position = row.pieces.count()
            _keep_piece(row, position, piece)
            row.offset += len(piece)
            if row.offset == row.size:
                refused = _received(row)
            row.save()
    if refused:
        raise refused
    return row


def _received(row: Import) -> Invalid | None:
    """Lay a file that is here whole down by lines, to wait for the worker; or say why it is none."""
    parts = row.pieces.order_by("position")
    content = b"".join(crypto.keyring().open_bytes(PIECE, f"{row.id}:{part.position}", part.body_enc) for part in parts)
    parts.delete()
    row.digest = hashlib.sha256(content).digest()
    try:
        lines = _lines_of(content, row.name)
    except Invalid as wrong:
        row.state, row.ended_at, row.problem = ImportState.STOPPED, time.now(), wrong.code
        return wrong
    _keep_lines(row, lines)
    row.state, row.offset, row.size = ImportState.WAITING, 0, sum(map(len, lines))
    return None


def _check_size(length: int) -> None:
    if length > MOST_BYTES:
        raise Invalid("file.large", _("The file is larger than 20 MB."), field="file", mend=_("Send it in parts."))


def _lines_of(content: bytes, name: str) -> list[bytes]:
    """A file's lines as CSV in UTF-8, its head looked at."""
    lines = files.as_csv(content, name).splitlines(keepends=True)
    if len(lines) < 2:
        raise Invalid("file.empty", _("The file holds no rows."), field="file")
    files.head_of(_first_row(lines)[0])
    return lines


def _first_row(lines: list[bytes]) -> tuple[list[str], int]:
    """The cells of the head, and how many lines it takes."""
    row = next(files.whole_rows(lines), files.Row(b"", 0, 0))
    return next(files.parsed([row.text], "utf-8"), []), row.lines


def _keep_lines(one: Import, lines: list[bytes]) -> None:
    for position, start in enumerate(range(0, len(lines), PIECE_LINES)):
        _keep_piece(one, position, b"".join(lines[start : start + PIECE_LINES]))


def _keep_piece(one: Import, position: int, body: bytes) -> None:
    ImportPiece.objects.create(
        id=ids.new_id(), district=one.district, of=one, position=position,
        body_enc=crypto.seal(PIECE, f"{one.id}:{position}", body),
    )  # fmt: skip


def _new(
    actor: Actor,
    name: str,
    digest: bytes,
    size: int,
    *,
    area_path: str,
    source: Source,
    dry_run: bool = False,
    state: ImportState = ImportState.WAITING,
) -> Import:
    guarding.require_may_send(IMPORT, area_path=area_path, field="file")
    one = Import.objects.create(
        id=ids.new_id(), district=district_of(area_path), area_path=area_path, name=name[:160], digest=digest, size=size,
        source=source, dry_run=dry_run, state=state, post_id=actor.post_id, account_id=actor.account_id,
    )  # fmt: skip
    audit.record(
        actor, "household.import", subject_type="import", subject_id=one.id, district=one.district,
        detail={"area": area_path, "size": size, "source": str(source), "dry_run": dry_run},
    )  # fmt: skip
    return one


class PieceFeed:
    """An uploaded file in its sealed pieces; ``offset`` counts lines."""

    encoding = "utf-8"

    def __init__(self, one: Import) -> None:
        self.one = one
        cells, self.begin = _first_row(self._piece(0))
        self.head = files.head_of(cells)

    def _piece(self, position: int) -> list[bytes]:
        row = ImportPiece.objects.filter(district=self.one.district, of=self.one, position=position).first()
        if row is None:
            return []
        sealed = crypto.keyring().open_bytes(PIECE, f"{self.one.id}:{position}", row.body_enc)
        return sealed.splitlines(keepends=True)

    def rows(self, offset: int, most: int) -> tuple[list[bytes], int]:
        """See :class:`~linli.households.files.Feed`: to the end of a piece, and of the row that goes over it."""
        offset = max(offset, self.begin)
        edge = (offset // PIECE_LINES + 1) * PIECE_LINES
        found: list[bytes] = []
        for row in files.whole_rows(self._lines(offset)):
            found.append(row.text)
            offset += row.lines
            if offset >= edge or len(found) >= most:
                break
        return found, offset

    def _lines(self, offset: int) -> Iterator[bytes]:
        position, skipped = divmod(offset, PIECE_LINES)
        while lines := self._piece(position):
            yield from lines[skipped:]
            position, skipped = position + 1, 0


def ground_of(district: str, reach: str) -> Ground:
    """The compounds and micro-grids that a file may name."""
    sites: dict[str, list[Site]] = {}
    for name, key, area, path, has_grid in carrying.sites_below(district, reach):
        sites.setdefault(name, []).append(Site(key, area, path, has_grid))
    grids = areas().filter(in_subtree("path", reach), level__in=[Level.MICRO_GRID, Level.DEDICATED_GRID])
    return Ground(sites, dict(grids.values_list("path", "id")))


def run(one: Import, feed: Feed, *, progress: Progress | None = None, chunks: int = 0) -> Import:
    """Read a file from where it was left to its end.

    Args:
        progress: called after each chunk.
        chunks: stop after so many; 0 for none.

    Raises:
        Conflict: another process reads it at this moment, or it has been stopped.
    """
    preparer = Preparer(feed.head, ground_of(one.district, one.area_path), crypto.keyring(), today=time.today())

    def ready(offset: int, first: int) -> tuple[Prepared | None, int]:
        rows, following = feed.rows(offset, CHUNK)
        return (preparer.prepare(files.parsed(rows, feed.encoding), first) if rows else None), following

    done = 0
    ahead: ThreadPoolExecutor | None = None
    if isinstance(feed, PathFeed):  # reads no database, so the next chunk can be made while this one is taken
        ahead = ThreadPoolExecutor(1)
    try:
        coming: Future[tuple[Prepared | None, int]] | None = None
        while True:
            chunk, following = coming.result() if coming else ready(one.offset, one.rows + 2)
            coming = ahead.submit(ready, following, one.rows + 2 + chunk.rows) if ahead and chunk else None
            one = _take(one, chunk, following)
            if progress:
                progress(one)
            done += 1
            if one.state == ImportState.DONE or (chunks and done >= chunks):
                return one
    finally:
        if ahead:
            ahead.shutdown(cancel_futures=True)


def _take(one: Import, chunk: Prepared | None, following: int) -> Import:
    """Take a chunk, or the file's end; again when somebody registered the same dwelling or person at the same moment."""
    for left in reversed(range(TRIES)):
        try:
            return _take_once(one, chunk, following)
        except IntegrityError:
            if not left:
                raise
    raise AssertionError("there is at least one try")


def _take_once(one: Import, chunk: Prepared | None, following: int) -> Import:
    expected = one.offset
    with transaction.atomic(), context.personal(SYSTEM):
        row = Import.objects.select_for_update(skip_locked=True).filter(district=one.district, id=one.id).first()
        if row is None or row.offset != expected or row.state not in (ImportState.WAITING, ImportState.RUNNING):
            raise Conflict("import.elsewhere", _("This file is read by another process, or has been stopped."))
        row.state = ImportState.RUNNING
        if chunk is None:
            _end(row)
        else:
            carried = _carry(row, chunk)
            problems = [*chunk.problems, *carried.problems]
            _keep_problems(row, problems, chunk)
            row.offset, row.rows = following, row.rows + chunk.rows
            row.problem, row.tries, row.next_try_at = "", 0, None
            row.bad += len({n for n, _column, _code in problems})
            row.counts = {
                key: row.counts.get(key, 0) + carried.counts.get(key, 0) for key in {*row.counts, *carried.counts}
            }
        row.save()
    return row


def _carry(row: Import, chunk: Prepared) -> carrying.Carried:
    values: dict[str, Any] = {
        "source": str(row.source), "import": row.id, "post": row.post_id, "today": time.today(), "now": time.now(),
    }  # fmt: skip
    found = carrying.Carried()
    try:
        with transaction.atomic():
            found = carrying.carry(chunk.lines, district=row.district, reach=row.area_path, values=values)
            if row.dry_run:
                raise _TakeBack
            with connection.cursor() as cursor:
                cursor.execute(f"DROP TABLE {carrying.TEMPORARY}")
    except _TakeBack:
        pass
    return found


def _keep_problems(row: Import, problems: list[tuple[int, str, str]], chunk: Prepared) -> None:
    rows = []
    for n, column, code in problems:
        key = ids.new_id()
        cells = json.dumps(chunk.cells[n], ensure_ascii=False)
        rows.append(
            ImportProblem(
                id=key, district=row.district, of_id=row.id, area_path=row.area_path, row=n, column=column, code=code,
                cells_enc=crypto.seal(ROW, key, cells),
            )
        )  # fmt: skip
    insert_all(rows)


def _end(row: Import) -> None:
    row.state, row.ended_at = ImportState.DONE, time.now()
    ImportPiece.objects.filter(district=row.district, of=row).delete()
    audit.record(
        SYSTEM, "household.import_done", subject_type="import", subject_id=row.id, district=row.district,
        detail={"rows": row.rows, "bad": row.bad, "dry_run": row.dry_run, **row.counts},
    )  # fmt: skip


def stop(actor: Actor, import_id: UUID) -> Import:
    """Stop a file that is being read; what is in stays, the rest is forgotten.

    Raises:
        NotFound, Forbidden: it is out of the post's reach.
        Conflict: it has ended.
    """
    with transaction.atomic():
        row = _locked(actor, import_id)
        if row.state in (ImportState.DONE, ImportState.STOPPED):
            raise Conflict("import.ended", _("This file has been read."))
        row.state, row.ended_at, row.next_try_at = ImportState.STOPPED, time.now(), None
        row.save()
        ImportPiece.objects.filter(district=row.district, of=row).delete()
    return row


def _locked(actor: Actor, import_id: UUID) -> Import:
    policy.require(actor, "household.import")
    row = Import.objects.select_for_update().filter(district=actor.district, id=import_id).first()
    if row is None or not policy.allows(actor, "household.import", policy.Spot(row.area_path)):
        raise _none()
    return row


def _none() -> NotFound:
    return NotFound("import.none", _("There is no such import that you can see."))


def give_up_old() -> int:
    """Stop the files that nobody has sent to their end within the time; their pieces go. Returns how many."""
    kept = timedelta(days=retention()["unfinished_file"])
    with transaction.atomic():
        rows = list(
            Import.objects.select_for_update(skip_locked=True).filter(
                state=ImportState.RECEIVING, started_at__lt=time.now() - kept
            )[:100]
        )
        for row in rows:
            row.state, row.ended_at, row.problem = ImportState.STOPPED, time.now(), "file.unfinished"
            row.save()
            ImportPiece.objects.filter(district=row.district, of=row).delete()
            audit.record(
                SYSTEM, "household.deleted", subject_type="retention", subject_id="unfinished_file", district=row.district,
                detail={"count": 1, "days": kept.days},
            )  # fmt: skip
    return len(rows)


def read_waiting() -> int:
    """Read one chunk of the oldest uploaded file that waits; for the worker. One that fails waits, or is set aside; others go on."""
    row = (
        Import.objects.filter(
            Q(next_try_at__isnull=True) | Q(next_try_at__lte=time.now()),
            state__in=[ImportState.WAITING, ImportState.RUNNING],
            pieces__position=0,
        )
        .order_by("started_at")
        .first()
    )
    if row is None:
        return 0
    try:
        run(row, PieceFeed(row), chunks=1)
    except Conflict:
        return 0
    except (InterfaceError, OperationalError):  # the database's own trouble is not the file's
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the next try or the sender decides, and other files go on
        _failed(row, error)
    return 1


def _failed(one: Import, error: Exception) -> None:
    """Note that a chunk could not be taken: when it is tried again, or that the file is set aside with the reason."""
    with transaction.atomic():
        row = Import.objects.select_for_update().get(district=one.district, id=one.id)
        if row.offset != one.offset or row.state not in (ImportState.WAITING, ImportState.RUNNING):
            return
        row.problem = error.code if isinstance(error, LinliError) else FAILED
        if row.tries < len(PATIENCE):
            row.next_try_at = time.now() + PATIENCE[row.tries]
        else:
            row.state, row.next_try_at = ImportState.ASIDE, None
        row.tries += 1
        row.save()
    # The kind of the exception only: its words may hold what stands in a cell.
    log.warning("import %s: rows from %s on failed (%s), try %s", row.id, row.rows + 2, type(error).__name__, row.tries)


def go_on(actor: Actor, import_id: UUID, *, leave_out: bool = False) -> Import:
    """Read on in a file that was set aside, or that waits for its next try.

    Args:
        leave_out: pass over the rows that failed: they are named one by one as not taken and come back in the workbook.

    Raises:
        NotFound, Forbidden: it is out of the post's reach.
        Conflict: nothing failed.
    """
    with transaction.atomic(), context.personal(SYSTEM):
        row = _locked(actor, import_id)
        if not row.tries or row.state not in (ImportState.WAITING, ImportState.RUNNING, ImportState.ASIDE):
            raise Conflict("import.not_failed", _("Nothing of this file has failed."))
        if leave_out:
            try:
                _leave_out(row)
            except (crypto.CryptoError, Invalid):
                raise Conflict(
                    "import.unreadable", _("These rows cannot be opened any more."), mend=_("Stop it, and send the file again.")
                ) from None  # fmt: skip
        row.state, row.tries, row.next_try_at, row.problem = ImportState.RUNNING, 0, None, ""
        row.save()
        audit.record(
            actor, "household.import_go_on", subject_type="import", subject_id=row.id, district=row.district,
            detail={"rows": row.rows, "leave_out": leave_out},
        )  # fmt: skip
    return row


def _leave_out(row: Import) -> None:
    feed = PieceFeed(row)
    texts, following = feed.rows(row.offset, CHUNK)
    chunk = Prepared(
        cells={n: cells for n, cells in enumerate(files.parsed(texts, feed.encoding), row.rows + 2) if cells}
    )
    _keep_problems(row, [(n, "", LEFT_OUT) for n in chunk.cells], chunk)
    row.offset, row.rows, row.bad = following, row.rows + len(texts), row.bad + len(chunk.cells)
