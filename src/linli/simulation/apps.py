"""The room as a Django application."""

from django.apps import AppConfig


class SimulationConfig(AppConfig):
    """Commands that drive the city; no tables."""

    name = "linli.simulation"
    label = "simulation"
