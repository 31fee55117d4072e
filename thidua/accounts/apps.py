from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "thidua.accounts"
    label = "accounts"
    verbose_name = "Tài khoản"

    def ready(self) -> None:
        from thidua.accounts import (
            labels,
            signals,  # noqa: F401  (connects the receivers)
        )
        from thidua.audit import words

        words.register(labels.VERBS)
