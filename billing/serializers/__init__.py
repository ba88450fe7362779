"""JSON shapes of the billing app. Money as text with two places, days as ISO dates."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from billing.models import (
    Account,
    Allocation,
    BankLine,
    Bill,
    ChargePayment,
    FeeItem,
    ImportBatch,
    ImportRow,
    PastContact,
    Payment,
    ServiceContract,
    SpecialCase,
)
from offices.models import Community, OfficeModel


class OfficeRelatedField(serializers.PrimaryKeyRelatedField):  # type: ignore[type-arg]
    """A row of the open office by its id; the rows are asked for when a request is answered, never at import."""

    def __init__(self, *, model: type[OfficeModel], **kwargs: Any) -> None:
        self.model = model
        super().__init__(pk_field=serializers.IntegerField(), **kwargs)

    def get_queryset(self) -> Any:
        """Rows of the open office."""
        return self.model.objects.all()


class ImportSerializer(serializers.ModelSerializer[ImportBatch]):
    """A file that came in. `totals` holds counts, sums of accepted and refused rows,
    and the file's own totals beside ours.
    """

    class Meta:
        model = ImportBatch
        fields = (
            "id", "kind", "state", "community", "file_name", "sha256", "made_on", "layout", "totals", "corrects",
            "uploaded_at", "committed_at", "signed_off_at", "undone_at",
        )  # fmt: skip
        read_only_fields = fields


class ProgressSerializer(serializers.Serializer[Any]):
    """How far a commit by the worker is; pace and estimate are null before the worker's first word."""

    state = serializers.CharField(source="job.state", default="")
    message = serializers.CharField(source="job.message", default="")
    done = serializers.IntegerField(source="job.done", default=0)
    total = serializers.IntegerField(source="job.total", default=0)
    rows_per_second = serializers.IntegerField(source="pace.rows_per_second", default=None)
    seconds_left = serializers.IntegerField(source="pace.seconds_left", default=None)


class UploadSerializer(serializers.Serializer[Any]):
    """A file to read and check; nothing is booked."""

    kind = serializers.ChoiceField(choices=ImportBatch.Kind.choices)
    file = serializers.FileField(allow_empty_file=True)
    community = OfficeRelatedField(model=Community, required=False, allow_null=True, default=None)
    corrects = OfficeRelatedField(
        model=ImportBatch,
        required=False,
        allow_null=True,
        default=None,
        help_text="The batch whose refused rows this file brings again; kind and community are its.",
    )


class ColumnsSerializer(serializers.Serializer[Any]):
    """What columns are: fingerprint of the header (see `layout`) → column index → field, "" for: do not read."""

    choices = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True, max_length=40)), default=dict
    )

    period = serializers.CharField(
        max_length=40,
        allow_blank=True,
        default="",
        help_text="Of the whole file, such as 2024年1月, where `lacks_period` is true.",
    )

    def validate_choices(self, value: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
        """Columns are numbered from 0."""
        if not all(index.isdecimal() for each in value.values() for index in each):
            raise serializers.ValidationError(_("列号应为从 0 起的数字。"))
        return value


class FixSerializer(serializers.Serializer[Any]):
    """What a cell should have said."""

    sheet = serializers.CharField(max_length=60, allow_blank=True)
    row_no = serializers.IntegerField(min_value=1, max_value=10_000_000, help_text="As counted in the file, from 1.")
    column = serializers.IntegerField(min_value=0, max_value=255, help_text="From 0.")
    text = serializers.CharField(max_length=300, allow_blank=True)


class FixesSerializer(serializers.Serializer[Any]):
    """Cells to be read differently from what stands in the file."""

    fixes = FixSerializer(many=True)


class CommitSerializer(serializers.Serializer[Any]):
    """The explicit choice to book a file without its refused rows."""

    accept_good = serializers.BooleanField(default=False)


class ReasonSerializer(serializers.Serializer[Any]):
    """Why something is taken back."""

    reason = serializers.CharField(max_length=200)


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    """One row of the file with its verdict."""

    class Meta:
        model = ImportRow
        fields = ("sheet", "row_no", "verdict", "cells", "fixes", "reasons", "checks", "account")
        read_only_fields = fields


class AccountSerializer(serializers.ModelSerializer[Account]):
    """户. Phones are not shown here."""

    room = serializers.CharField(source="room.__str__", read_only=True)
    community = serializers.CharField(source="room.community.name", read_only=True)
    owner = serializers.CharField(source="owner.name", read_only=True)

    class Meta:
        model = Account
        fields = ("id", "community", "room", "owner", "opened_on", "closed_on")


class BillSerializer(serializers.ModelSerializer[Bill]):
    """A bill; `period_end` is inclusive."""

    fee_item = serializers.CharField(source="fee_item.name", read_only=True)

    class Meta:
        model = Bill
        fields = (
            "id",
            "account",
            "fee_item",
            "period_start",
            "period_end",
            "due_on",
            "amount",
            "is_reconciled",
            "batch",
            "row_no",
        )


class AllocationSerializer(serializers.ModelSerializer[Allocation]):
    """What of a payment settles which bill."""

    class Meta:
        model = Allocation
        fields = ("bill", "amount")


class ChargePaymentSerializer(serializers.ModelSerializer[ChargePayment]):
    """What of a payment settles the late charge of which bill; below zero where a correction gave it back."""

    class Meta:
        model = ChargePayment
        fields = ("bill", "amount")


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    """A payment or its reversal (negative)."""

    allocations = AllocationSerializer(many=True, read_only=True)
    charge_payments = ChargePaymentSerializer(many=True, read_only=True)

    class Meta:
        model = Payment
        fields = (
            "id",
            "account",
            "kind",
            "amount",
            "value_on",
            "payer",
            "memo",
            "reverses",
            "bank_line",
            "allocations",
            "charge_payments",
            "recorded_at",
        )


class NewPaymentSerializer(serializers.Serializer[Any]):
    """Money received. `idempotency_key` makes a repeated request harmless."""

    account = OfficeRelatedField(model=Account)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    value_on = serializers.DateField()
    kind = serializers.ChoiceField(choices=[Payment.Kind.COUNTER, Payment.Kind.BANK])
    payer = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)
    memo = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    designated_bills = serializers.ListField(child=serializers.IntegerField(), required=False, default=list)
    idempotency_key = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)


