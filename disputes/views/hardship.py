"""Economic hardship on a household's page: recorded, confirmed by another, ended; the reasons only against a trace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from billing.models import Account
from billing.operations import keep_evidence
from disputes.forms.hardship import ConfirmForm, HardshipForm
from disputes.forms.plans import EndForm
from disputes.models import HardshipReview
from disputes.operations import close_hardship, confirm_hardship, record_hardship, reveal_hardship
from disputes.queries import hardship_with_account, hardships_of
from disputes.rules.plans import months_after
from offices.filing import FileDamaged, open_file
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.scoping import office_now, office_today


@needs("household.read")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def hardship_of_household(request: HttpRequest, account_id: int) -> HttpResponse:
    """What is known of the household's hardship, without the reasons; and a form to record one."""
    account = get_object_or_404(Account.objects.select_related("room", "owner"), pk=account_id)
    if request.method == "GET":
        return _panel(request, account)
    if not _may(request, "hardship.record"):
        return HttpResponse(status=403)
    form = HardshipForm(request.POST, request.FILES)
    if not form.is_valid():
        return _panel(request, account, form=form, status=422)
    file = form.cleaned_data["evidence"]

    def act() -> Any:
        stored = keep_evidence(data=file.read(), name=file.name, is_restricted=True, **_who(request))
        return record_hardship(account=account, details=form.cleaned_data["details"], evidence=stored, **_who(request))

    return _do(request, account, act, _("已登记，待另一位同事核实；核实之前催缴照常。"))


@needs("hardship.verify")
@require_POST
def confirm_view(request: HttpRequest, review_id: int) -> HttpResponse:
    """It was verified; it holds until the given day."""
    review, form = _review(review_id), ConfirmForm(request.POST)
    if not form.is_valid():
        return _panel(request, review.account, problem=_("请填写有效期，如 2026-12-31。"), status=422)
    until = form.cleaned_data["until"]
    return _do(
        request, review.account, lambda: confirm_hardship(review=review, until=until, **_who(request)), _("已认定。")
    )


@needs("hardship.verify")
@require_POST
def close_view(request: HttpRequest, review_id: int) -> HttpResponse:
    """Refuse what was recorded, or end what was confirmed."""
    review, form = _review(review_id), EndForm(request.POST)
    if not form.is_valid():
        return _panel(request, review.account, problem=_("请写明原因。"), status=422)
    reason = form.cleaned_data["reason"]
    return _do(
        request, review.account, lambda: close_hardship(review=review, reason=reason, **_who(request)), _("已记录。")
    )


@needs("hardship.reveal")
@require_POST
@never_cache
def reveal_view(request: HttpRequest, review_id: int) -> HttpResponse:
    """The reasons, against a trace."""
    review = reveal_hardship(review=_review(review_id), what="details", **_who(request))
    return render(request, "disputes/hardship_details.html", {"review": review})


@needs("hardship.reveal")
@require_POST
@never_cache
def evidence_view(request: HttpRequest, review_id: int) -> HttpResponse:
    """The proof, against a trace."""
    review = reveal_hardship(review=_review(review_id), what="evidence", **_who(request))
    try:
        answer = HttpResponse(open_file(review.evidence), content_type=review.evidence.mime)
    except FileDamaged as damaged:
        raise Http404 from damaged
    answer["Content-Disposition"] = content_disposition_header(False, review.evidence.name)
    return answer


def _may(request: HttpRequest, verb: str) -> bool:
    return holds(request.membership.role, verb)  # type: ignore[attr-defined]


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "at": office_now()}


def _review(review_id: int) -> HardshipReview:
    try:
        return hardship_with_account(review_id)
    except HardshipReview.DoesNotExist as missing:
        raise Http404 from missing


def _do(request: HttpRequest, account: Account, act: Callable[[], Any], words: str) -> HttpResponse:
    try:
        act()
    except Refusal as no:
        return _panel(request, account, problem=str(no), status=409)
    messages.success(request, words)
    return HttpResponseClientRefresh() if request.htmx else redirect("disputes:hardship", account.pk)  # type: ignore[attr-defined]


def _panel(request: HttpRequest, account: Account, *, status: int = 200, **more: Any) -> HttpResponse:
    today = office_today()
    context = {
        "account": account,
        "today": today,
        "reviews": hardships_of(account.pk),
        "form": HardshipForm(auto_id="hardship_%s"),
        "until": months_after(today, 12),
        **more,
    }
    return render(request, "disputes/hardship.html", context, status=status)
