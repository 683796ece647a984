"""`/healthz`, `/readyz` and `/metrics`."""

import base64
import secrets

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from linli.kernel.observe.metrics import CONTENT_TYPE, exposition

# Loading the graph of migrations takes tens of milliseconds; once all were applied to the schema this code knows, they stay so.
_migrated = False


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process is up. Asks nothing of anybody, so that a slow database does not get healthy processes killed."""
    return JsonResponse({"status": "up"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """The process can serve: the database answers and its schema is the one this code was written for. 503 otherwise."""
    global _migrated
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        if not _migrated:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "not ready", "database": "unreachable"}, status=503)
    if not _migrated:
        return JsonResponse({"status": "not ready", "database": "reachable", "migrations": "missing"}, status=503)
    return JsonResponse({"status": "ready", "database": "reachable", "migrations": "applied"})


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, to callers on this machine or with `LINLI_METRICS_TOKEN` as the password of user "metrics"."""
    token = settings.LINLI_METRICS_TOKEN
    if token:
        # Basic, since a bearer's token is a machine's sign-in and would be refused before it came here.
        expected = "Basic " + base64.b64encode(f"metrics:{token}".encode()).decode()
        allowed = secrets.compare_digest(request.headers.get("Authorization", "").encode(), expected.encode())
    else:
        # A proxy on this machine also comes from here, but says for whom.
        local = request.META.get("REMOTE_ADDR", "") in ("127.0.0.1", "::1", "")
        allowed = local and "X-Forwarded-For" not in request.headers
    if not allowed:
        return HttpResponse(status=404)
    return HttpResponse(exposition(), content_type=CONTENT_TYPE)
