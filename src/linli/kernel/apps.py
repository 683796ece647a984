"""Django's entry to the kernel."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The floor that every room stands on."""

    name = "linli.kernel"
    label = "kernel"

    def ready(self) -> None:
        """Register the kernel's jobs for the worker."""
        from linli.kernel import chores  # noqa: F401
