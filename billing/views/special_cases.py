"""Special cases: the panel of one household, what people do with a case, and the list of all of them (S5–S9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.decorators.vary import vary_on_headers

from billing.forms import EvidenceForm, HandoverForm, ReasonForm, ReviewForm, SpecialCaseForm, VacancyForm
from billing.models import Account, SpecialCase
from billing.operations import (
    add_evidence,
    apply_for_vacancy,
    approve_special_case,
    close_special_case,
    keep_evidence,
    open_special_case,
    record_handover,
    review_special_case,
)
from billing.queries import CaseLine, case_counts, cases_of_tab, register_people, special_cases_of
from billing.queries.special_cases import TABS
from billing.views.accounts import account_of_page, allowed, done
from offices.models import StoredFile
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today

TAB_LABELS = {
    "approve": gettext_lazy("待批准"),
    "review": gettext_lazy("到期复核"),
    "unpaid": gettext_lazy("转账未兑现"),
    "open": gettext_lazy("生效中"),
    "closed": gettext_lazy("已结束"),
}


def _panel(request: HttpRequest, account: Account, *, status: int = 200, **forms: Any) -> HttpResponse:
    """The household's special cases, with the forms that the person may use; a form that was refused comes back filled."""
    today = office_today()
    handover = None
    cases = special_cases_of(account, today)
    for line in cases:
        if line.is_active and line.case.kind == SpecialCase.Kind.NOT_HANDED_OVER:
            buyer, phone = register_people(line.case)
            handover = HandoverForm(auto_id="handover_%s", initial={"buyer": buyer, "phone": phone})
    context = {
        "account": account,
        "cases": cases,
        "form": SpecialCaseForm(
            auto_id="case_%s", initial={"starts_on": today, "kind": SpecialCase.Kind.PENDING_TRANSFER}
        ),
        "vacancy": VacancyForm(auto_id="vacancy_%s"),
        "handover": handover,
        "may_open": allowed(request, "specialcase.open"),
        "may_close": allowed(request, "specialcase.close"),
        "may_approve": allowed(request, "specialcase.approve"),
        "may_apply": allowed(request, "reduction.propose"),
    }
    return render(request, "billing/special_cases.html", context | forms, status=status)


def _proof(request: HttpRequest) -> StoredFile | None:
    file = request.FILES.get("evidence")
    if file is None:
        return None
    return keep_evidence(data=file.read(), name=file.name or "", by=request.user, at=office_now())  # type: ignore[arg-type]


def _refused(form: Form, no: Refusal) -> None:
    field = no.details.get("field")
    form.add_error(field if field in form.fields else None, str(no))


@needs("specialcase.read")
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def special_cases(request: HttpRequest, account_id: int) -> HttpResponse:
    """What holds this household, and a form to open one more."""
    account = account_of_page(account_id)
    if request.method == "GET":
        return _panel(request, account)
    if not allowed(request, "specialcase.open"):
        return HttpResponse(status=403)
    form = SpecialCaseForm(request.POST, request.FILES, auto_id="case_%s")
    if form.is_valid():
        facts = {name: value for name, value in form.cleaned_data.items() if name != "evidence"}
        try:
            open_special_case(account=account, evidence=_proof(request), by=request.user, at=office_now(), **facts)  # type: ignore[arg-type]
        except Refusal as no:
            _refused(form, no)
        else:
            return done(request, "billing:special-cases", account.pk, _("已登记特殊情况，相应的催缴从起始日暂停。"))
    return _panel(request, account, form=form, status=422)


