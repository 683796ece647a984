"""How the cockpit hands out a table."""

from __future__ import annotations

from django.http import HttpResponse

from linli.kernel import time
from linli.kernel.workbooks import TYPE

TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": TYPE}


def sent(content: bytes, panel: str, area_path: str, form: str) -> HttpResponse:
    """A file named after its panel, its area and today."""
    name = f"linli-{panel}-{area_path.replace('/', '-')}-{time.today().isoformat()}.{form}"
    return HttpResponse(
        content, content_type=TYPES[form], headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
