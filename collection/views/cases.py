"""分派, the manager's decision, letting a contact step pass, settling an unclear message: one POST each."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.dateparse import parse_date
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from collection.models import Action, Case, Message
from collection.operations.assignments import assign_actions
from collection.operations.cases import decide_case, excuse_action
from collection.operations.unknown import decide_unknown
from offices.models import User
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today


@require_POST
@needs("case.assign")
def assign(request: HttpRequest) -> HttpResponse:
    """Give the ticked households to one person; an empty `to` gives them back to everybody."""
    ids = [int(value) for value in request.POST.getlist("ids") if value.isdigit()]
    chosen = request.POST.get("to", "")
    to = User.objects.filter(pk=int(chosen)).first() if chosen.isdigit() else None
    actions = list(Action.objects.filter(pk__in=ids))
    if not actions or (chosen and to is None):
        messages.error(request, _("请先勾选住户，并选择分派给谁。"))
        return _back(request)
    try:
        count = assign_actions(actions=actions, to=to, by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(
            request, _("已将 %(count)s 户分派给%(person)s。") % {"count": count, "person": to or _("全体")}
        )
    return _back(request)


@require_POST
@needs("notice.approve_final")
def decide(request: HttpRequest, case_id: int) -> HttpResponse:
    """After the last deadline: to the lawyers, or another look on a later day."""
    case = get_object_or_404(Case.objects.all(), pk=case_id)
    try:
        decide_case(
            case=case,
            refer=request.POST.get("decision") == "refer",
            reason=request.POST.get("reason", ""),
            again_on=_date(request.POST.get("again_on", "")),
            at=office_now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("决定已记录。"))
    return _back(request)


@require_POST
@needs("case.assign")
def excuse(request: HttpRequest, action_id: int) -> HttpResponse:
    """Let a call or visit count although nobody could be reached, with the reason."""
    action = get_object_or_404(Action.objects.all(), pk=action_id)
    try:
        excuse_action(
            action=action,
            reason=request.POST.get("reason", ""),
            on=office_today(),
            at=office_now(),
            by=request.user,  # type: ignore[arg-type]
        )
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("已记录理由，流程进入下一步。"))
    return _back(request)


@require_POST
@needs("sent.read")
def settle_message(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says whether a message of unknown fate has left."""
    message = get_object_or_404(Message.objects.all(), pk=pk)
    try:
        decide_unknown(message=message, has_left=request.POST.get("has_left") == "1", by=request.user, at=office_now())  # type: ignore[arg-type]
    except Refusal as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("已确认。"))
    return _back(request)


def _date(text: str):  # type: ignore[no-untyped-def]
    try:
        return parse_date(text)
    except ValueError:
        return None


def _back(request: HttpRequest) -> HttpResponse:
    wanted = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return redirect(wanted)
    return redirect("collection:today")
