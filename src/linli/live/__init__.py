"""Live pages: what changes elsewhere shows without reload.

A process of its own holds the streams (server-sent events, ASGI on uvicorn): one connection to the database that listens, no query
per listener or per event. Words: a *listener* is one open page; its *audience* says what it may hear of, signed by the web process;
a *change* is a case that has a new version. A change says which case and where, never what about it: the page asks for that itself,
with its own rights.
"""
