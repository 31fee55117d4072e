from django.apps import AppConfig

from thidua.audit import words


class AccountsConfig(AppConfig):
    name = "thidua.accounts"
    label = "accounts"
    verbose_name = "Tài khoản"

    def ready(self) -> None:
        from thidua.accounts import labels, signals  # noqa: F401, PLC0415  (models are there only now)

        words.register(labels.VERBS)
        words.register_fields({f"accounts.{name}": text for name, text in labels.FIELDS.items()})
