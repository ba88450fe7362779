"""Pages of disputes: board and list, intake, one dispute with its course, the ruling."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRedirect

from billing.models import Account
from disputes import queries
from disputes.forms.disputes import RaiseForm, ResolveForm, StepForm
from disputes.models import Dispute
from disputes.operations import add_step, raise_dispute, resolve_dispute
from disputes.rules.course import moves_from
from disputes.rules.kinds import DEPARTMENTS
from offices.filing import store_photo
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today


@needs("dispute.read")
@require_GET
def dispute_list(request: HttpRequest) -> HttpResponse:
    """The board by state, or the list; both narrowed by kind and department in the address."""
    asked = {name: request.GET.get(name, "") for name in ("state", "kind", "department")}
    as_list = request.GET.get("view") == "list"
    found = queries.disputes(**asked)
    page = Paginator(found, 50).get_page(request.GET.get("page")) if as_list else None
    context = {
        "asked": asked,
        "as_list": as_list,
        "page": page,
        "cards": queries.cards(page.object_list, office_today()) if page else [],
        "board": [] if as_list else queries.board(found, office_today()),
        "kinds": Dispute.Kind.choices,
        "states": Dispute.State.choices,
        "departments": DEPARTMENTS,
    }
    return render(request, "disputes/list.html", context)


@needs("dispute.raise")
@vary_on_headers("HX-Request")
def raise_view(request: HttpRequest, account_id: int) -> HttpResponse:
    """Intake of an objection, as a page or inside the household's page."""
    account = get_object_or_404(Account.objects.select_related("room__community", "owner"), pk=account_id)
    contestable = queries.contestable_lines(account.pk, office_today())
    ticked = [int(value) for value in request.GET.getlist("bill") if value.isdigit()]
    form = RaiseForm(
        request.POST or None,
        contestable=contestable,
        ticked=ticked,
        initial={"owner_words": request.GET.get("words", ""), "channel": request.GET.get("channel", "")},
    )
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            dispute = raise_dispute(
                account=account,
                by=request.user,
                at=office_now(),
                **{
                    name: asked[name]
                    for name in ("kind", "owner_words", "demand", "channel", "promised_feedback_on", "lines")
                },
            )
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            messages.success(request, _("已登记争议，争议金额从今天起暂停催缴。"))
            address = reverse("disputes:detail", args=[dispute.pk])
            return HttpResponseClientRedirect(address) if request.htmx else redirect(address)
    status = 422 if request.method == "POST" else 200
    return render(request, "disputes/raise.html", {"account": account, "form": form}, status=status)


@needs("dispute.read")
@require_GET
def dispute_detail(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """One dispute: words, lines, course, and what may be done next."""
    return _detail(request, _dispute(dispute_id))


@needs("dispute.raise")
@require_POST
def step_view(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Record a step."""
    dispute = _dispute(dispute_id)
    form = StepForm(request.POST, request.FILES, moves=moves_from(dispute.state))
    if form.is_valid():
        photo = form.cleaned_data.pop("photo")
        try:
            stored = store_photo(photo.read(), name=photo.name, by=request.user, at=office_now())[0] if photo else None
            add_step(dispute=dispute, by=request.user, at=office_now(), attachment=stored, **form.cleaned_data)
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            messages.success(request, _("已记录。"))
            return redirect("disputes:detail", dispute.pk)
    return _detail(request, dispute, step=form, status=422)


@needs("dispute.resolve")
@require_POST
def resolve_view(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Decide the dispute."""
    dispute = _dispute(dispute_id)
    form = ResolveForm(request.POST, dispute=dispute)
    if form.is_valid():
        asked = form.cleaned_data
        try:
            resolve_dispute(
                dispute=dispute,
                ruling=asked["ruling"],
                explanation=asked["explanation"],
                granted=asked["granted"],
                by=request.user,
                at=office_now(),
            )
        except Refusal as no:
            form.add_error(None, str(no))
        else:
            messages.success(request, _("已认定并关闭争议。"))
            return redirect("disputes:detail", dispute.pk)
    return _detail(request, dispute, ruling=form, status=422)


def _dispute(dispute_id: int) -> Dispute:
    try:
        return queries.dispute_with_course(dispute_id)
    except Dispute.DoesNotExist as missing:
        raise Http404 from missing


def _detail(
    request: HttpRequest,
    dispute: Dispute,
    *,
    step: StepForm | None = None,
    ruling: ResolveForm | None = None,
    status: int = 200,
) -> HttpResponse:
    moves = moves_from(dispute.state)
    context = {
        "dispute": dispute,
        "promptness": queries.promptness_of(dispute, office_today()),
        "total": sum(line.amount for line in dispute.lines.all()),
        "moves": moves,
        "step": step or StepForm(moves=moves, initial={"department": dispute.department}),
        "ruling": ruling or ResolveForm(dispute=dispute),
    }
    return render(request, "disputes/detail.html", context, status=status)
