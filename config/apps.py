"""Django app configuration: `config` is an app so that its management commands are found."""

from django.apps import AppConfig


class HouseConfig(AppConfig):
    """The house as assembled."""

    name = "config"
    verbose_name = "收缴台"
