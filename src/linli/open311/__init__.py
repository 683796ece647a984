"""Open311 GeoReport v2 under ``/open311/v2``: other cities' apps and dashboards report here and read what is public.

Words: a *service* is a category that residents may report; a *request* is a case; its id is the ticket number; a *jurisdiction* is
a district or the city; an *update* is one change of a request's state; a *submission* remembers which key sent a request.

Invariants: what everybody may read here is what the public map shows (:mod:`linli.cases.public`) — kinds, states and rounded
places, words only in the version that somebody has let through, never photos or people, and nothing of
sensitive kinds; whoever writes shows a key, never a session; an address that a
client sends is never fetched; every refusal is an ``errors`` document in the format that was asked for.

``docs/reference/open311.md`` tells clients how it behaves, ``tests/open311/spec.yaml`` holds every sentence of the specification.
"""
