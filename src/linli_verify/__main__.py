"""``linli-verify``: is the case log what it was? Exit status 0: sound; 1: broken; 2: could not be checked."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from linli_verify.check import check
from linli_verify.findings import Report
from linli_verify.form import Entry
from linli_verify.roots import Heads, UnusableError, read_keys, read_roots
from linli_verify.sources import case_rows, from_database, from_export, write_export

SOUND, BROKEN, UNUSABLE = 0, 1, 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="linli-verify",
        description="Checks the hash chains of Linli's case log and the signed day roots over them.",
        epilog="Exit status: 0 sound, 1 broken, 2 could not be checked.",
    )
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--database", metavar="URL", help="postgresql://... (default: LINLI_DATABASE_URL)")
    source.add_argument("--export", type=Path, metavar="FILE", help="JSON lines instead of a database (.gz is fine)")
    parser.add_argument("--table", default="cases_logentry", help="the log's table (default: %(default)s)")
    parser.add_argument(
        "--cases",
        default=None,
        metavar="TABLE",
        help="the cases' table, to compare log_length and log_head with; '' for none (default: cases_case beside "
        "cases_logentry)",
    )
    parser.add_argument("--district", default="", metavar="CODE", help="only this district")
    parser.add_argument("--roots", type=Path, metavar="DIR", help="folder with roots.jsonl (default: LINLI_ROOTS_DIR)")
    parser.add_argument("--keys", type=Path, metavar="FILE", help="public keys, kept apart from the roots")
    parser.add_argument("--limit", type=int, default=1000, help="list at most so many breaks (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of lines for people")
    parser.add_argument("--write-export", type=Path, metavar="FILE", help="write the entries to FILE; check nothing")
    return parser


def _entries(options: argparse.Namespace) -> Iterator[Entry]:
    if options.export is not None:
        return from_export(options.export, district=options.district)
    url = options.database or os.environ.get("LINLI_DATABASE_URL", "")
    if not url:
        raise UnusableError("name a database (--database or LINLI_DATABASE_URL) or an export (--export)")
    return from_database(url, table=options.table, district=options.district)


def _case_rows(options: argparse.Namespace, report: Report) -> None:
    cases = options.cases
    if cases is None:
        cases = "cases_case" if options.table == "cases_logentry" else ""
    if cases and options.export is None:
        url = options.database or os.environ.get("LINLI_DATABASE_URL", "")
        for finding in case_rows(url, table=options.table, cases=cases, district=options.district):
            report.add(finding)


def _heads(options: argparse.Namespace, report: Report) -> Heads | None:
    named = options.roots or os.environ.get("LINLI_ROOTS_DIR")
    if not named:
        report.notes.append("no day roots given: a cut tail or a vanished case cannot be seen (--roots)")
        return None
    folder = Path(named)
    keys = options.keys
    if keys is None:
        keys = folder / "keys.json"
        report.notes.append("the public keys came from the roots' own folder; give a copy kept elsewhere (--keys)")
    return read_roots(folder, read_keys(keys), report, district=options.district)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    report = Report(limit=max(0, options.limit))
    heads: Heads | None = None
    try:
        if options.write_export is not None:
            with options.write_export.open("w", encoding="utf-8") as file:
                _say(f"{write_export(_entries(options), file)} entries written")
            return SOUND
        heads = _heads(options, report)
        check(_entries(options), heads, report)
        _case_rows(options, report)
    except (UnusableError, OSError) as error:
        _say(json.dumps({"verdict": "unusable", "reason": str(error)}) if options.json else f"UNUSABLE: {error}")
        return UNUSABLE
    finally:
        if heads is not None:
            heads.close()
    if report.late:
        report.notes.append(f"{report.late} entries lie before the last seal's end but came after it (written late)")
    _say(json.dumps(report.as_json(), ensure_ascii=False, indent=2) if options.json else str(report))
    return BROKEN if report.broken else SOUND


if __name__ == "__main__":
    sys.exit(main())
