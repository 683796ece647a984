"""Addresses for machines that watch us: they say nothing about anybody."""

from tests.matrix.registry import Call, Entry, Guard

ENTRIES = [
    Entry("healthz", "GET", lambda s: Call("/healthz"), guard=Guard.PUBLIC),
    Entry("readyz", "GET", lambda s: Call("/readyz"), guard=Guard.PUBLIC),
    # From this machine only, or with a token: tests/kernel/test_observe.py.
    Entry("metrics", "GET", lambda s: Call("/metrics"), guard=Guard.PUBLIC),
]
