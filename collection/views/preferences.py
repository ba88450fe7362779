"""What an owner wishes, beside the household; the hours of every channel, in the settings."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRedirect

from billing.models import Account
from collection.channels import available
from collection.forms.preferences import ChannelHoursForm, PreferenceForm
from collection.models import ChannelSetting
from collection.models.preferences import Way
from collection.operations.preferences import set_channel_hours, set_preference
from collection.queries.hours import channel_settings, contact_hours, preferences
from offices.operations import Refusal
from offices.permissions import holds, needs
from offices.queries import office_settings
from offices.scoping import office_now


@require_http_methods(["GET", "POST"])
@needs("household.read")
def preference(request: HttpRequest, account_id: int) -> HttpResponse:
    """The owner's wishes as a panel (a fragment for htmx), and the form that changes them."""
    account = get_object_or_404(Account.objects.select_related("room", "owner"), pk=account_id)
    may_write = holds(request.membership.role, "contact.record")  # type: ignore[attr-defined]
    if request.method == "POST" and not may_write:
        return HttpResponse(_("只有收缴员、客服主管和项目经理可以登记联系偏好。"), status=403)
    wish = preferences([account.pk]).get(account.pk)
    initial = {name: getattr(wish, name) for name in PreferenceForm.base_fields if name != "said"} if wish else {}
    form = PreferenceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_preference(account=account, by=request.user, at=office_now(), **form.arguments())  # type: ignore[arg-type]
        except Refusal as no:
            form.add_error(no.details.get("field"), str(no))
        else:
            messages.success(request, _("联系偏好已登记，从下一条起按此联系。"))
            address = reverse("archive:household", args=[account.pk])
            return HttpResponseClientRedirect(address) if request.htmx else redirect(address)  # type: ignore[attr-defined]
    words = dict(Way.choices)
    context = {
        "account": account,
        "wish": wish,
        "preferred": words.get(wish.preferred, "") if wish else "",
        "refused": [words[code] for code in wish.refused] if wish else [],
        "form": form,
        "may_write": may_write,
    }
    return render(request, "collection/preference.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@needs("settings.read")
def channels(request: HttpRequest) -> HttpResponse:
    """The hours of each channel; as administrator, change one."""
    may_write = holds(request.membership.role, "settings.write")  # type: ignore[attr-defined]
    if request.method == "POST" and not may_write:
        return HttpResponse(_("只有管理员可以修改设置。"), status=403)
    posted = ChannelHoursForm(request.POST or None, auto_id=False)
    if request.method == "POST" and posted.is_valid():
        try:
            set_channel_hours(by=request.user, at=office_now(), **posted.cleaned_data)  # type: ignore[arg-type]
            messages.success(request, _("设置已保存，从现在起生效。"))
            return redirect("collection:channels")
        except Refusal as no:
            posted.add_error(no.details.get("field"), str(no))
    stored = channel_settings()
    rows = [
        {
            "label": label,
            "is_set_up": code in (Way.CALL, Way.VISIT) or code in available(),
            "hours": contact_hours(code),
            "form": _form(code, stored.get(code), posted),
        }
        for code, label in Way.choices
    ]
    context = {"rows": rows, "may_write": may_write, "general": office_settings()}
    return render(request, "collection/channels.html", context, status=422 if posted.errors else 200)


def _form(code: str, row: ChannelSetting | None, posted: ChannelHoursForm) -> ChannelHoursForm:
    """The form of one channel: as posted while it is wrong, else as stored; empty ends follow the general hours."""
    if posted.errors and posted.data.get("channel") == code:
        return posted
    initial = {name: getattr(row, name) for name in ChannelHoursForm.base_fields} if row else {"channel": code}
    return ChannelHoursForm(initial=initial, auto_id=f"{code}_%s")
