"""The API, version 1: every app's own part under one roof."""

from django.urls import include, path

app_name = "api"
urlpatterns = [
    path("", include("offices.api")),
    path("", include("billing.api")),
    path("", include("disputes.api")),
    path("", include("arrears.api")),
    path("", include("collection.api")),
    path("", include("archive.api")),
]
