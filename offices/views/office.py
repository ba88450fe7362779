"""Settings of the office: letterhead, hours, thresholds, communities; people; keys; long jobs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from offices.documents import events, rights
from offices.forms import CommunityForm, MemberForm, PersonForm, SettingsForm, TokenForm
from offices.models import ApiToken, Community, Job, Membership
from offices.operations import Refusal
from offices.operations.offices import add_community, issue_token, revoke_token, save_settings, set_member
from offices.operations.people import add_person, reset_password
from offices.permissions import TABLE, Role, needs
from offices.queries import calendar_gap, missing_to_start, office_settings, people, tokens
from offices.scoping import office_now, office_today

# The order in which the settings are read; every field of the form is in exactly one group.
GROUPS: list[tuple[Any, str, str]] = [
    (
        gettext_lazy("文书与联系人"),
        "file-text",
        "letterhead notice_prefix contact_person contact_phone address office_hours",
    ),
    (gettext_lazy("收款账户"), "landmark", "payee_name payee_bank payee_account"),
    (
        gettext_lazy("联系时间与次数"),
        "clock",
        "contact_from contact_until contact_on_holidays max_contacts_per_week email_from",
    ),
    (
        gettext_lazy("分级与起点"),
        "chart-no-axes-column",
        "moderate_after_days severe_after_days severe_from_amount severe_annual_periods severe_quarterly_periods "
        "company_severe_after_days hardship_never_severe high_value_from tolerance fresh_days",
    ),
    (
        gettext_lazy("期限"),
        "calendar-days",
        "billing_deadline_days formal_deadline_days final_deadline_days promise_grace_days late_after_days",
    ),
    (
        gettext_lazy("分期协议"),
        "calendar-range",
        "plan_max_instalments plan_max_months plan_min_down_percent plan_grace_days plan_broken_after",
    ),
    (gettext_lazy("到账与冲抵"), "arrow-left-right", "allocation_mode auto_post_from transfer_hold_days"),
    (gettext_lazy("违约金"), "percent", "posts_late_charge waiver_limit_supervisor waiver_limit_manager"),
]


@needs("settings.read")
def settings_page(request: HttpRequest) -> HttpResponse:
    """See and, as administrator, change what the office decides for itself."""
    form = SettingsForm(request.POST or None, instance=office_settings())
    may_write = Role(request.membership.role) in TABLE["settings.write"]  # type: ignore[attr-defined]
    if request.method == "POST":
        if not may_write:
            return HttpResponse(_("只有管理员可以修改设置。"), status=403)
        if form.is_valid():
            try:
                save_settings(values=form.values(), by=request.user, at=office_now())
                messages.success(request, _("设置已保存，从现在起生效。"))
                return redirect("offices:settings")
            except Refusal as no:
                form.add_error(None, str(no))
    if not may_write:
        for field in form.fields.values():
            field.disabled = True
    groups = [(title, icon, [form[name] for name in names.split()]) for title, icon, names in _groups()]
    context = {
        "form": form,
        "groups": groups,
        "may_write": may_write,
        "calendar_gap": calendar_gap(office_today()),
        "missing": missing_to_start(),
    }
    return render(request, "offices/settings.html", context, status=422 if form.errors else 200)


def _groups() -> list[tuple[str, str, str]]:
    return [(str(title), icon, names) for title, icon, names in GROUPS]


@needs("settings.read")
def communities(request: HttpRequest) -> HttpResponse:
    """The communities, and a new one."""
    form = CommunityForm(request.POST or None)
    if request.method == "POST":
        if Role(request.membership.role) not in TABLE["settings.write"]:  # type: ignore[attr-defined]
            return HttpResponse(_("只有管理员可以修改设置。"), status=403)
        if form.is_valid():
            add_community(**form.cleaned_data, by=request.user)
            messages.success(request, _("小区已保存。"))
            return redirect("offices:communities")
    context = {"form": form, "communities": list(Community.objects.all())}
    return render(request, "offices/communities.html", context, status=422 if form.errors else 200)


@needs("people.manage")
def people_page(request: HttpRequest) -> HttpResponse:
    """Everybody of the office; a new person."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            membership = add_person(**form.cleaned_data, by=request.user, at=office_now())
            messages.success(request, _("已添加：%s") % membership)
            return redirect("offices:people")
        except Refusal as no:
            form.add_error(None, str(no))
    context = {"form": form, "people": people(), "rights": rights(), "roles": list(Role), "events": events(20)}
    return render(request, "offices/people.html", context, status=422 if form.errors else 200)


@needs("people.manage")
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's role, state or password."""
    membership = get_object_or_404(people(), pk=pk)
    form = MemberForm(request.POST or None, initial={"role": membership.role, "is_active": membership.is_active})
    if request.method == "POST" and form.is_valid():
        try:
            _change(membership, form.cleaned_data, request)
            messages.success(request, _("已保存：%s") % membership)
            return redirect("offices:people")
        except Refusal as no:
            form.add_error(None, str(no))
    context = {"form": form, "person": membership}
    return render(request, "offices/person.html", context, status=422 if form.errors else 200)


def _change(membership: Membership, wishes: dict[str, Any], request: HttpRequest) -> None:
    if wishes["password"]:
        reset_password(membership=membership, password=wishes["password"], by=request.user, at=office_now())
    if (wishes["role"], wishes["is_active"]) != (membership.role, membership.is_active):
        set_member(
            user=membership.user, role=wishes["role"], is_active=wishes["is_active"], by=request.user, at=office_now()
        )


@never_cache
@needs("token.manage")
def tokens_page(request: HttpRequest) -> HttpResponse:
    """Keys for programs. A new key is shown once, in the answer that made it."""
    form = TokenForm(request.POST or None)
    secret = ""
    if request.method == "POST" and form.is_valid():
        _row, secret = issue_token(
            user=request.user, label=form.cleaned_data["label"], by=request.user, at=office_now()
        )
        form = TokenForm()
    context = {"form": form, "tokens": tokens(), "secret": secret, "api": request.build_absolute_uri("/api/v1/")}
    return render(request, "offices/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@needs("token.manage")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop a key: one's own, or as administrator anybody's."""
    token = get_object_or_404(ApiToken, pk=pk)
    if token.user_id != request.user.pk and request.membership.role != Role.ADMIN:  # type: ignore[attr-defined]
        return HttpResponse(_("只能停用自己的密钥；他人的密钥请管理员停用。"), status=403)
    revoke_token(token=token, by=request.user, at=office_now())
    messages.success(request, _("密钥已停用。"))
    return redirect(reverse("offices:tokens"))


def job(request: HttpRequest, pk: int) -> HttpResponse:
    """The progress of a long piece of work, for whoever asked for it (or the office's managers)."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return HttpResponse(status=401)
    found = get_object_or_404(Job, pk=pk)
    if found.asked_by_id not in {None, request.user.pk} and membership.role not in {
        Role.MANAGER,
        Role.ADMIN,
        Role.SUPERVISOR,
    }:
        return HttpResponse(status=404)
    return render(request, "offices/job.html", {"job": found})
