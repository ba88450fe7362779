"""Addresses of the arrears app."""

from django.urls import path

from arrears import views

app_name = "arrears"
urlpatterns = [
    path("", views.arrears_page, name="list"),
    path("limitation/", views.limitation, name="limitation"),
    path("views/save/", views.save, name="view-save"),
    path("views/<int:view_id>/delete/", views.delete, name="view-delete"),
    path("roll-forward/", views.roll_forward_page, name="roll-forward"),
    path("roll-forward/export.xlsx", views.roll_forward_export, name="roll-forward-export"),
    path("export.xlsx", views.arrears_export, name="export"),
    path("export.pdf", views.arrears_print, name="print"),
]
