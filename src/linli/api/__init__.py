"""The API: everything the loop can do, typed, under ``/api/v1``; ``docs/reference/api.md`` tells how it behaves.

Words: a *problem* is an error as RFC 9457 writes it; an *idempotency key* names a command for ever; a *cursor* is where the next
page of a list begins.

Invariants: an endpoint is thin — it reads the request, calls one action or query, and writes the answer; every change takes an
idempotency key; whatever goes wrong is answered as a problem; what an actor may not see is 404.
"""
