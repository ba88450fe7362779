"""API of the arrears app: the list and single positions, as of any day."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from arrears.forms import ArrearsFilterForm
from arrears.operations import ask_waiver
from arrears.operations.exports import ask_export
from arrears.queries import account_late_charge, arrears_list, bill_lines, limitation_watch, payment_habits, position
from arrears.queries.exports import exports_of
from arrears.serializers import (
    AccountChargeSerializer,
    ArrearsListSerializer,
    BillPositionSerializer,
    ExportSerializer,
    LimitationSerializer,
    NewExportSerializer,
    NewWaiverSerializer,
    PaymentHabitsSerializer,
    PositionSerializer,
    WaiverSerializer,
)
from arrears.tasks import ring_exports
from arrears.views.exports import file_answer
from billing.models import Account, ChargeWaiver
from billing.operations import keep_evidence
from billing.operations.waivers import approve_waiver, refuse_waiver
from billing.queries.charges import waivers_of
from offices.permissions import Needs
from offices.scoping import office_now, office_today

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="As of this day; today when left out, never later.")
SIZE = 100


FILTERS = [
    ON,
    *(OpenApiParameter(name) for name in ("q", "building", "tier", "bucket", "hold", "segment", "sort")),
    OpenApiParameter("community", OpenApiTypes.INT),
    OpenApiParameter("person", OpenApiTypes.INT, description="Accounts in the buildings this person looks after."),
    OpenApiParameter("minimum", OpenApiTypes.DECIMAL),
]


class ArrearsView(APIView):
    """GET arrears/: the list, 100 accounts a page."""

    permission_classes = [Needs.of("arrears.read")]

    @extend_schema(parameters=[*FILTERS, OpenApiParameter("page", OpenApiTypes.INT)], responses=ArrearsListSerializer)
    def get(self, request: Request) -> Response:
        """Accounts with something past due."""
        on, filters = ArrearsFilterForm(request.query_params).asked(office_today())
        number = request.query_params.get("page", "1")
        found = arrears_list(on, filters, page=int(number) if number.isdigit() and int(number) else 1, size=SIZE)
        answer = {"on": found.on, "count": len(found.rows), "totals": found.totals, "results": found.shown}
        return Response(ArrearsListSerializer(answer).data)


class ExportsViewSet(viewsets.ViewSet):
    """Lists as files: asked for, made by the worker, fetched by whoever asked while they are kept."""

    permission_classes = [Needs.of("ledger.export")]

    @extend_schema(responses=ExportSerializer(many=True))
    def list(self, request: Request) -> Response:
        """GET exports/: one's own, the newest first."""
        return Response(ExportSerializer(exports_of(request.user)[:SIZE], many=True).data)

    @extend_schema(parameters=FILTERS, request=NewExportSerializer, responses={202: ExportSerializer})
    def ask(self, request: Request) -> Response:
        """POST exports/?<filters>: the arrears list with the filters of the address, as `xlsx` or `pdf`."""
        form = NewExportSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        on, filters = ArrearsFilterForm(request.query_params).asked(office_today())
        job = ask_export(
            form=form.validated_data["form"],
            on=on,
            filters=filters,
            query=request.query_params.urlencode(),
            result=reverse("arrears:exports"),
            by=request.user,
            at=office_now(),
        )
        ring_exports()
        return Response(ExportSerializer(job).data, status=202)

    @extend_schema(responses=ExportSerializer)
    def retrieve(self, request: Request, job_id: int) -> Response:
        """GET exports/<id>/: how far it is."""
        return Response(ExportSerializer(get_object_or_404(exports_of(request.user), pk=job_id)).data)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def file(self, request: Request, job_id: int) -> HttpResponse:
        """GET exports/<id>/file/: the file; each taking is written down."""
        return file_answer(request._request, get_object_or_404(exports_of(request.user), pk=job_id))


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


class Waivers(viewsets.ViewSet):
    """Waivers of late charge."""

    permission_classes = [
        Needs.of("arrears.read", ask="waiver.propose", approve="waiver.approve", refuse="waiver.approve")
    ]

    @extend_schema(responses=WaiverSerializer(many=True))
    def of_account(self, request: Request, account_id: int) -> Response:
        """GET accounts/<id>/waivers/: those of one account, newest first."""
        return Response(WaiverSerializer(waivers_of(_account(account_id)), many=True).data)

    @extend_schema(request=NewWaiverSerializer, responses={201: WaiverSerializer})
    def ask(self, request: Request, account_id: int) -> Response:
        """POST accounts/<id>/waivers/: ask for one; somebody else decides."""
        account, form = _account(account_id), NewWaiverSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        asked, at = form.validated_data, office_now()
        bill_id, file = asked.pop("bill_id"), asked.pop("evidence")
        bill = get_object_or_404(account.bills.all(), pk=bill_id) if bill_id else None
        proof = keep_evidence(data=file.read(), name=file.name, by=request.user, at=at) if file else None
        waiver = ask_waiver(account=account, bill=bill, evidence=proof, by=request.user, at=at, **asked)
        return Response(WaiverSerializer(waiver).data, status=201)

    @extend_schema(request=None, responses=WaiverSerializer)
    def approve(self, request: Request, waiver_id: int) -> Response:
        """POST waivers/<id>/approve/: by somebody else than who asked, within what their role may waive."""
        waiver = get_object_or_404(ChargeWaiver, pk=waiver_id)
        return Response(WaiverSerializer(approve_waiver(waiver=waiver, by=request.user, at=office_now())).data)

    @extend_schema(request=None, responses=WaiverSerializer)
    def refuse(self, request: Request, waiver_id: int) -> Response:
        """POST waivers/<id>/refuse/: the charge stays."""
        waiver = get_object_or_404(ChargeWaiver, pk=waiver_id)
        return Response(WaiverSerializer(refuse_waiver(waiver=waiver, by=request.user, at=office_now())).data)


def _account(account_id: int) -> Account:
    return get_object_or_404(Account.objects.select_related("room"), pk=account_id)


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
    path("exports/", ExportsViewSet.as_view({"get": "list", "post": "ask"}), name="exports"),
    path("exports/<int:job_id>/", ExportsViewSet.as_view({"get": "retrieve"}), name="export"),
    path("exports/<int:job_id>/file/", ExportsViewSet.as_view({"get": "file"}), name="export-file"),
    path("limitation/", LimitationView.as_view(), name="limitation"),
    path("accounts/<int:account_id>/late-charge/", LateChargeView.as_view(), name="late-charge"),
    path("accounts/<int:account_id>/waivers/", Waivers.as_view({"get": "of_account", "post": "ask"}), name="waivers"),
    path("waivers/<int:waiver_id>/approve/", Waivers.as_view({"post": "approve"}), name="waiver-approve"),
    path("waivers/<int:waiver_id>/refuse/", Waivers.as_view({"post": "refuse"}), name="waiver-refuse"),
    path("accounts/<int:account_id>/payment-habits/", PaymentHabitsView.as_view(), name="payment-habits"),
    path("accounts/<int:account_id>/position/", PositionView.as_view(), name="position"),
]
