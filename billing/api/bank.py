"""API of 到账核对: whose a transfer is, whole, split or together; undone, sent back, no fee; days closed; receipts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.base import OfficeRows, asked_of
from billing.models import Account, BankDay, BankLine, Payment, PaymentReceipt
from billing.operations import (
    Part,
    claim_line,
    claim_suggested,
    claim_together,
    close_bank_day,
    refund_line,
    release_line,
    set_line_aside,
    split_line,
    take_receipt,
)
from billing.queries import bank_lines
from billing.rules.matching import CERTAIN_FROM
from billing.serializers import BankLineSerializer, OfficeRelatedField, PaymentSerializer, ReasonSerializer
from offices.permissions import Needs, holds
from offices.scoping import office_now


class ClaimSerializer(serializers.Serializer[Any]):
    """Whose transfer it is, and which bills the payer meant (none: the memo, then the law)."""

    account = OfficeRelatedField(model=Account)
    bills = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=200, default=list)


class _PartSerializer(ClaimSerializer):
    """One household's part, in yuan."""

    amount = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)


class SplitSerializer(serializers.Serializer[Any]):
    """Parts that together are the whole transfer."""

    parts = serializers.ListField(child=_PartSerializer(), min_length=1, max_length=100)


class TogetherSerializer(serializers.Serializer[Any]):
    """Several transfers of one household."""

    lines = serializers.ListField(child=OfficeRelatedField(model=BankLine), min_length=1, max_length=200)
    account = OfficeRelatedField(model=Account)


class AcceptSerializer(serializers.Serializer[Any]):
    """The suggestions to accept: those of `lines`, or with `certain` all that are certain."""

    lines = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=1000, default=list)
    certain = serializers.BooleanField(default=False)


class AsideSerializer(serializers.Serializer[Any]):
    """What the money was, if not property fees."""

    note = serializers.CharField(max_length=200, default="", allow_blank=True)


class SentBackSerializer(serializers.Serializer[Any]):
    """When an unclaimed transfer was sent back, and how."""

    refunded_on = serializers.DateField()
    note = serializers.CharField(max_length=200)


class DaySerializer(serializers.ModelSerializer[BankDay]):
    """A closed day: total = claimed + unclaimed + refunded + not_fees. To close one, send `on`."""

    class Meta:
        model = BankDay
        fields = ("id", "on", "closed_at", "lines", "total", "claimed", "unclaimed", "refunded", "not_fees")
        read_only_fields = ("closed_at", "lines", "total", "claimed", "unclaimed", "refunded", "not_fees")


class ReceiptSerializer(serializers.ModelSerializer[PaymentReceipt]):
    """A numbered receipt; `pdf_sha256` is the hash of the paper."""

    class Meta:
        model = PaymentReceipt
        fields = ("id", "payment", "number", "pdf_sha256", "issued_at", "voided_at")


