"""看板: figures, each with its definition and the list behind it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from archive.forms import DayForm
from archive.queries.figures import Figures, figures
from archive.queries.ledger import STAGE_LABELS
from archive.rules.metrics import DEFINITIONS
from arrears.rules.tier import LABELS
from disputes.models import Dispute
from offices.permissions import needs
from offices.scoping import office_today


@needs("dashboard.read")
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """All figures as of the chosen day."""
    on = DayForm(request.GET).day(office_today())
    asked = request.GET.get("year", "")
    found = figures(on, int(asked) if asked.isdigit() else None)
    context = {
        "f": found,
        "is_past": on < office_today(),
        "definitions": {code: _(definition.text) for code, definition in DEFINITIONS.items()},
        "months": _months_chart(found),
        "ageing": _ageing_chart(found),
        "tiers": _bars([(_(LABELS[t.code]), t.households, t.amount, t.code) for t in found.tiers]),
        "stages": _bars([(_(STAGE_LABELS[code]), n, None, code) for code, n in found.stages]),
        "reasons": _bars([(Dispute.Kind(code).label, n, None, code) for code, n in found.reasons]),
    }
    return render(request, "archive/dashboard.html", context)


def _bars(rows: list[tuple[Any, int, Decimal | None, str]]) -> list[dict[str, Any]]:
    """Rows with their share of the largest one, in percent."""
    most = max((n for _label, n, _amount, _code in rows), default=0)
    return [
        {"label": label, "count": n, "amount": amount, "code": code, "share": 100 * n / most if most else 0}
        for label, n, amount, code in rows
    ]


def _months_chart(found: Figures) -> dict[str, Any]:
    """Receivable and received of twelve months, as charts.js draws it."""
    return {
        "x": [date_format(month.first, _("y年n月")) for month in found.months],
        "series": [
            {"name": _("应收"), "data": [float(month.receivable) for month in found.months], "type": "bar"},
            {"name": _("实收"), "data": [float(month.received) for month in found.months], "type": "bar"},
        ],
        "unit": _("元"),
    }


def _ageing_chart(found: Figures) -> dict[str, Any]:
    """Arrears by community and age, as charts.js draws it."""
    return {
        "y": [name for name, _bands in found.communities],
        "series": [
            {"name": _(band.label), "data": [float(bands.get(band.code, 0)) for _name, bands in found.communities]}
            for band in found.ageing
        ],
    }
