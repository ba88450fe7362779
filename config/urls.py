"""Addresses: one include per app, the API under its version, health checks for the supervisor."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularAPIView


def alive(request: HttpRequest) -> HttpResponse:
    """The web server answers; says nothing about the database on purpose."""
    return JsonResponse({"alive": True})


urlpatterns = [
    path("healthz/", alive, name="alive"),
    path("language/", set_language, name="set_language"),
    path("", include("offices.urls")),
    path("billing/", include("billing.urls")),
    path("arrears/", include("arrears.urls")),
    path("disputes/", include("disputes.urls")),
    path("", include("collection.urls")),
    path("", include("archive.urls")),
    path("api/v1/", include("config.api")),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
]
