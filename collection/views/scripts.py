"""话术与模板: the office's texts by place, their versions, and the editor; what the law forbids, and where."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from collection.documents import example_letter
from collection.forms.scripts import ScriptForm, place_of
from collection.models import Script
from collection.operations.scripts import ScriptRefused, check_text, publish_script, withdraw_script
from collection.queries.scripts import packs_here, text_at, texts_in_force, versions
from collection.rules import letters, places, reasons, scripts
from collection.rules.citations import citation
from collection.rules.measures import BANNED
from offices.letterhead import VERSION, LetterFault, letter_pdf
from offices.permissions import holds, needs
from offices.queries import office_settings
from offices.scoping import current_office, office_now, office_today


def _row(text: scripts.Text) -> dict[str, Any]:
    use, channel, tier, reason = text.place
    place = urlencode({"use": use, "channel": channel, "tier": tier, "reason": reason})
    return {
        "text": text,
        "channel": _(places.CHANNELS[channel]) if channel else _("任何方式"),
        "title": _(places.USES[use]) if use in places.LETTERS else "",
        "tier": tier,
        "reason": _(reasons.LABELS[reason]) if reason else "",
        "shown": scripts.as_read(text),
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
    is_letter = place["use"] in places.LETTERS
    now = text_at(**place)
    form = ScriptForm(
        request.POST or None,
        initial={**place, "words": now.words if now else "", "subject": now.subject if now else ""},
    )
    found: list[dict[str, Any]] = []
    shown = scripts.as_read(now) if now else None
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
        "gaps": (letters.gaps_of(place["use"]) if is_letter else places.GAPS).items(),
        "is_letter": is_letter,
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
    return scripts.as_read(text)


@require_http_methods(["GET", "POST"])
@needs("script.read")
def letter_look(request: HttpRequest) -> HttpResponse:
    """A letter on paper for an invented household: with the words in force, or with those typed. Nothing is kept."""
    place = place_of(request.POST or request.GET)
    text = text_at(**place) if place["use"] in places.LETTERS else None
    if text is None:
        raise Http404
    if request.method == "POST":
        text = replace(
            text, words=request.POST.get("words", "").replace("\r\n", "\n").strip(), version=text.version + 1
        )
    try:
        check_text(text, at=office_now())
        letter = example_letter(text, office=current_office(), settings=office_settings(), on=office_today())
        pdf = letter_pdf(letter["kind"], VERSION, letter)
    except (ScriptRefused, LetterFault) as no:
        return HttpResponse(str(no), status=422, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(pdf, content_type="application/pdf")
    answer["Content-Disposition"] = content_disposition_header(False, _("预览") + ".pdf") or "inline"
    return answer


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