@needs("reduction.propose")
@require_POST
@vary_on_headers("HX-Request")
def apply_vacancy(request: HttpRequest, account_id: int) -> HttpResponse:
    """Apply for the vacancy discount: a hold, and one proposed reduction per bill."""
    account = account_of_page(account_id)
    form = VacancyForm(request.POST, request.FILES, auto_id="vacancy_%s")
    if form.is_valid():
        asked = form.cleaned_data
        try:
            apply_for_vacancy(
                account=account,
                vacant=(asked["vacant_from"], asked["vacant_to"]),
                payable_percent=asked["payable_percent"],
                note=asked["note"],
                evidence=_proof(request),
                by=request.user,  # type: ignore[arg-type]
                at=office_now(),
            )
        except Refusal as no:
            _refused(form, no)
        else:
            return done(
                request, "billing:special-cases", account.pk, _("已提交，审批前暂停催缴，等待项目经理审批减免。")
            )
    return _panel(request, account, vacancy=form, status=422)


def _act(
    request: HttpRequest,
    case_id: int,
    words: str,
    act: Callable[[SpecialCase, dict[str, Any]], object],
    form: Form | None,
) -> HttpResponse:
    """Do one thing with a case; a refusal is said above the panel."""
    case = get_object_or_404(SpecialCase, pk=case_id)
    account = account_of_page(case.account_id)
    if form is not None and not form.is_valid():
        problem = " ".join(f"{form.fields[name].label}：{errors[0]}" for name, errors in form.errors.items())
        return _panel(request, account, problem=problem, status=422)
    try:
        act(case, form.cleaned_data if form is not None else {})
    except Refusal as no:
        return _panel(request, account, problem=str(no), status=422)
    return done(request, "billing:special-cases", account.pk, words)


@needs("specialcase.close")
@require_POST
def close_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """End a special case."""
    return _act(
        request,
        case_id,
        _("已解除，从今天起恢复正常。"),
        lambda case, asked: close_special_case(case=case, by=request.user, at=office_now(), **asked),  # type: ignore[arg-type]
        ReasonForm(request.POST),
    )


@needs("specialcase.approve")
@require_POST
def approve_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Agree, as a second person, that a special case stands."""
    return _act(
        request,
        case_id,
        _("已批准。"),
        lambda case, _asked: approve_special_case(case=case, by=request.user, at=office_now()),  # type: ignore[arg-type]
        None,
    )


@needs("specialcase.close")
@require_POST
def review_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write down a review, and when the next one is."""
    return _act(
        request,
        case_id,
        _("已记录复核。"),
        lambda case, asked: review_special_case(case=case, by=request.user, at=office_now(), **asked),  # type: ignore[arg-type]
        ReviewForm(request.POST),
    )


@needs("specialcase.open")
@require_POST
def add_proof(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put proof with a case."""

    def act(case: SpecialCase, _asked: dict[str, Any]) -> None:
        proof = _proof(request)
        assert proof is not None
        add_evidence(case=case, evidence=proof, by=request.user, at=office_now())  # type: ignore[arg-type]

    return _act(request, case_id, _("已存入证明材料。"), act, EvidenceForm(request.POST, request.FILES))


@needs("specialcase.approve")
@require_POST
def hand_over(request: HttpRequest, case_id: int) -> HttpResponse:
    """Record the handover: bills are shared by days, the hold ends."""

    def act(case: SpecialCase, asked: dict[str, Any]) -> None:
        record_handover(case=case, by=request.user, at=office_now(), **(asked | {"evidence": _proof(request)}))  # type: ignore[arg-type]

    return _act(request, case_id, _("已登记交付，账单已按天分摊。"), act, HandoverForm(request.POST, request.FILES))


@needs("specialcase.read")
@require_GET
def all_cases(request: HttpRequest) -> HttpResponse:
    """Every special case of the office: what waits for somebody first."""
    today = office_today()
    counts = case_counts(today)
    first = next((tab for tab in TABS if counts[tab]), "open")
    tab = request.GET.get("tab", "") if request.GET.get("tab") in TABS else first
    page = Paginator(cases_of_tab(tab, today), 50).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "tab": tab,
        "lines": [CaseLine(case, today) for case in page.object_list],
        "tabs": [
            {"href": f"?tab={code}", "label": TAB_LABELS[code], "count": counts[code], "current": code == tab}
            for code in TABS
        ],
    }
    return render(request, "billing/special_cases_all.html", context)
