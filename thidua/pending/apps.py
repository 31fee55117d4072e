from django.apps import AppConfig

from thidua.audit import words
from thidua.web.registry import register_waiting


class PendingConfig(AppConfig):
    name = "thidua.pending"
    label = "pending"
    verbose_name = "Việc cần hai người"

    def ready(self) -> None:
        from thidua.pending import labels, queries  # noqa: PLC0415  (models are there only now)

        words.register(labels.VERBS)
        words.register_values("pending.state", labels.STATES)
        register_waiting(queries.waiting_rows)
