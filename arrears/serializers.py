"""What the API says of arrears. Amounts are strings in yuan."""

from __future__ import annotations

from datetime import datetime

from rest_framework import serializers

from arrears.queries.wording import tier_words
from billing.models import ChargeWaiver
from offices.models import Job
from offices.operations.results import KEPT_FOR


class MoneyField(serializers.DecimalField):
    """Yuan with two places."""

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_digits=14, decimal_places=2, **kwargs)


class TierReasonField(serializers.CharField):
    """Why this tier, in the language that is asked for."""

    def to_representation(self, value: str) -> str:
        """The kept sentence, said anew."""
        return tier_words(value)


class BillPositionSerializer(serializers.Serializer):
    """One bill as of the day."""

    bill_id = serializers.IntegerField()
    period_start = serializers.DateField()
    period_end = serializers.DateField()
    due_on = serializers.DateField()
    is_reconciled = serializers.BooleanField()
    billed = MoneyField()
    reduced = MoneyField()
    paid = MoneyField()
    open_amount = MoneyField()
    arrears = MoneyField()
    contested = MoneyField()
    under_plan = MoneyField()
    held = MoneyField()
    pursuable = MoneyField()
    days_overdue = serializers.IntegerField()
    bucket = serializers.CharField()


class PositionSerializer(serializers.Serializer):
    """One account as of the day."""

    account_id = serializers.IntegerField()
    on = serializers.DateField()
    billed = MoneyField()
    reduced = MoneyField()
    paid = MoneyField()
    open_amount = MoneyField()
    arrears = MoneyField()
    special = MoneyField()
    contested = MoneyField()
    under_plan = MoneyField()
    unreconciled = MoneyField()
    credit = MoneyField()
    remindable = MoneyField()
    pursuable = MoneyField()
    oldest_due_on = serializers.DateField(allow_null=True)
    days_overdue = serializers.IntegerField()
    bucket = serializers.CharField()
    periods_owed = serializers.IntegerField()
    tier = serializers.CharField()
    tier_reason = TierReasonField()
    blockers = serializers.ListField(child=serializers.CharField())


class ArrearsRowSerializer(serializers.Serializer):
    """One account of the list, with its overdue bills."""

    account_id = serializers.IntegerField()
    community = serializers.CharField()
    room = serializers.CharField()
    owner = serializers.CharField()
    position = PositionSerializer()
    limitation_until = serializers.DateField(allow_null=True)
    lines = BillPositionSerializer(many=True)


class ArrearsTotalsSerializer(serializers.Serializer):
    """Sums over every row of the list, not over the page."""

    accounts = serializers.IntegerField()
    arrears = MoneyField()
    special = MoneyField()
    contested = MoneyField()
    under_plan = MoneyField()
    credit = MoneyField()
    pursuable = MoneyField()


class ArrearsListSerializer(serializers.Serializer):
    """A page of the list."""

    on = serializers.DateField()
    count = serializers.IntegerField()
    totals = ArrearsTotalsSerializer()
    results = ArrearsRowSerializer(many=True)


class LimitationLineSerializer(serializers.Serializer):
    """One open bill with its limitation clock."""

    bill_id = serializers.IntegerField(source="bill.bill_id")
    due_on = serializers.DateField(source="bill.due_on")
    open_amount = MoneyField(source="bill.open_amount")
    limitation_safe_until = serializers.DateField(source="clock.safe_until")
    limitation_arguable_until = serializers.DateField(source="clock.arguable_until")
    status = serializers.CharField()
    days_left = serializers.IntegerField()


class LimitationRowSerializer(serializers.Serializer):
    """One household whose bills run out soon, or have run out."""

    account_id = serializers.IntegerField()
    community = serializers.CharField()
    room = serializers.CharField()
    owner = serializers.CharField()
    days_left = serializers.IntegerField()
    saved = MoneyField()
    lines = LimitationLineSerializer(many=True)


class LimitationSerializer(serializers.Serializer):
    """A page of 时效预警; `saved` is over every row."""

    on = serializers.DateField()
    count = serializers.IntegerField()
    saved = MoneyField()
    results = LimitationRowSerializer(many=True)


class BillChargeSerializer(serializers.Serializer):
    """The late charge of one bill."""

    bill_id = serializers.IntegerField(source="bill.bill_id")
    due_on = serializers.DateField(source="bill.due_on")
    days = serializers.IntegerField(source="charge.days")
    claimed = MoneyField(source="owed")
    supported = MoneyField(allow_null=True)
    posted = MoneyField(source="ledger.posted")
    accrued = MoneyField()
    waived = MoneyField(source="ledger.waived")
    paid = MoneyField(source="ledger.paid")


class AccountChargeSerializer(serializers.Serializer):
    """The late charge of one account; never part of its arrears."""

    account_id = serializers.IntegerField()
    on = serializers.DateField()
    claimed = MoneyField()
    supported = MoneyField(allow_null=True)
    posted = MoneyField()
    waived = MoneyField()
    paid = MoneyField()
    is_lpr_outdated = serializers.BooleanField()
    rules_entered_at = serializers.DateTimeField(allow_null=True)
    lines = BillChargeSerializer(many=True)


class WaiverSerializer(serializers.ModelSerializer):
    """A waiver of late charge. No `bill`: the account's bills, oldest first."""

    class Meta:
        model = ChargeWaiver
        fields = (
            "id", "account", "bill", "amount", "reason", "state", "proposed_by", "proposed_at", "decided_by", "decided_at",
        )  # fmt: skip


class NewWaiverSerializer(serializers.Serializer):
    """A waiver to be asked for; no amount: all of it up to today."""

    bill_id = serializers.IntegerField(allow_null=True, default=None)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2, allow_null=True, default=None)
    reason = serializers.CharField(max_length=200)
    evidence = serializers.FileField(allow_null=True, default=None)


class PaymentHabitsSerializer(serializers.Serializer):
    """How an account pays (S12); what cannot be said is null."""

    bills = serializers.IntegerField()
    on_time = serializers.IntegerField()
    on_time_rate = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    usual_days = serializers.IntegerField(allow_null=True)
    usual_month = serializers.IntegerField(allow_null=True)
    usual_channel = serializers.CharField()


class NewExportSerializer(serializers.Serializer):
    """What the list is wanted as."""

    form = serializers.ChoiceField(choices=["xlsx", "pdf"])


class ExportSerializer(serializers.Serializer):
    """A list that was asked for. `households` as counted when it was asked for; `has_file`: it can be fetched now."""

    id = serializers.IntegerField()
    form = serializers.CharField(source="parameters.form")
    on = serializers.DateField(source="parameters.on")
    query = serializers.CharField(source="parameters.query")
    state = serializers.CharField()
    message = serializers.CharField()
    households = serializers.IntegerField(source="total")
    done = serializers.IntegerField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    has_file = serializers.SerializerMethodField()
    kept_until = serializers.SerializerMethodField()

    def get_has_file(self, job: Job) -> bool:
        """Done, and not thrown away yet."""
        return job.state == Job.State.DONE and "file" in job.parameters

    def get_kept_until(self, job: Job) -> datetime | None:
        """When the file is thrown away."""
        return job.finished_at + KEPT_FOR if job.finished_at and "file" in job.parameters else None
