"""The small city, as the desk's tests lay it."""

from tests.desk.conftest import at_desk, world

__all__ = ["at_desk", "world"]
