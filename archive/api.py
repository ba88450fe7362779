"""API of the archive app: figures, ledger, and a household's timeline."""

from __future__ import annotations

from decimal import Decimal

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive.forms import DayForm, LedgerForm
from archive.queries.figures import figures
from archive.queries.ledger import ledger
from archive.queries.timeline import timeline
from archive.rules.metrics import DEFINITIONS
from archive.serializers import EventSerializer, FiguresSerializer, LedgerSerializer
from billing.models import Account
from offices.permissions import Needs
from offices.scoping import office_today

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="As of this day; today when left out, never later.")
PAGE = 100


class FiguresView(APIView):
    """GET figures/."""

    permission_classes = [Needs.of("dashboard.read")]

    @extend_schema(parameters=[ON, OpenApiParameter("year", OpenApiTypes.INT)], responses=FiguresSerializer)
    def get(self, request: Request) -> Response:
        """The dashboard's figures with their definitions; rates as shares of one."""
        asked = request.query_params.get("year", "")
        f = figures(DayForm(request.query_params).day(office_today()), int(asked) if asked.isdigit() else None)
        values: dict[str, Decimal | int | None] = {
            "current_rate": f.current.rate,
            "prior_rate": f.prior.rate,
            "combined_rate": f.combined,
            "household_rate": f.households.rate,
            "arrears": f.arrears.amount,
            "pursuable": f.pursuable,
            "receipts": f.receipts,
            "promise_rate": f.promises.rate,
            "contact_rate": f.contacts.rate,
            "disputes": f.disputes.count,
            "unclaimed": f.unclaimed.count,
        }
        rows = [
            {
                "code": code,
                "name": DEFINITIONS[code].name,
                "definition": DEFINITIONS[code].text,
                "value": None if value is None else str(round(value, 4) if code.endswith("rate") else value),
            }
            for code, value in values.items()
        ]
        return Response(FiguresSerializer({"on": f.on, "year": f.year, "figures": rows}).data)


class LedgerView(APIView):
    """GET ledger/."""

    permission_classes = [Needs.of("ledger.read")]

    @extend_schema(
        parameters=[
            ON,
            *(OpenApiParameter(name) for name in ("q", "building", "tier", "stage", "scope")),
            OpenApiParameter("assignee", OpenApiTypes.INT),
            OpenApiParameter("page", OpenApiTypes.INT),
        ],
        responses=LedgerSerializer,
    )
    def get(self, request: Request) -> Response:
        """Households of the ledger, 100 a page; totals over all."""
        form = LedgerForm(request.query_params)
        found = ledger(form.day(office_today()), form.filters())
        asked = request.query_params.get("page", "1")
        page = int(asked) if asked.isdigit() and int(asked) else 1
        shown = found.rows[(page - 1) * PAGE : page * PAGE]
        answer = {"on": found.on, "count": len(found.rows), "totals": found.totals, "results": shown}
        return Response(LedgerSerializer(answer).data)


class TimelineView(APIView):
    """GET accounts/<id>/timeline/."""

    permission_classes = [Needs.of("household.read")]

    @extend_schema(parameters=[ON], responses=EventSerializer(many=True))
    def get(self, request: Request, account_id: int) -> Response:
        """Everything that happened to the household, newest first."""
        account = get_object_or_404(Account.objects.all(), pk=account_id)
        events = timeline(account, DayForm(request.query_params).day(office_today()))
        return Response(EventSerializer(events, many=True).data)


urlpatterns = [
    path("figures/", FiguresView.as_view(), name="figures"),
    path("ledger/", LedgerView.as_view(), name="ledger"),
    path("accounts/<int:account_id>/timeline/", TimelineView.as_view(), name="timeline"),
]
