"""How the cockpit hands out a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from django.http import HttpResponse

from linli.kernel import time
from linli.kernel.workbooks import TYPE, safe

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": TYPE}


def as_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Text that spreadsheets open as it is: with a mark of its encoding, no cell a formula."""
    kept = io.StringIO()
    csv.writer(kept).writerows([safe(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + kept.getvalue().encode()


def sent(content: bytes, panel: str, area_path: str, form: str) -> HttpResponse:
    """A file named after its panel, its area and today."""
    name = f"linli-{panel}-{area_path.replace('/', '-')}-{time.today().isoformat()}.{form}"
    return HttpResponse(
        content, content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
