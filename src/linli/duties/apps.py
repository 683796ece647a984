"""Django's entry to the room."""

from django.apps import AppConfig


class DutiesConfig(AppConfig):
    """Duty lists, admission, forms and proofs."""

    name = "linli.duties"
    label = "duties"

    def ready(self) -> None:
        """Let the room announce its own tasks and facts, and register its jobs and its files."""
        from linli.duties import chores, facts, loading, queries  # noqa: F401
