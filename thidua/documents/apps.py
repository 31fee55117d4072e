"""Papers: frozen first, rendered later."""

from importlib import import_module

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "thidua.documents"
    label = "documents"
    verbose_name = "Giấy tờ"

    def ready(self) -> None:
        import_module("thidua.documents.tasks")  # registers the handler
        import_module("thidua.audit.words").register({"documents.retry": "tạo lại giấy tờ"})
