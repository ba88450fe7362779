"""Django app configuration."""

from django.apps import AppConfig


class DisputesConfig(AppConfig):
    """The gate between arrears and collection."""

    name = "disputes"
    verbose_name = "争议"
