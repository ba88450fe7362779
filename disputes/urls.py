"""Addresses of the disputes app."""

from django.urls import path

from disputes.views import disputes as views
from disputes.views import hardship, plans

app_name = "disputes"
urlpatterns = [
    path("", views.dispute_list, name="list"),
    path("raise/<int:account_id>/", views.raise_view, name="raise"),
    path("hardship/of/<int:account_id>/", hardship.hardship_of_household, name="hardship"),
    path("hardship/<int:review_id>/confirm/", hardship.confirm_view, name="hardship-confirm"),
    path("hardship/<int:review_id>/close/", hardship.close_view, name="hardship-close"),
    path("hardship/<int:review_id>/reveal/", hardship.reveal_view, name="hardship-reveal"),
    path("hardship/<int:review_id>/evidence/", hardship.evidence_view, name="hardship-evidence"),
    path("plans/", plans.plan_list, name="plans"),
    path("plans/of/<int:account_id>/", plans.plans_of_household, name="plans-of"),
    path("plans/propose/<int:account_id>/", plans.propose_view, name="plan-propose"),
    path("plans/<int:plan_id>/", plans.plan_detail, name="plan"),
    path("plans/<int:plan_id>/approve/", plans.approve_view, name="plan-approve"),
    path("plans/<int:plan_id>/refuse/", plans.refuse_view, name="plan-refuse"),
    path("plans/<int:plan_id>/activate/", plans.activate_view, name="plan-activate"),
    path("plans/<int:plan_id>/end/", plans.end_view, name="plan-end"),
    path("plans/<int:plan_id>/agreement/", plans.agreement_view, name="plan-agreement"),
    path("<int:dispute_id>/", views.dispute_detail, name="detail"),
    path("<int:dispute_id>/step/", views.step_view, name="step"),
    path("<int:dispute_id>/resolve/", views.resolve_view, name="resolve"),
]
