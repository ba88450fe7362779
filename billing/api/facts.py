"""API of the billing app: the same operations and the same verbs as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from billing.api.bank import ReceiptSerializer
from billing.api.base import OfficeRows, asked_of
from billing.models import Account, Bill, Payment, SpecialCase
from billing.operations import (
    Receipt,
    add_evidence,
    apply_for_vacancy,
    approve_special_case,
    close_special_case,
    issue_receipt,
    keep_evidence,
    open_special_case,
    record_handover,
    record_payment,
    refund_credit,
    reverse_payment,
    review_special_case,
)
from billing.queries import find_accounts
from billing.serializers import (
    AccountSerializer,
    BillSerializer,
    HandoverSerializer,
    NewPaymentSerializer,
    NewSpecialCaseSerializer,
    PaymentSerializer,
    ProofSerializer,
    ReasonSerializer,
    RefundSerializer,
    ReviewSerializer,
    SpecialCaseSerializer,
    VacancySerializer,
)
from offices.permissions import Needs
from offices.scoping import office_now


@extend_schema(
    parameters=[OpenApiParameter("q", OpenApiTypes.STR, description="Room in any spelling, name, pinyin, phone tail")]
)
class Accounts(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Households, found as in the search box."""

    permission_classes = [Needs.of("household.read")]
    serializer_class = AccountSerializer
    model = Account

    def rows_of_office(self) -> QuerySet[Account]:
        """Accounts of the open office."""
        text = self.request.query_params.get("q", "").strip()
        if text:
            return find_accounts(text)
        return Account.objects.select_related("room__community", "owner").order_by("room__sort_key", "pk")


