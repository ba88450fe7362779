"""Addresses of the disputes app."""

from django.urls import path

from disputes import views

app_name = "disputes"
urlpatterns = [
    path("", views.dispute_list, name="list"),
    path("raise/<int:account_id>/", views.raise_view, name="raise"),
    path("<int:dispute_id>/", views.dispute_detail, name="detail"),
    path("<int:dispute_id>/step/", views.step_view, name="step"),
    path("<int:dispute_id>/resolve/", views.resolve_view, name="resolve"),
]
