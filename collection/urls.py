"""Addresses of the collection app."""

from django.urls import path

from collection.views import (
    cases,
    contacts,
    notices,
<<<<<<< HEAD
    plan,
=======
>>>>>>> b3f837e (Guards: typed waits, the number of questions of a sweep, changelog)
    preferences,
    promises,
    scripts,
    sent,
    service,
    strategy,
    today,
    why,
)

app_name = "collection"
urlpatterns = [
    path("today/", today.today, name="today"),
    path("today/<int:account_id>/", today.household, name="today-household"),
    path("today/<int:account_id>/record/", today.record, name="today-record"),
    path("today/assign/", cases.assign, name="assign"),
    path("plan/", plan.day_plan, name="plan"),
    path("plan/run/", plan.run, name="plan-run"),
    path("plan/<int:sweep_id>/", plan.past_run, name="plan-past"),
    path("plan/<int:sweep_id>/roll-back/", plan.roll_back, name="plan-roll-back"),
    path("cases/<int:case_id>/decide/", cases.decide, name="case-decide"),
    path("actions/<int:action_id>/excuse/", cases.excuse, name="action-excuse"),
    path("accounts/<int:account_id>/contact/", contacts.contact, name="contact"),
    path("accounts/<int:account_id>/preference/", preferences.preference, name="preference"),
    path("channels/", preferences.channels, name="channels"),
    path("accounts/<int:account_id>/why/", why.why_today, name="why"),
    path("contact-points/<int:pk>/reveal/", contacts.reveal, name="reveal"),
    path("promises/", promises.promise_list, name="promises"),
    path("promises/<int:pk>/withdraw/", promises.withdraw, name="promise-withdraw"),
    path("sent/", sent.sent, name="sent"),
    path("sent/<int:pk>/settle/", cases.settle_message, name="message-settle"),
    path("strategy/", strategy.strategy, name="strategy"),
    path("scripts/", scripts.script_list, name="scripts"),
    path("scripts/text/", scripts.script, name="script"),
    path("scripts/<int:pk>/withdraw/", scripts.script_withdraw, name="script-withdraw"),
    path("forbidden/", scripts.forbidden, name="forbidden"),
    path("notices/", notices.notice_list, name="notices"),
    path("notices/bulk/", notices.notice_bulk, name="notice-bulk"),
    path("notices/<int:pk>/", notices.notice_detail, name="notice"),
    path("notices/<int:pk>/approve/", notices.notice_approve, name="notice-approve"),
    path("notices/<int:pk>/reject/", notices.notice_decide, {"what": "reject"}, name="notice-reject"),
    path("notices/<int:pk>/void/", notices.notice_decide, {"what": "void"}, name="notice-void"),
    path("notices/<int:pk>/replace/", notices.notice_decide, {"what": "replace"}, name="notice-replace"),
    path("notices/<int:pk>/retry/", notices.notice_retry, name="notice-retry"),
    path("notices/<int:pk>/pdf/", notices.notice_pdf, name="notice-pdf"),
    path("notices/<int:pk>/draft/", notices.notice_draft, name="notice-draft"),
    path("notices/photos/<int:pk>/", notices.notice_photo, name="notice-photo"),
    path("serve/", service.service_list, name="notice-serve"),
    path("serve/<int:pk>/", service.service_form, name="notice-serve-form"),
]
