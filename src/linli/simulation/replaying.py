"""A replay over one or several processes, and its report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from django.db import connection, connections

from linli.cases.actions import intake
from linli.kernel import time
from linli.simulation.engine import work_off
from linli.simulation.figures import Summary, summary
from linli.simulation.replay import Outcome, Replay, Result, affine_of, counts, differences, earliest, shift_for
from linli.simulation.trace import Trace

EXAMPLES = 5
Tell = Callable[[str], object]


def replay(trace: Trace, *, district: str, jobs: int = 1, seed: int = 1, tell: Tell = print) -> Result:
    """Replay a trace into a district whose ground and staff are there.

    Args:
        jobs: how many processes share the requests; each has its own simulated clock, and what belongs to one case stays in one.
    """
    began = time.monotonic()
    refused = dict(Counter(one.reason for one in trace.refused))
    result = Result(trace.name, trace.rows, refused, district=district, requests={r.id: r for r in trace.requests})
    if not trace.requests:
        return result
    shift = shift_for(trace, earliest(district))
    affine = affine_of(trace, district)
    result.shifted_weeks = shift // timedelta(weeks=1)
    result.first = min(m for r in trace.requests for m in (r.created, r.due) if m is not None) + shift
    result.last = max(m for r in trace.requests for m in (r.created, r.closed) if m is not None) + shift
    if jobs == 1:
        work = Replay(trace, district=district, shift=shift, affine=affine, seed=seed)

        def progress(done: int) -> None:
            if done % 5_000 == 0:
                tell(f"{done:,} steps")

        result.outcomes = work.run(trace.requests, progress=progress)
    else:
        result.outcomes = _shared(trace, district=district, shift=shift, affine=affine, seed=seed, jobs=jobs)
    # Only now do the clocks run out of what stays open, and the readers of events read: as of the end of the trace.
    with time.at(result.last + timedelta(hours=1)):
        work_off()
    result.seconds = time.monotonic() - began
    return result


def _shared(trace: Trace, *, district: str, shift: timedelta, affine: Any, seed: int, jobs: int) -> list[Outcome]:
    """The same over several processes; duplicates find their master among the requests of their own process."""
    connections.close_all()
    context = get_context("fork")
    receiving = []
    for part in range(jobs):
        out, into = context.Pipe(duplex=False)
        child = context.Process(target=_part, args=(into, trace, district, shift, affine, seed, part, jobs))
        child.start()
        into.close()
        receiving.append((child, out))
    outcomes: list[Outcome] = []
    for child, out in receiving:
        found = out.recv()
        child.join()
        if isinstance(found, str):
            raise RuntimeError(found)
        outcomes += found
    order = {r.id: n for n, r in enumerate(trace.requests)}
    return sorted(outcomes, key=lambda one: order[one.request_id])


def _part(
    into: Any, trace: Trace, district: str, shift: timedelta, affine: Any, seed: int, part: int, jobs: int
) -> None:
    # Serials that the parent drew are the parent's: two processes would give out the same numbers.
    intake._serials.clear()
    try:
        work = Replay(trace, district=district, shift=shift, affine=affine, seed=seed * 1_000 + part)
        into.send(work.run(trace.requests[part::jobs]))
    except Exception as error:  # noqa: BLE001 (told to the parent, which raises it)
        into.send(f"{type(error).__name__}: {error}")
    finally:
        into.close()
        connection.close()


def report(result: Result, *, folder: Path) -> tuple[Path, Path, Summary]:
    """Write what came out, for machines and for people: ``replay-NAME.json`` and ``replay-NAME.md``."""
    folder.mkdir(parents=True, exist_ok=True)
    if result.first is None or result.last is None:
        raise ValueError("an empty trace has no report")
    found = summary(
        result.district, since=result.first.astimezone(time.LOCAL_ZONE).date() - timedelta(days=1),
        until=result.last.astimezone(time.LOCAL_ZONE).date() + timedelta(days=400),
    )  # fmt: skip
    machine = folder / f"replay-{result.trace}.json"
    person = folder / f"replay-{result.trace}.md"
    facts = as_json(result) | {"figures": found.as_json()}
    machine.write_text(json.dumps(facts, ensure_ascii=False, indent=2, default=str) + "\n", "utf-8")
    person.write_text("\n".join(as_lines(result, found)) + "\n", "utf-8")
    return machine, person, found


def as_json(result: Result) -> dict[str, Any]:
    """The report as plain data."""
    differing = differences(result)
    return {
        "trace": result.trace,
        "district": result.district,
        "shifted_weeks": result.shifted_weeks,
        "seconds": round(result.seconds, 1),
        "counts": counts(result),
        "trace_says": trace_says(result),
        "accounted_for": accounted_for(result),
        "refused": result.refused,
        "differences": {what: {"count": len(of), "examples": of[:EXAMPLES]} for what, of in sorted(differing.items())},
    }


def trace_says(result: Result) -> dict[str, int]:
    """The trace's own count of what was in time and late."""
    says = Counter(
        {None: "no_due_or_not_closed", True: "closed_late", False: "closed_on_time"}[r.late]
        for r in result.requests.values()
    )
    return {name: says[name] for name in ("closed_on_time", "closed_late", "no_due_or_not_closed")}


def accounted_for(result: Result) -> bool:
    """Whether every row of the trace is in exactly one of the counts and none is lost."""
    found = counts(result)
    return found["in_trace"] == sum(n for name, n in found.items() if name != "in_trace") and found["lost"] == 0


def as_lines(result: Result, found: Summary) -> list[str]:
    """The report in words."""
    facts = as_json(result)
    yes = "yes" if facts["accounted_for"] else "NO"
    lines = [f"# Replay of {result.trace} into {result.district}", ""]
    lines.append(
        f"{result.rows:,} rows in {result.seconds:,.0f} s; times moved by {result.shifted_weeks} whole weeks. "
        f"Every request accounted for: **{yes}**."
    )
    for heading, part in (("here", "counts"), ("the trace says", "trace_says")):
        lines += ["", f"| {heading} | requests |", "| --- | ---: |"]
        lines += [f"| {name.replace('_', ' ')} | {count:,} |" for name, count in facts[part].items()]
    lines += [
        "",
        "| what differs, or could not be taken as it stands | requests | for example |",
        "| --- | ---: | --- |",
    ]
    for what, one in facts["differences"].items():
        lines.append(f"| {what} | {one['count']:,} | {', '.join(one['examples'])} |")
    lines += [f"| row refused: {reason} | {count:,} | |" for reason, count in result.refused.items()]
    return [*lines, "", "```", *found.lines(), "```"]
