"""Django app configuration."""

from django.apps import AppConfig


class ArrearsConfig(AppConfig):
    """Stage 2: how late, and how much may be pursued."""

    name = "arrears"
    verbose_name = "欠费"