class Bills(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Bills."""

    permission_classes = [Needs.of("arrears.read")]
    serializer_class = BillSerializer
    model = Bill
    filterset_fields = ["account", "batch", "is_reconciled"]

    def rows_of_office(self) -> QuerySet[Bill]:
        """Bills of the open office."""
        return Bill.objects.filter(voided_at=None).select_related("fee_item").order_by("due_on", "pk")


class Payments(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Money received, and reversals."""

    permission_classes = [
        Needs.of(
            "payment.read",
            create="payment.record",
            reverse="payment.record",
            refund="payment.record",
            receipt="payment.record",
        )
    ]
    serializer_class = PaymentSerializer
    model = Payment
    filterset_fields = ["account", "kind"]

    def rows_of_office(self) -> QuerySet[Payment]:
        """Payments of the open office."""
        return Payment.objects.prefetch_related("allocations", "charge_payments").order_by("-value_on", "-pk")

    @extend_schema(request=NewPaymentSerializer, responses={201: PaymentSerializer})
    def create(self, request: Request) -> Response:
        """Record money received; it is spread over the bills by law."""
        asked = asked_of(NewPaymentSerializer, request)
        receipt = Receipt(**{name: asked.pop(name) for name in ("payer", "memo", "idempotency_key")})
        payment = record_payment(**asked, receipt=receipt, by=request.user, at=office_now())
        return Response(PaymentSerializer(payment).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str | None = None) -> Response:
        """Reverse a payment; answers the reversal."""
        reason = asked_of(ReasonSerializer, request)["reason"]
        reversal = reverse_payment(payment=self.get_object(), by=request.user, at=office_now(), reason=reason)
        return Response(PaymentSerializer(reversal).data)

    @extend_schema(request=RefundSerializer, responses={201: PaymentSerializer})
    @action(detail=False, methods=["post"])
    def refund(self, request: Request) -> Response:
        """Give credit back to a household; never what settled a bill."""
        payment = refund_credit(**asked_of(RefundSerializer, request), by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(PaymentSerializer(payment).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={201: ReceiptSerializer})
    @action(detail=True, methods=["post"])
    def receipt(self, request: Request, pk: str | None = None) -> Response:
        """Issue the receipt, or find the one that exists; its paper is at `receipts/{id}/pdf/`."""
        receipt = issue_receipt(payment=self.get_object(), by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(ReceiptSerializer(receipt).data, status=status.HTTP_201_CREATED)


class SpecialCases(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """What holds households: opened by one, agreed to by another, ended by its answer or by name."""

    permission_classes = [
        Needs.of(
            "specialcase.read",
            create="specialcase.open",
            vacancy="reduction.propose",
            approve="specialcase.approve",
            handover="specialcase.approve",
            review="specialcase.close",
            evidence="specialcase.open",
            close="specialcase.close",
        )
    ]
    serializer_class = SpecialCaseSerializer
    parser_classes = [JSONParser, MultiPartParser, FormParser]
    model = SpecialCase
    filterset_fields = ["account", "kind"]

    def rows_of_office(self) -> QuerySet[SpecialCase]:
        """Special cases of the open office."""
        return SpecialCase.objects.order_by("-starts_on", "-pk")

    def _with_proof(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The body with its file put into the cabinet, and who acts when."""
        file, at = asked.pop("evidence", None), office_now()
        by: Any = self.request.user
        proof = keep_evidence(data=file.read(), name=file.name, by=by, at=at) if file is not None else None
        return asked | {"evidence": proof, "by": by, "at": at}

    @extend_schema(request=NewSpecialCaseSerializer, responses={201: SpecialCaseSerializer})
    def create(self, request: Request) -> Response:
        """Open a case; the household is held at once."""
        case = open_special_case(**self._with_proof(asked_of(NewSpecialCaseSerializer, request)))
        return Response(SpecialCaseSerializer(case).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=VacancySerializer, responses={201: SpecialCaseSerializer})
    @action(detail=False, methods=["post"])
    def vacancy(self, request: Request) -> Response:
        """Apply for the vacancy discount; proposes one reduction per unpaid bill."""
        asked = self._with_proof(asked_of(VacancySerializer, request))
        vacant = asked.pop("vacant_from"), asked.pop("vacant_to")
        case = apply_for_vacancy(vacant=vacant, **asked)
        return Response(SpecialCaseSerializer(case).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=SpecialCaseSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str | None = None) -> Response:
        """Agree to it; never by the one who opened it."""
        case = approve_special_case(case=self.get_object(), by=request.user, at=office_now())
        return Response(SpecialCaseSerializer(case).data)

    @extend_schema(request={"multipart/form-data": ProofSerializer}, responses=SpecialCaseSerializer)
    @action(detail=True, methods=["post"])
    def evidence(self, request: Request, pk: str | None = None) -> Response:
        """Bring proof to a case that is open: a photo or a PDF."""
        case, facts = self.get_object(), self._with_proof(asked_of(ProofSerializer, request))
        return Response(SpecialCaseSerializer(add_evidence(case=case, **facts)).data)

    @extend_schema(request=ReviewSerializer, responses=SpecialCaseSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, pk: str | None = None) -> Response:
        """Write down a review and the day of the next."""
        case, asked = self.get_object(), asked_of(ReviewSerializer, request)
        case = review_special_case(case=case, by=request.user, at=office_now(), **asked)
        return Response(SpecialCaseSerializer(case).data)

    @extend_schema(request=HandoverSerializer, responses=AccountSerializer)
    @action(detail=True, methods=["post"])
    def handover(self, request: Request, pk: str | None = None) -> Response:
        """Record the handover; answers the owner's account."""
        case = self.get_object()
        owner = record_handover(case=case, **self._with_proof(asked_of(HandoverSerializer, request)))
        return Response(AccountSerializer(owner).data)

    @extend_schema(request=ReasonSerializer, responses=SpecialCaseSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str | None = None) -> Response:
        """End it: from today the household is free again."""
        case, reason = self.get_object(), asked_of(ReasonSerializer, request)["reason"]
        case = close_special_case(case=case, by=request.user, at=office_now(), reason=reason)
        return Response(SpecialCaseSerializer(case).data)


router = SimpleRouter()
router.register("accounts", Accounts, basename="account")
router.register("bills", Bills, basename="bill")
router.register("payments", Payments, basename="payment")
router.register("special-cases", SpecialCases, basename="special-case")
