"""Tags: the small pieces pages are made of. Each prints a partial of `templates/partials/` or one element."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import lucide
from django import template
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from offices.templatetags.figures import cn_day, cn_time, intdot

register = template.Library()

EVENT_ICONS = {
    "call": "phone",
    "visit": "footprints",
    "message": "message-square-text",
    "notice": "file-text",
    "service": "package-check",
    "payment": "wallet",
    "reversal": "undo-2",
    "promise": "handshake",
    "dispute": "scale",
    "hold": "circle-pause",
    "import": "upload",
    "tier": "trending-up",
    "note": "sticky-note",
    "past": "scroll-text",
    "system": "settings-2",
    "photo": "camera",
}


@lru_cache(maxsize=512)
def _icon(name: str, size: int) -> SafeString:
    svg = lucide._render_icon(name, size or None, **{"class": "icon", "aria-hidden": "true", "focusable": "false"})
    return mark_safe(svg)  # noqa: S308 - our own drawing, no user text in it


@register.simple_tag
def icon(name: str, size: int = 0) -> SafeString:
    """A lucide drawing, inlined; decorative: the words stand beside it."""
    return _icon(str(name), int(size))


@register.simple_tag
def tag(text: str, kind: str = "plain", icon: str = "") -> SafeString:
    """A small tinted label; `kind` gives the tint, the words the meaning."""
    return format_html('<span class="tag tag-{}">{}{}</span>', kind, _icon(icon, 0) if icon else "", text)


@register.simple_tag
def tier(code: str, label: str = "") -> SafeString | str:
    """The overdue tier as a tag; prints nothing for an account without one."""
    words = {"slight": _("轻微"), "moderate": _("中度"), "severe": _("严重")}
    if code not in words:
        return ""
    return format_html('<span class="tag tier-{}">{}</span>', code, label or words[code])


@register.simple_block_tag
def card(
    content: str, title: str = "", note: str = "", icon: str = "", id: str = "", flush: bool = False
) -> SafeString:
    """A white card with a heading; `flush` lets a table reach the edges."""
    head = ""
    if title or note:
        head = format_html(
            "<header><h2>{}{}</h2>{}</header>",
            _icon(icon, 0) if icon else "",
            title,
            format_html('<span class="note">{}</span>', note) if note else "",
        )
    return format_html(
        '<section class="card{}"{}>{}<div class="body">{}</div></section>',
        " flush" if flush else "",
        format_html(' id="{}"', id) if id else "",
        head,
        content,
    )


@register.inclusion_tag("partials/stat.html")
def stat(
    label: str, value: Any, unit: str = "", note: str = "", href: str = "", definition: str = "", tone: str = ""
) -> dict[str, Any]:
    """One figure with its unit, a note and its definition behind (i)."""
    return {
        "label": label,
        "value": value,
        "unit": unit,
        "note": note,
        "href": href,
        "definition": definition,
        "tone": tone,
    }


@register.simple_tag
def bar(share: Any, tone: str = "blue", label: str = "") -> SafeString:
    """A meter; `share` from 0 to 100."""
    width = max(0.0, min(100.0, float(share or 0)))
    text = format_html('<span class="text">{}</span>', label) if label else ""
    return format_html(
        '<span class="bar bar-{}"><span class="track"><span class="fill" style="width:{}%"></span></span>{}</span>',
        tone,
        f"{width:.1f}",
        text,
    )


@register.inclusion_tag("partials/ageing.html")
def ageing(buckets: Iterable[Any]) -> dict[str, Any]:
    """What is owed by age as one stacked bar; buckets young to old with label, amount, share 0 to 100."""
    return {"buckets": list(buckets)}


@register.inclusion_tag("partials/empty.html")
def empty(title: str, text: str = "", icon: str = "inbox") -> dict[str, str]:
    """What stands where nothing is."""
    return {"title": title, "text": text, "icon": icon}


@register.simple_block_tag
def emptyblock(content: str, title: str = "", text: str = "", icon: str = "inbox") -> SafeString:
    """`empty` with buttons: what to do first."""
    return mark_safe(  # noqa: S308  a template of ours rendered it, escaped
        render_to_string("partials/empty.html", {"title": title, "text": text, "icon": icon, "actions": content})
    )


@register.simple_tag
def spinner(text: str = "") -> SafeString:
    """Something is on its way."""
    return format_html(
        '<div class="loading" role="status"><span class="spinner"></span>{}</div>', text or _("正在载入…")
    )


@register.simple_block_tag
def timeline(content: str) -> SafeString:
    """A list of events, newest first."""
    return format_html('<ol class="timeline">{}</ol>', content)


@register.simple_block_tag
def event(content: str, at: Any = None, kind: str = "note", title: str = "", by: Any = "") -> SafeString:
    """One event of a timeline; a date or an instant, what happened, who did it, and details below."""
    return format_html(
        '<li><span class="dot kind-{}">{}</span><span class="when">{}</span>{}{}{}</li>',
        kind,
        _icon(EVENT_ICONS.get(kind, "circle"), 0),
        cn_time(at) if isinstance(at, datetime) else cn_day(at),
        title,
        format_html('<span class="by">{}</span>', by) if by else "",
        format_html('<div class="more">{}</div>', content) if content.strip() else "",
    )


@register.inclusion_tag("partials/job.html")
def job(job: Any) -> dict[str, Any]:
    """A long piece of work; asks again by itself until it is done."""
    share = round(100 * job.done / job.total) if job.total else None
    return {"job": job, "share": share, "open": job.state in {"waiting", "running"}}


@register.inclusion_tag("partials/photos.html")
def photos(name: str, label: str = "", hint: str = "", required: bool = False) -> dict[str, Any]:
    """A camera field in which several shots add up."""
    return {"name": name, "label": label or _("照片"), "hint": hint, "required": required}


@register.inclusion_tag("partials/dropzone.html")
def dropzone(name: str, accept: str = "", text: str = "", hint: str = "") -> dict[str, str]:
    """A place to drop or choose one file."""
    return {"name": name, "accept": accept, "text": text or _("把文件拖到这里，或点击选择"), "hint": hint}


@register.inclusion_tag("partials/steps.html")
def steps(names: str, current: int = 1) -> dict[str, Any]:
    """Where one is in a wizard; names separated by spaces."""
    return {
        "steps": [
            {"number": number, "name": name, "done": number < current, "current": number == current}
            for number, name in enumerate(str(names).split(), start=1)
        ]
    }


@register.inclusion_tag("partials/tabs.html")
def tabs(items: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Sections of a page with addresses of their own."""
    return {"items": items, "look": "tabs", "label": label or _("分区")}