class BankLines(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Incoming transfers and whose they may be."""

    permission_classes = [
        Needs.of(
            "bank.read",
            claim="bank.match",
            split="bank.match",
            together="bank.match",
            accept="bank.match",
            aside="bank.match",
            release="bank.match",
            refund="payment.record",
        )
    ]
    serializer_class = BankLineSerializer
    model = BankLine
    filterset_fields = ["state", "batch"]

    def rows_of_office(self) -> QuerySet[BankLine]:
        """Transfers of the open office."""
        return bank_lines()

    def _decided(self, work: Callable[..., BankLine], **facts: Any) -> Response:
        line = work(line=self.get_object(), by=self.request.user, at=office_now(), **facts)
        return Response(BankLineSerializer(line).data)

    @extend_schema(request=ClaimSerializer, responses={201: PaymentSerializer})
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str | None = None) -> Response:
        """Say whose transfer it is; it becomes a payment."""
        asked = asked_of(ClaimSerializer, request)
        payment = claim_line(line=self.get_object(), by=request.user, at=office_now(), **asked)  # type: ignore[arg-type]
        return Response(PaymentSerializer(payment).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=SplitSerializer, responses={201: PaymentSerializer(many=True)})
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str | None = None) -> Response:
        """Spread one transfer over several households; a payment for each."""
        parts = [
            Part(account=each["account"], amount=each["amount"], bills=tuple(each["bills"]))
            for each in asked_of(SplitSerializer, request)["parts"]
        ]
        return _made(split_line(line=self.get_object(), parts=parts, by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(request=TogetherSerializer, responses={201: PaymentSerializer(many=True)})
    @action(detail=False, methods=["post"])
    def together(self, request: Request) -> Response:
        """Accept one household for several transfers; all or none."""
        asked = asked_of(TogetherSerializer, request)
        return _made(claim_together(by=request.user, at=office_now(), **asked))  # type: ignore[arg-type]

    @extend_schema(request=AcceptSerializer, responses={201: PaymentSerializer(many=True)})
    @action(detail=False, methods=["post"])
    def accept(self, request: Request) -> Response:
        """Accept many suggestions at once; transfers decided meanwhile are left alone."""
        asked = asked_of(AcceptSerializer, request)
        ids = asked["lines"]
        if asked["certain"]:
            sure = BankLine.objects.filter(state=BankLine.State.SUGGESTED, score__gte=CERTAIN_FROM)
            ids = list(sure.values_list("pk", flat=True))
        return _made(claim_suggested(line_ids=ids, by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(request=AsideSerializer, responses=BankLineSerializer)
    @action(detail=True, methods=["post"])
    def aside(self, request: Request, pk: str | None = None) -> Response:
        """Mark a transfer as no property fee."""
        return self._decided(set_line_aside, **asked_of(AsideSerializer, request))

    @extend_schema(request=SentBackSerializer, responses=BankLineSerializer)
    @action(detail=True, methods=["post"])
    def refund(self, request: Request, pk: str | None = None) -> Response:
        """Write down that an unclaimed transfer was sent back."""
        return self._decided(refund_line, **asked_of(SentBackSerializer, request))

    @extend_schema(request=ReasonSerializer, responses=BankLineSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        """Undo what was decided: payments are reversed, marks taken off; on a closed day by finance only."""
        may = holds(request.membership.role, "bank.close")
        reason = asked_of(ReasonSerializer, request)["reason"]
        return self._decided(release_line, reason=reason, may_change_closed=may)


def _made(payments: list[Payment]) -> Response:
    return Response(PaymentSerializer(payments, many=True).data, status=status.HTTP_201_CREATED)


class BankDays(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Closed days of the bank account."""

    permission_classes = [Needs.of("bank.read", create="bank.close")]
    serializer_class = DaySerializer
    model = BankDay

    def rows_of_office(self) -> QuerySet[BankDay]:
        """Closed days of the open office, newest first."""
        return BankDay.objects.order_by("-on")

    @extend_schema(request=DaySerializer, responses={201: DaySerializer})
    def create(self, request: Request) -> Response:
        """Close a day by name."""
        on = asked_of(DaySerializer, request)["on"]
        day = close_bank_day(on=on, by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(DaySerializer(day).data, status=status.HTTP_201_CREATED)


class Receipts(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Receipts that were issued; a payment's is issued at the payment."""

    permission_classes = [Needs.of("payment.read")]
    serializer_class = ReceiptSerializer
    model = PaymentReceipt
    filterset_fields = ["payment"]

    def rows_of_office(self) -> QuerySet[PaymentReceipt]:
        """Receipts of the open office, newest first."""
        return PaymentReceipt.objects.select_related("pdf").order_by("-pk")

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], filterset_fields=[])
    def pdf(self, request: Request, pk: str | None = None) -> HttpResponse:
        """The stored paper, byte for byte."""
        return HttpResponse(take_receipt(receipt=self.get_object()), content_type="application/pdf")
