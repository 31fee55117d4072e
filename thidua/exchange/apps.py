from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "thidua.exchange"
    label = "exchange"
    verbose_name = "Nhập dữ liệu"

    def ready(self) -> None:
        from thidua.audit import words  # noqa: PLC0415
        from thidua.exchange import labels  # noqa: PLC0415

        words.register(labels.VERBS)
        words.register_fields(labels.FIELDS)
