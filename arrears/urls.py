"""Addresses of the arrears app."""

from django.urls import path

from arrears import views

app_name = "arrears"
urlpatterns = [
    path("", views.arrears_page, name="list"),
    path("limitation/", views.limitation, name="limitation"),
    path("export.xlsx", views.arrears_export, name="export"),
]
