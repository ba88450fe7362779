"""Addresses of the archive app."""

from django.urls import path

from archive.views import dashboard, households, ledger

app_name = "archive"
urlpatterns = [
    path("households/", households.households, name="households"),
    path("households/<int:account_id>/", households.household_view, name="household"),
    path("search/", households.search_box, name="search"),
    path("files/<int:file_id>/", households.file_view, name="file"),
    path("ledger/", ledger.ledger_view, name="ledger"),
    path("ledger/export.xlsx", ledger.ledger_export, name="ledger-export"),
    path("dashboard/", dashboard.dashboard, name="dashboard"),
]
