"""试算 of a strategy on today's data, and taking open cases over to it: the same list, once to read, once to confirm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from collection.models import Strategy
from collection.operations.moves import migrate_cases
from collection.queries.strategies import strategies
from collection.queries.trials import Line, Trial, rooms_of, trial
from collection.rules import trial as t
from offices.operations import Refusal
from offices.permissions import needs
from offices.scoping import office_now, office_today

TONES = {t.UP: "bad", t.DOWN: "good", t.SOONER: "warn", t.LATER: "info", t.SAME: "plain"}


@require_GET
@needs("settings.read")
def trial_page(request: HttpRequest, pk: int) -> HttpResponse:
    """What the version would change among today's open cases, and why; writes nothing."""
    row = get_object_or_404(strategies(), pk=pk)
    found = trial(row, office_today())
    context = _context(request, row, found, found.changed)
    return render(request, "collection/strategy_trial.html", context)


@require_http_methods(["GET", "POST"])
@needs("strategy.publish")
def migrate(request: HttpRequest, pk: int) -> HttpResponse:
    """Preview and confirm the move of one version's open cases (`?of=`) to this one."""
    row = get_object_or_404(strategies(), pk=pk)
    asked = (request.POST or request.GET).get("of", "")
    of = get_object_or_404(Strategy.objects.filter(published_at__isnull=False), pk=int(asked) if asked.isdigit() else 0)
    if request.method == "POST":
        try:
            done = migrate_cases(
                strategy=of,
                to=row,
                seen=request.POST.get("seen", ""),
                by=request.user,  # type: ignore[arg-type]
                at=office_now(),
            )
        except Refusal as no:
            messages.error(request, str(no))
            return redirect(f"{request.path}?of={of.pk}")
        messages.success(
            request,
            _("已迁移 %(moved)s 户，其中 %(back)s 户的在办事项取消后重新安排；%(stayed)s 户留在原版本。")
            % {"moved": done.moved, "back": done.taken_back, "stayed": done.stayed},
        )
        return redirect("collection:strategy-version", pk=pk)
    found = trial(row, office_today(), of=of)
    context = _context(request, row, found, found.lines) | {"of": of, "staying": len(found.staying)}
    return render(request, "collection/strategy_trial.html", context)


def _context(request: HttpRequest, row: Strategy, found: Trial, lines: tuple[Line, ...]) -> dict[str, Any]:
    effect = request.GET.get("effect", "")
    shown = [line for line in lines if line.move.effect == effect] if effect in t.EFFECTS else lines
    page = Paginator(shown, 50).get_page(request.GET.get("page"))
    accounts = rooms_of(page.object_list)
    return {
        "strategy": row,
        "trial": found,
        "summary": _summary(found),
        "page": page,
        "rows": [
            {
                "account": accounts[line.case.account_id],
                "line": line,
                "effect": _(t.EFFECTS[line.move.effect]),
                "tone": TONES[line.move.effect],
                "fate": "" if line.move.fate == t.GOES else _(t.FATES[line.move.fate]),
            }
            for line in page.object_list
        ],
        "chips": _chips(request, found, lines, effect),
        "today": office_today(),
    }


def _summary(found: Trial) -> str:
    """「会改变 212 户：38 户升级，5 户降级」"""
    changed = len(found.changed)
    if not changed:
        return _("不会改变任何一户的下一步。")
    parts = [
        _("%(count)s 户%(effect)s") % {"count": count, "effect": _(t.EFFECTS[effect])}
        for effect, count in found.effects.items()
        if effect != t.SAME
    ]
    return _("会改变 %(count)s 户：%(parts)s。") % {"count": changed, "parts": _("，").join(parts)}


def _chips(request: HttpRequest, found: Trial, lines: tuple[Line, ...], effect: str) -> list[dict[str, Any]]:
    counts = {code: count for code, count in found.effects.items() if code != t.SAME or len(lines) > len(found.changed)}

    def href(code: str) -> str:
        asked = {"of": request.GET.get("of", ""), "effect": code}
        return "?" + urlencode({name: value for name, value in asked.items() if value})

    every = {"label": _("全部"), "href": href(""), "current": effect not in counts, "count": len(lines)}
    return [every] + [
        {"label": _(t.EFFECTS[code]), "href": href(code), "current": code == effect, "count": count}
        for code, count in counts.items()
    ]
