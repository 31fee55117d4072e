"""Papers: frozen first, rendered later."""

from importlib import import_module

from django.apps import AppConfig

from thidua.web.registry import register_recent, register_waiting


class DocumentsConfig(AppConfig):
    name = "thidua.documents"
    label = "documents"
    verbose_name = "Giấy tờ"

    def ready(self) -> None:
        import_module("thidua.documents.tasks")  # registers the handler
        queries = import_module("thidua.documents.queries")
        register_waiting(queries.failed_of)
        register_recent(queries.recent_of)
        import_module("thidua.audit.words").register({"documents.retry": "tạo lại giấy tờ"})
