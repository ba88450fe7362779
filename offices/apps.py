"""Django app configuration."""

from django.apps import AppConfig


class OfficesConfig(AppConfig):
    """Offices, under everything."""

    name = "offices"
    verbose_name = "物业办公室"
