"""Pages of notices: the list with its tabs, approval in bulk, one notice, its PDF and photos."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from collection.forms.notices import ReasonForm
from collection.models import Notice, ServicePhoto
from collection.operations.notices import approve_notice, reject_notice, replace_notice, void_notice
from collection.operations.rendering import draft_pdf, retry_rendering, take_pdf, take_print_run
from collection.queries import notices as ask
from collection.queries.corrections import OUT, open_corrections
from offices.filing import open_file
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.scoping import office_now, office_today

BULK = 200
TAB_LABELS = {
    "proposed": gettext_lazy("待批准"),
    "to_print": gettext_lazy("待生成"),
    "to_serve": gettext_lazy("待送达"),
    "served": gettext_lazy("已送达"),
    "closed": gettext_lazy("已作废"),
}


@needs("notice.read")
@require_GET
def notice_list(request: HttpRequest) -> HttpResponse:
    """One tab of the notices, in walking order, with totals over the whole tab."""
    asked = {name: request.GET.get(name, "") for name in ("kind", "q", "building", "sort")}
    counts = ask.notice_counts()
    state = request.GET.get("state", "")
    if state not in ask.BY_TAB:
        state = next((tab for tab in ("proposed", "to_serve") if counts[tab]), "served")
    found = ask.notice_list(tab=state, **asked)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "state": state,
        "tabs": [
            {"label": TAB_LABELS[code], "href": f"?state={code}", "current": code == state, "count": counts[code]}
            for code in ask.BY_TAB
        ],
        "page": page,
        "totals": ask.notice_totals(found),
        "kinds": Notice.Kind.choices,
        "buildings": ask.buildings(),
        "today": office_today(),
        "soon": ask.due_soon(office_today()),
        "corrections": open_corrections().count(),
    }
    return render(request, "collection/notices.html", context)


@needs("notice.read")
@require_POST
def notice_bulk(request: HttpRequest) -> HttpResponse:
    """Approve or print the ticked notices. Each is decided by itself: one refusal does not stop the rest."""
    ids = [int(each) for each in request.POST.getlist("ids") if each.isdigit()][:BULK]
    chosen = list(ask.notice_list().filter(pk__in=ids))
    back = (
        redirect(request.POST.get("next") or "collection:notices")
        if _is_ours(request)
        else redirect("collection:notices")
    )
    if not chosen:
        messages.error(request, _("请先勾选通知书。"))
        return back
    if request.POST.get("action") == "print":
        return _print_run(request, ids, back)
    return _approve_all(request, chosen, back)


def _print_run(request: HttpRequest, ids: list[int], back: HttpResponse) -> HttpResponse:
    if not holds(request.membership.role, "notice.print"):  # type: ignore[attr-defined]
        messages.error(request, _("您的角色不能打印通知书。"))
        return back
    try:
        pdf = take_print_run(notices=ask.in_walking_order(ids), by=request.user, at=office_now())
    except Refusal as no:
        messages.error(request, str(no))
        return back
    return _file(pdf, "application/pdf", _("通知书打印") + f" {office_today():%Y-%m-%d}.pdf", inline=True)


def _approve_all(request: HttpRequest, chosen: list[Notice], back: HttpResponse) -> HttpResponse:
    approved, gone, refused = 0, 0, []
    for notice in chosen:
        try:
            answer = approve_notice(notice=notice, by=request.user, at=office_now())
        except Refusal as no:
            refused.append(f"{notice.account.room} {no}")
        else:
            approved += answer.state == Notice.State.APPROVED
            gone += answer.state == Notice.State.VOID
    if approved:
        messages.success(
            request,
            _("已批准 %s 份并编号，PDF 稍后生成。") % approved,
        )
    if gone:
        messages.info(request, _("%s 户已缴清或已暂缓，通知书自动作废。") % gone)
    for words in refused[:5]:
        messages.error(request, words)
    if len(refused) > 5:
        messages.error(request, _("另有 %s 份未批准，请逐份查看原因。") % (len(refused) - 5))
    return back


@needs("notice.read")
@require_GET
def notice_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: what it demands, what became of it, and what may be done with it."""
    return _detail(request, get_object_or_404(ask.notices(), pk=pk))


