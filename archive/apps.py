"""Django app configuration."""

from django.apps import AppConfig


class ArchiveConfig(AppConfig):
    """Stage 4: archive and figures."""

    name = "archive"
    verbose_name = "归档与看板"
