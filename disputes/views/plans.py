"""Pages of instalment plans: the list, one household's, the proposal, one plan with its paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from billing.models import Account
from billing.operations import keep_evidence
from disputes import queries
from disputes.forms.plans import EndForm, PlanForm, SignedForm
from disputes.models import InstalmentPlan
from disputes.operations import activate_plan, approve_plan, end_plan, propose_plan, refuse_plan, take_agreement
from disputes.rules.plans import months_after
from offices.letterhead import LetterFault
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.scoping import office_now, office_today


@needs("plan.read")
@require_GET
def plan_list(request: HttpRequest) -> HttpResponse:
    """Plans with their state and next instalment."""
    state = request.GET.get("state", "living")
    page = Paginator(queries.plans(state=state), 50).get_page(request.GET.get("page"))
    context = {
        "state": state,
        "states": InstalmentPlan.State.choices,
        "page": page,
        "cards": queries.plan_cards(page.object_list, office_today()),
    }
    return render(request, "disputes/plans.html", context)


@needs("plan.read")
@require_GET
@vary_on_headers("HX-Request")
def plans_of_household(request: HttpRequest, account_id: int) -> HttpResponse:
    """The plans of one household: a panel of its page."""
    account = get_object_or_404(Account.objects.select_related("room", "owner"), pk=account_id)
    context = {
        "account": account,
        "cards": queries.plans_of(account.pk, office_today()),
        "may_propose": _may(request, "plan.propose"),
    }
    return render(request, "disputes/plans_of.html", context)


@needs("plan.propose")
@require_http_methods(["GET", "POST"])
def propose_view(request: HttpRequest, account_id: int) -> HttpResponse:
    """Talk a plan over: tick bills, spread the amount, change lines, and put it before the manager."""
    account = get_object_or_404(Account.objects.select_related("room__community", "owner"), pk=account_id)
    today = office_today()
    coverable = queries.coverable_lines(account.pk, today)
    ticked = [int(value) for value in request.GET.getlist("bill") if value.isdigit()]
    policy = queries.plan_policy()
    form = PlanForm(
        request.POST or None,
        coverable=coverable,
        ticked=ticked or [line.bill_id for line in coverable if line.due_on < today],
        initial={
            "down_on": today + timedelta(days=7),
            "first_on": months_after(today, 1),
            "count": min(6, policy.max_instalments),
        },
    )
    if request.method == "POST" and form.is_valid():
        if "spread" in request.POST:
            form.spread()
        else:
            try:
                plan = propose_plan(
                    account=account,
                    bill_ids=form.ticked,
                    schedule=form.lines,
                    reason=form.cleaned_data["reason"],
                    willingness=form.cleaned_data["willingness"],
                    by=request.user,
                    at=office_now(),
                )
            except Refusal as no:
                form.add_error("reason" if no.details.get("field") == "reason" else None, str(no))
            else:
                messages.success(request, _("已提交项目经理审批；批准并签字之前，催缴照常。"))
                return redirect("disputes:plan", plan.pk)
    status = 422 if form.errors else 200
    context = {"account": account, "form": form, "policy": policy}
    return render(request, "disputes/plan_propose.html", context, status=status)


@needs("plan.read")
@require_GET
def plan_detail(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One plan: what it covers, its schedule, its paper, and what may be done next."""
    return _detail(request, _plan(plan_id))


@needs("plan.approve")
@require_POST
def approve_view(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Agree; the agreement is drawn."""
    plan = _plan(plan_id)
    return _do(
        request, plan, lambda: approve_plan(plan=plan, **_who(request)), _("已批准。请打印协议，双方签字后上传。")
    )


@needs("plan.approve")
@require_POST
def refuse_view(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Turn it down."""
    plan, form = _plan(plan_id), EndForm(request.POST)
    if not form.is_valid():
        return _detail(request, plan, refusing=form, status=422)
    reason = form.cleaned_data["reason"]
    return _do(request, plan, lambda: refuse_plan(plan=plan, reason=reason, **_who(request)), _("已驳回。"))


@needs("plan.propose")
@require_POST
def activate_view(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The signed copy came in: the plan is in force."""
    plan, form = _plan(plan_id), SignedForm(request.POST, request.FILES)
    if not form.is_valid():
        return _detail(request, plan, signing=form, status=422)
    file = form.cleaned_data["signed"]

    def act() -> Any:
        stored = keep_evidence(data=file.read(), name=file.name, **_who(request))
        return activate_plan(plan=plan, signed_copy=stored, **_who(request))

    return _do(request, plan, act, _("分期已生效：这些账单从今天起不再催缴，逾期天数停止计算。"))


@needs("plan.propose")
@require_POST
def end_view(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Withdraw a plan before it is in force; a running one only by who may approve plans."""
    plan, form = _plan(plan_id), EndForm(request.POST)
    if plan.state == InstalmentPlan.State.ACTIVE and not _may(request, "plan.approve"):
        return HttpResponse(_("履行中的分期只能由项目经理终止。"), status=403)
    if not form.is_valid():
        return _detail(request, plan, ending=form, status=422)
    reason = form.cleaned_data["reason"]
    return _do(request, plan, lambda: end_plan(plan=plan, reason=reason, **_who(request)), _("分期已终止。"))


@needs("plan.read")
@require_GET
def agreement_view(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The agreement as it was drawn, or with `?signed=1` as it came back."""
    try:
        data, stored = take_agreement(plan=_plan(plan_id), signed="signed" in request.GET)
    except Refusal as no:
        raise Http404(str(no)) from no
    answer = HttpResponse(data, content_type=stored.mime)
    answer["Content-Disposition"] = content_disposition_header(False, stored.name)
    return answer


def _may(request: HttpRequest, verb: str) -> bool:
    return holds(request.membership.role, verb)  # type: ignore[attr-defined]


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.user, "at": office_now()}


def _plan(plan_id: int) -> InstalmentPlan:
    try:
        return queries.plan_with_schedule(plan_id)
    except InstalmentPlan.DoesNotExist as missing:
        raise Http404 from missing


def _do(request: HttpRequest, plan: InstalmentPlan, act: Callable[[], Any], words: str) -> HttpResponse:
    try:
        act()
    except (Refusal, LetterFault) as no:
        return _detail(request, plan, problem=str(no), status=409)
    messages.success(request, words)
    return redirect("disputes:plan", plan.pk)


def _detail(request: HttpRequest, plan: InstalmentPlan, *, status: int = 200, **more: Any) -> HttpResponse:
    card = queries.plan_cards([plan], office_today())[0]
    context = {
        "plan": plan,
        "card": card,
        "covered": sorted(plan.covered.all(), key=lambda line: (line.bill.due_on, line.bill_id)),
        "is_own": plan.proposed_by_id == request.user.pk,
        "refusing": EndForm(auto_id="refuse_%s"),
        "ending": EndForm(auto_id="end_%s"),
        "signing": SignedForm(),
        **more,
    }
    return render(request, "disputes/plan.html", context, status=status)
