"""话术与模板: the office's texts by place, their versions, and the editor; what the law forbids, and where."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from collection.forms.scripts import ScriptForm, place_of
from collection.models import Script
from collection.operations.scripts import ScriptRefused, check_text, publish_script, withdraw_script
from collection.queries.scripts import packs_here, text_at, texts_in_force, versions
from collection.rules import places, reasons, scripts
from collection.rules.citations import citation
from collection.rules.measures import BANNED
from offices.permissions import holds, needs
from offices.scoping import office_now, office_today


def _row(text: scripts.Text) -> dict[str, Any]:
    use, channel, tier, reason = text.place
    place = urlencode({"use": use, "channel": channel, "tier": tier, "reason": reason})
    return {
        "text": text,
        "channel": _(places.CHANNELS[channel]) if channel else _("任何方式"),
        "tier": tier,
        "reason": _(reasons.LABELS[reason]) if reason else "",
        "shown": scripts.filled(text, scripts.EXAMPLE),
        "href": f"{reverse('collection:script')}?{place}",
    }


@require_GET
@needs("script.read")
def script_list(request: HttpRequest) -> HttpResponse:
    """Every text in force, by use; the address narrows by tier and reason."""
    use = request.GET.get("use", places.TALK)
    use = use if use in places.USES else places.TALK
    asked = place_of(request.GET)
    texts = texts_in_force()
    rows = [
        _row(text)
        for text in sorted(
            texts,
            key=lambda text: (text.reason, text.channel, list(places.TIERS).index(text.tier) if text.tier else -1),
        )
        if text.use == use
        and (not asked["tier"] or text.tier in {"", asked["tier"]})
        and (not asked["reason"] or text.reason in {"", asked["reason"]})
    ]
    context = {
        "rows": rows,
        "use": use,
        "asked": asked,
        "tabs": [
            {
                "label": _(label),
                "href": f"?use={code}",
                "current": code == use,
                "count": sum(text.use == code for text in texts),
            }
            for code, label in places.USES.items()
        ],
        "tiers": places.TIERS.items(),
        "reasons": reasons.LABELS.items(),
    }
    return render(request, "collection/scripts.html", context)


@require_http_methods(["GET", "POST"])
@needs("script.read")
def script(request: HttpRequest) -> HttpResponse:
    """One place: the text in force, its versions, and the editor with a look at how it reads."""
    may_write = holds(request.membership.role, "script.write")  # type: ignore[attr-defined]
    if request.method == "POST" and not may_write:
        return HttpResponse(_("只有项目经理和管理员可以修改话术与模板。"), status=403)
    place = place_of(request.POST or request.GET)
    now = text_at(**place)
    form = ScriptForm(
        request.POST or None,
        initial={**place, "words": now.words if now else "", "subject": now.subject if now else ""},
    )
    found: list[dict[str, Any]] = []
    shown = scripts.filled(now, scripts.EXAMPLE) if now else None
    if request.method == "POST" and form.is_valid():
        typed = {**place, "subject": "", **form.cleaned_data}
        try:
            shown = _look(typed)
            if "look" not in request.POST:
                publish_script(**typed, by=request.user, at=office_now())  # type: ignore[arg-type]
                messages.success(request, _("新版本已启用，从现在起使用。"))
                return redirect(f"{reverse('collection:script')}?{urlencode(place_of(typed))}")
        except ScriptRefused as no:
            field = no.details.get("field")
            form.add_error(field if field in form.fields else None, str(no))
            found = no.details.get("findings", [])
    context = {
        "form": form,
        "place": place,
        "may_write": may_write,
        "in_force": now,
        "shown": shown,
        "found": found,
        "versions": versions(**place),
        "gaps": places.GAPS.items(),
        "title": _(places.USES[place["use"]]),
        "reason_label": _(reasons.LABELS[place["reason"]]) if place["reason"] else "",
        "channel_label": _(places.CHANNELS[place["channel"]]) if place["channel"] else _("任何方式"),
    }
    return render(request, "collection/script.html", context, status=422 if form.errors else 200)


def _look(typed: dict[str, str]) -> tuple[str, str]:
    """The typed text as an owner would read it. Raises `ScriptRefused` as publishing would."""
    text = scripts.Text(
        typed["use"], typed["channel"], typed["tier"], typed["reason"], typed["words"], typed["subject"]
    )
    check_text(text, at=office_now())
    return scripts.filled(text, scripts.EXAMPLE)


@require_POST
@needs("script.write")
def script_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Back to the shipped text."""
    row = get_object_or_404(Script.objects.all(), pk=pk)
    try:
        withdraw_script(script=row, by=request.user, at=office_now())  # type: ignore[arg-type]
    except ScriptRefused as no:
        messages.error(request, str(no))
    else:
        messages.success(request, _("已停用本版，恢复使用通用内容。"))
    place = {"use": row.use, "channel": row.channel, "tier": row.tier, "reason": row.reason}
    return redirect(f"{reverse('collection:script')}?{urlencode(place)}")


@require_GET
@needs("script.read")
def forbidden(request: HttpRequest) -> HttpResponse:
    """What nobody may do or threaten, with the law, and the local rules of the places where the office works."""
    on = office_today()
    context = {"bans": BANNED, "packs": packs_here(on), "law": citation("civil-944-3", on)}
    return render(request, "collection/forbidden.html", context)
