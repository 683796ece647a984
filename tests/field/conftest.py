"""The small city, and phones in the hands of its grid members."""

from __future__ import annotations

from tests.portal.conftest import photo, shelves, visit, world  # noqa: F401 - fixtures of the same make
