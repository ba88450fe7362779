"""API of the arrears app: the list and single positions, as of any day."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from arrears.forms import ArrearsFilterForm
from arrears.queries import account_late_charge, arrears_list, bill_lines, limitation_watch, payment_habits, position
from arrears.serializers import (
    AccountChargeSerializer,
    ArrearsListSerializer,
    BillPositionSerializer,
    LimitationSerializer,
    PaymentHabitsSerializer,
    PositionSerializer,
)
from billing.models import Account
from offices.permissions import Needs
from offices.scoping import office_today

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="As of this day; today when left out, never later.")
SIZE = 100


class ArrearsView(APIView):
    """GET arrears/: the list, 100 accounts a page."""

    permission_classes = [Needs.of("arrears.read")]

    @extend_schema(
        parameters=[
            ON,
            *(OpenApiParameter(name) for name in ("q", "building", "tier", "bucket", "hold", "sort")),
            OpenApiParameter("community", OpenApiTypes.INT),
            OpenApiParameter(
                "person", OpenApiTypes.INT, description="Accounts in the buildings this person looks after."
            ),
            OpenApiParameter("minimum", OpenApiTypes.DECIMAL),
            OpenApiParameter("page", OpenApiTypes.INT),
        ],
        responses=ArrearsListSerializer,
    )
    def get(self, request: Request) -> Response:
        """Accounts with something past due."""
        on, filters = ArrearsFilterForm(request.query_params).asked(office_today())
        number = request.query_params.get("page", "1")
        found = arrears_list(on, filters, page=int(number) if number.isdigit() and int(number) else 1, size=SIZE)
        answer = {"on": found.on, "count": len(found.rows), "totals": found.totals, "results": found.shown}
        return Response(ArrearsListSerializer(answer).data)


class PositionView(APIView):
    """GET accounts/<id>/position/: one account as of a day, with every bill."""

    permission_classes = [Needs.of("arrears.read")]

    @extend_schema(parameters=[ON], responses=PositionSerializer)
    def get(self, request: Request, account_id: int) -> Response:
        """What is open, late, held, contested and pursuable."""
        if not Account.objects.filter(pk=account_id).exists():
            raise Http404
        on, _filters = ArrearsFilterForm(request.query_params).asked(office_today())
        answer = dict(PositionSerializer(position(account_id, on)).data)
        answer["bills"] = BillPositionSerializer(bill_lines([account_id], on), many=True).data
        return Response(answer)


class LateChargeView(APIView):
    """GET accounts/<id>/late-charge/: the late charge of one account as of a day."""

    permission_classes = [Needs.of("arrears.read")]

    @extend_schema(parameters=[ON], responses=AccountChargeSerializer)
    def get(self, request: Request, account_id: int) -> Response:
        """What the contract lets the office claim, and what a court is likely to support."""
        account = Account.objects.select_related("room").filter(pk=account_id).first()
        if account is None:
            raise Http404
        on, _filters = ArrearsFilterForm(request.query_params).asked(office_today())
        return Response(AccountChargeSerializer(account_late_charge(account, on)).data)


class PaymentHabitsView(APIView):
    """GET accounts/<id>/payment-habits/: how punctually, when and by which way the account pays."""

    permission_classes = [Needs.of("household.read")]

    @extend_schema(parameters=[ON], responses=PaymentHabitsSerializer)
    def get(self, request: Request, account_id: int) -> Response:
        """From its payments up to the day, and nothing else."""
        if not Account.objects.filter(pk=account_id).exists():
            raise Http404
        on, _filters = ArrearsFilterForm(request.query_params).asked(office_today())
        return Response(PaymentHabitsSerializer(payment_habits(account_id, on)).data)


class LimitationView(APIView):
    """GET limitation/: bills that run out within 180 days or have run out, 100 households a page."""

    permission_classes = [Needs.of("arrears.read")]

    @extend_schema(parameters=[ON, OpenApiParameter("page", OpenApiTypes.INT)], responses=LimitationSerializer)
    def get(self, request: Request) -> Response:
        """The most urgent first; what has run out stands last."""
        on, _filters = ArrearsFilterForm(request.query_params).asked(office_today())
        found = limitation_watch(on)
        rows = Paginator(found.rows, SIZE).get_page(request.query_params.get("page")).object_list
        answer = {"on": found.on, "count": len(found.rows), "saved": found.saved, "results": rows}
        return Response(LimitationSerializer(answer).data)


urlpatterns = [
    path("arrears/", ArrearsView.as_view(), name="arrears"),
    path("limitation/", LimitationView.as_view(), name="limitation"),
    path("accounts/<int:account_id>/late-charge/", LateChargeView.as_view(), name="late-charge"),
    path("accounts/<int:account_id>/payment-habits/", PaymentHabitsView.as_view(), name="payment-habits"),
    path("accounts/<int:account_id>/position/", PositionView.as_view(), name="position"),
]
