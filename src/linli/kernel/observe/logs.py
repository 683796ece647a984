"""Logs as JSON, one object a line, with the request's id and without personal data.

What an exception *says* may quote a value (PostgreSQL's "Key (phone)=(...)"), so in production only its type, where it was
raised, and what of a database error names no value are written.
"""

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import orjson
from django.http import HttpRequest

from linli.kernel.observe.context import request_id

# The extras that are written; anything else that a library attaches to a record is not ours to publish.
EXTRAS = (
    "method",
    "route",
    "status",
    "ms",
    "process_name",
    "pid",
    "exit_code",
    "count",
    "seconds",
    "consumer",
    "kind",
    "job",
)


class JsonFormatter(logging.Formatter):
    """One JSON object per record.

    Args:
        wordy: also write what exceptions say; for demo and development, where all data is made up.
    """

    def __init__(self, *, wordy: bool = False) -> None:
        super().__init__()
        self.wordy = wordy

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
        }
        identity = request_id.get()
        if identity:
            line["request_id"] = identity
        for name in EXTRAS:
            value = getattr(record, name, None)
            if value is not None:
                line[name] = value
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = self._exception(record.exc_info[1])
        return orjson.dumps(line, default=str).decode()

    def _message(self, record: logging.LogRecord) -> str:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            # Django's own messages quote the path, which may hold a ticket number: name the route instead.
            match = request.resolver_match
            return f"{record.levelname.capitalize()} in {request.method} /{match.route if match else '(no such route)'}"
        return record.getMessage()

    def _exception(self, problem: BaseException) -> dict[str, Any]:
        chain: dict[str, Any] = {
            "type": f"{type(problem).__module__}.{type(problem).__qualname__}",
            "at": [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(problem.__traceback__)[-25:]
            ],
        }
        code = getattr(problem, "code", None)
        if isinstance(code, str):
            chain["code"] = code
        diagnostics = getattr(problem, "diag", None)
        if diagnostics is not None:
            for name in ("sqlstate", "table_name", "constraint_name"):
                value = getattr(diagnostics, name, None)
                if value:
                    chain[name] = value
        if self.wordy:
            chain["says"] = str(problem)
        cause = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
        if cause is not None:
            chain["because"] = self._exception(cause)
        return chain
