"""Watching the house from outside: health, readiness, metrics, logs, and what a production start must not have.

Invariant: nothing here carries personal data. Logs and metrics name the *route* of a request (``/desk/cases/<number>``),
never its path, query, body or user.
"""
