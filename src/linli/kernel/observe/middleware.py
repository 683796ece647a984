"""One request id, one log line, one measurement for each request."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from linli.kernel.observe.context import HEADER, choose_request_id, request_id
from linli.kernel.observe.metrics import REQUEST_SECONDS

log = logging.getLogger("linli.request")
# Machines ask these every few seconds; a line for each would bury the rest.
QUIET = frozenset({"healthz", "readyz", "metrics"})


class ObserveMiddleware:
    """Outermost middleware. Names the *route* (``api/v1/cases/{number}``), never the path, so that nothing personal leaks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Run the request under its id; `request.request_id` is there for actors and audit rows."""
        identity = choose_request_id(request.headers.get(HEADER))
        request.request_id = identity  # type: ignore[attr-defined]
        token = request_id.set(identity)
        began = time.perf_counter()
        try:
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            response.headers[HEADER] = identity
            match = request.resolver_match
            route = f"/{match.route}" if match else "(none)"
            REQUEST_SECONDS.labels(request.method, route, response.status_code).observe(seconds)
            if match is None or match.route not in QUIET:
                log.info(
                    "request",
                    extra={
                        "method": request.method,
                        "route": route,
                        "status": response.status_code,
                        "ms": round(seconds * 1000, 1),
                    },
                )
            return response
        finally:
            request_id.reset(token)
