"""Django app configuration."""

from django.apps import AppConfig


class BillingConfig(AppConfig):
    """Stage 1: data reconciliation."""

    name = "billing"
    verbose_name = "账单与到账"