@register.inclusion_tag("partials/tabs.html")
def chips(items: Iterable[Mapping[str, Any]], label: str = "") -> dict[str, Any]:
    """Filters as pills."""
    return {"items": items, "look": "chips", "label": label or _("筛选")}


@register.simple_tag
def download(href: str, text: str = "") -> SafeString:
    """A button-link to a file."""
    return format_html(
        '<a class="btn" href="{}" download>{} {}</a>', href, _icon("download", 0), text or _("导出 Excel")
    )


def _changed(context: template.Context, changes: Mapping[str, Any]) -> str:
    request = context.get("request")
    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None or value == "":
            query.pop(key, None)
        else:
            query[key] = str(value)
    return "?" + query.urlencode()


@register.simple_tag(takes_context=True)
def qs(context: template.Context, **changes: Any) -> str:
    """The present query string with some parameters changed; None takes one away."""
    return _changed(context, changes)


@register.simple_tag(takes_context=True)
def sort(context: template.Context, label: str, key: str) -> SafeString:
    """A column heading that sorts; a second press turns the order round."""
    request = context.get("request")
    now = request.GET.get("sort", "") if request is not None else ""
    target = f"-{key}" if now != f"-{key}" else key
    mark = {key: _icon("arrow-up", 0), f"-{key}": _icon("arrow-down", 0)}.get(now, "")
    return format_html('<a href="{}">{}{}</a>', _changed(context, {"sort": target, "page": None}), label, mark)


@register.simple_tag(takes_context=True)
def pager(context: template.Context, page: Any, unit: str = "") -> SafeString:
    """How many there are, and the pages around this one."""
    window = [
        {
            "number": number,
            "href": _changed(context, {"page": number if number != 1 else None}) if isinstance(number, int) else "",
        }
        for number in page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    ]
    values = {"page": page, "total": intdot(page.paginator.count), "unit": unit or _("条"), "window": window}
    return mark_safe(render_to_string("partials/pager.html", values))  # noqa: S308


@register.simple_tag(takes_context=True)
def phone_tabs(context: template.Context) -> list[dict[str, Any]]:
    """The four places at the foot of a phone, as far as the person may open them."""
    may = context.get("may") or {}
    here = getattr(getattr(context.get("request"), "resolver_match", None), "view_name", "") or ""
    wanted = [
        ("today_read", _("今日"), "list-checks", "collection:today", "collection:today"),
        ("household_read", _("住户"), "house", "archive:households", "archive:household"),
        ("notice_serve", _("拍照取证"), "camera", "collection:notice-serve", "collection:notice"),
        ("dashboard_read", _("看板"), "chart-column", "archive:dashboard", "archive:dashboard"),
        ("bank_read", _("到账"), "landmark", "billing:bank", "billing:bank"),
        ("ledger_read", _("台账"), "archive", "archive:ledger", "archive:ledger"),
        ("settings_read", _("设置"), "settings", "offices:settings", "offices:"),
    ]
    found = []
    for verb, label, drawing, view, prefix in wanted:
        if not may.get(verb) or len(found) == 4:
            continue
        try:
            href = reverse(view)
        except NoReverseMatch:
            continue
        found.append({"label": label, "icon": drawing, "href": href, "current": here.startswith(prefix)})
    return found
