"""Django's entry to the kernel."""

from django.apps import AppConfig


class KernelConfig(AppConfig):
    """The floor that every room stands on."""

    name = "linli.kernel"
    label = "kernel"
