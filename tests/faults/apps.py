"""Makes the tests' jobs and papers known to a worker process."""

from importlib import import_module

from django.apps import AppConfig


class KindsConfig(AppConfig):
    name = "tests.faults"
    label = "tests_faults"

    def ready(self) -> None:
        import_module("tests.thidua.jobs.handlers")
        import_module("tests.thidua.documents.kinds")
