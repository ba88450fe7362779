"""Django app configuration."""

from django.apps import AppConfig


class CollectionConfig(AppConfig):
    """Stage 2: tiered collection."""

    name = "collection"
    verbose_name = "催缴"