def _detail(request: HttpRequest, notice: Notice, *, form: ReasonForm | None = None, status: int = 200) -> HttpResponse:
    role = request.membership.role  # type: ignore[attr-defined]
    verb = "notice.approve_final" if notice.kind == Notice.Kind.FINAL else "notice.approve"
    unsent = notice.state in (Notice.State.APPROVED, Notice.State.RENDERED)
    context: dict[str, Any] = {
        "notice": notice,
        "card": ask.notice_card(notice, office_today()),
        "services": ask.services_of(notice),
        "form": form or ReasonForm(),
        "may_decide": holds(role, verb),
        "may_approve": holds(role, verb) and notice.state == Notice.State.PROPOSED,
        "may_withdraw": holds(role, verb) and unsent,
        "may_correct": holds(role, "notice.approve")
        and notice.state in OUT
        and not notice.corrections.exclude(state="dropped").exists(),
        "may_serve": holds(role, "notice.serve")
        and notice.state in (Notice.State.RENDERED, Notice.State.IN_TRANSIT, Notice.State.SERVED),
        "today": office_today(),
    }
    return render(request, "collection/notice.html", context, status=status)


@needs("notice.approve")
@require_POST
def notice_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve one notice."""
    notice = get_object_or_404(Notice, pk=pk)
    try:
        answer = approve_notice(notice=notice, by=request.user, at=office_now())
    except Refusal as no:
        messages.error(request, str(no))
    else:
        if answer.state == Notice.State.VOID:
            messages.info(request, _("此户已缴清或已暂缓，通知书自动作废：%s") % answer.closed_reason)
        else:
            messages.success(request, _("已批准，字号 %s。PDF 稍后生成。") % answer.number)
    return redirect("collection:notice", pk=pk)


_WITH_REASON = {
    "reject": (reject_notice, gettext_lazy("未批准，两周后系统再次提出。")),
    "void": (void_notice, gettext_lazy("已作废，字号不再使用。")),
    "replace": (replace_notice, gettext_lazy("已换发：请批准新的通知书。")),
}


@needs("notice.approve")
@require_POST
def notice_decide(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Reject, withdraw or replace one notice, with a reason."""
    notice = get_object_or_404(ask.notices(), pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _detail(request, notice, form=form, status=422)
    operation, words = _WITH_REASON[what]
    try:
        answer = operation(notice=notice, reason=form.cleaned_data["reason"], by=request.user, at=office_now())
    except Refusal as no:
        form.add_error(None, str(no))
        return _detail(request, notice, form=form, status=422)
    messages.success(request, words)
    return redirect("collection:notice", pk=answer.pk)


@needs("notice.approve")
@require_POST
def notice_retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the next run draw a letter again that could not be drawn."""
    retry_rendering(notice=get_object_or_404(Notice, pk=pk))
    messages.info(request, _("已重新排队，稍后请刷新页面。"))
    return redirect("collection:notice", pk=pk)


@needs("notice.read")
@require_GET
def notice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The stored PDF, byte for byte; `?download` saves it. Every opening is logged."""
    notice = get_object_or_404(Notice.objects.select_related("pdf"), pk=pk)
    try:
        pdf = take_pdf(notice=notice, by=request.user, at=office_now())
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("collection:notice", pk=pk)
    assert notice.pdf is not None
    return _file(pdf, "application/pdf", notice.pdf.name, inline="download" not in request.GET)


@needs("notice.approve")
@require_GET
def notice_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """What the letter would say if it were approved now; without number, stored nowhere."""
    notice = get_object_or_404(ask.notices(), pk=pk)
    try:
        pdf = draft_pdf(notice=notice, at=office_now())
    except Refusal as no:
        messages.error(request, str(no))
        return redirect("collection:notice", pk=pk)
    return _file(pdf, "application/pdf", _("草稿") + ".pdf", inline=True)


@needs("notice.read")
@require_GET
def notice_photo(request: HttpRequest, pk: int) -> HttpResponse:
    """One photo of a service, as it came."""
    photo = get_object_or_404(ServicePhoto.objects.select_related("file"), pk=pk)
    answer = _file(open_file(photo.file), photo.file.mime, photo.file.name, inline=True)
    answer["Content-Security-Policy"] = "default-src 'none'; img-src 'self'; sandbox"
    return answer


def _file(data: bytes, mime: str, name: str, *, inline: bool) -> HttpResponse:
    """Bytes with the headers of a private file: name and kind come from the row, never from the address (C3.6)."""
    answer = HttpResponse(data, content_type=mime)
    answer["Content-Disposition"] = _disposition(name, inline)
    answer["Cache-Control"] = "private, no-store"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def _disposition(name: str, inline: bool) -> str:
    return content_disposition_header(not inline, name) or "inline"


def _is_ours(request: HttpRequest) -> bool:
    return url_has_allowed_host_and_scheme(request.POST.get("next", ""), {request.get_host()})
