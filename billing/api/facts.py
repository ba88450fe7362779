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

from billing.api.base import OfficeRows, asked_of
from billing.models import Account, BankLine, Bill, Payment, SpecialCase
from billing.operations import (
    Receipt,
    apply_for_vacancy,
    approve_special_case,
    claim_line,
    close_special_case,
    keep_evidence,
    open_special_case,
    record_handover,
    record_payment,
    release_line,
    reverse_payment,
    review_special_case,
)
from billing.queries import bank_lines, find_accounts
from billing.serializers import (
    AccountSerializer,
    BankLineSerializer,
    BillSerializer,
    ClaimSerializer,
    HandoverSerializer,
    NewPaymentSerializer,
    NewSpecialCaseSerializer,
    PaymentSerializer,
    ReasonSerializer,
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

    permission_classes = [Needs.of("payment.read", create="payment.record", reverse="payment.record")]
    serializer_class = PaymentSerializer
    model = Payment
    filterset_fields = ["account", "kind"]

    def rows_of_office(self) -> QuerySet[Payment]:
        """Payments of the open office."""
        return Payment.objects.prefetch_related("allocations").order_by("-value_on", "-pk")

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


class BankLines(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Incoming transfers and whose they may be."""

    permission_classes = [Needs.of("bank.read", claim="bank.match", release="bank.match")]
    serializer_class = BankLineSerializer
    model = BankLine
    filterset_fields = ["state", "batch"]

    def rows_of_office(self) -> QuerySet[BankLine]:
        """Transfers of the open office."""
        return bank_lines()

    @extend_schema(request=ClaimSerializer, responses={201: PaymentSerializer})
    @action(detail=True, methods=["post"])
    def claim(self, request: Request, pk: str | None = None) -> Response:
        """Say whose transfer it is; it becomes a payment."""
        account = asked_of(ClaimSerializer, request)["account"]
        payment = claim_line(line=self.get_object(), account=account, by=request.user, at=office_now())
        return Response(PaymentSerializer(payment).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReasonSerializer, responses=BankLineSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str | None = None) -> Response:
        """Take a claim back; its payment is reversed."""
        reason = asked_of(ReasonSerializer, request)["reason"]
        line = release_line(line=self.get_object(), by=request.user, at=office_now(), reason=reason)
        return Response(BankLineSerializer(line).data)


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
router.register("bank-lines", BankLines, basename="bank-line")
router.register("special-cases", SpecialCases, basename="special-case")