class BankLineSerializer(serializers.ModelSerializer[BankLine]):
    """An incoming transfer and whose it may be."""

    class Meta:
        model = BankLine
        fields = (
            "id",
            "on",
            "amount",
            "payer",
            "payer_account",
            "memo",
            "state",
            "suggested",
            "score",
            "reasons",
            "batch",
            "row_no",
        )


class RefundSerializer(serializers.Serializer[Any]):
    """Credit to give back, in yuan; the same key twice is one refund."""

    account = OfficeRelatedField(model=Account)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    value_on = serializers.DateField()
    reason = serializers.CharField(max_length=300)
    idempotency_key = serializers.CharField(max_length=64, default="", allow_blank=True)


class SpecialCaseSerializer(serializers.ModelSerializer[SpecialCase]):
    """A special case; `ends_before` is the first free day."""

    class Meta:
        model = SpecialCase
        fields = (
            "id",
            "account",
            "kind",
            "starts_on",
            "ends_before",
            "blocks_reminder",
            "note",
            "claimed_amount",
            "claimed_on",
            "claimed_payer",
            "issue_owner",
            "review_on",
            "evidence",
            "opened_by",
            "opened_at",
            "approved_by",
            "approved_at",
            "closed_by",
            "closed_at",
            "close_reason",
        )
        read_only_fields = fields


class EvidenceSerializer(serializers.Serializer[Any]):
    """Proof: a photo or a PDF, sent as multipart."""

    evidence = serializers.FileField(required=False)


class ProofSerializer(serializers.Serializer[Any]):
    """Proof for a case that is open: it must be there, or it would take the older proof away."""

    evidence = serializers.FileField(allow_empty_file=True)


class NewSpecialCaseSerializer(EvidenceSerializer):
    """A special case to be opened; a vacancy is applied for by itself."""

    account = OfficeRelatedField(model=Account)
    kind = serializers.ChoiceField(
        choices=[kind for kind in SpecialCase.Kind.values if kind != SpecialCase.Kind.VACANCY_DISCOUNT]
    )
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(required=False)
    note = serializers.CharField(max_length=300)
    blocks_reminder = serializers.BooleanField(required=False, default=False)
    claimed_amount = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    claimed_on = serializers.DateField(required=False)
    claimed_payer = serializers.CharField(max_length=100, required=False, allow_blank=True)
    issue_owner = serializers.CharField(max_length=60, required=False, allow_blank=True)
    review_on = serializers.DateField(required=False)


class VacancySerializer(EvidenceSerializer):
    """An application for the vacancy discount: first and last vacant day, and the share still to be paid."""

    account = OfficeRelatedField(model=Account)
    vacant_from = serializers.DateField()
    vacant_to = serializers.DateField()
    payable_percent = serializers.DecimalField(max_digits=5, decimal_places=2, min_value=0)
    note = serializers.CharField(max_length=200)


class HandoverSerializer(EvidenceSerializer):
    """A room is handed over; `buyer` is needed where it still belongs to the developer."""

    handed_over_on = serializers.DateField()
    buyer = serializers.CharField(max_length=60, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=40, required=False, allow_blank=True)


class ReviewSerializer(serializers.Serializer[Any]):
    """What a review found, and when the next one is."""

    review_on = serializers.DateField()
    note = serializers.CharField(max_length=200)


class CheckCountSerializer(serializers.Serializer[Any]):
    """One of the five items of S4 over the rows of a batch."""

    name = serializers.CharField()
    ok = serializers.IntegerField()
    doubt = serializers.IntegerField()
    missing = serializers.IntegerField()


class FeeItemSerializer(serializers.ModelSerializer[FeeItem]):
    """A fee item. `unit_rate` in yuan; `cycle_months`: how many months one bill covers."""

    class Meta:
        model = FeeItem
        fields = ("id", "name", "unit_rate", "cycle_months", "note")


class ServiceContractSerializer(serializers.ModelSerializer[ServiceContract]):
    """A service contract. `late_charge_per_day` is a fraction of the principal; no `ends_on`: indefinite."""

    community = serializers.StringRelatedField()  # type: ignore[var-annotated]

    class Meta:
        model = ServiceContract
        fields = (
            "id", "community", "kind", "party", "starts_on", "ends_on", "unit_rate", "late_charge_per_day",
            "late_charge_clause", "has_address_clause", "has_arbitration_clause",
        )  # fmt: skip


class PastContactSerializer(serializers.ModelSerializer[PastContact]):
    """A contact of the time before, as it was imported."""

    class Meta:
        model = PastContact
        fields = ("id", "account", "on", "channel", "person", "text", "result", "batch")
