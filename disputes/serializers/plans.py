"""What the API says of an instalment plan, and what it takes."""

from __future__ import annotations

from rest_framework import serializers

from disputes.models import CoveredBill, InstalmentPlan


class CoveredBillSerializer(serializers.ModelSerializer):
    """A covered bill; `amount` in yuan was open on it when the plan was agreed."""

    class Meta:
        model = CoveredBill
        fields = ["bill", "amount"]


class InstalmentSerializer(serializers.Serializer):
    """One line of the schedule; number 0 is the down payment."""

    seq = serializers.IntegerField(min_value=0)
    due_on = serializers.DateField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class LineStandingSerializer(InstalmentSerializer):
    """One line as of today."""

    seq = serializers.IntegerField(source="line.seq")
    due_on = serializers.DateField(source="line.due_on")
    amount = serializers.DecimalField(source="line.amount", max_digits=14, decimal_places=2)
    received = serializers.DecimalField(max_digits=14, decimal_places=2)
    paid_on = serializers.DateField(allow_null=True)
    is_missed = serializers.BooleanField()


class PlanSerializer(serializers.ModelSerializer):
    """A plan; what came in and its schedule as of today, by value dates."""

    room = serializers.CharField(source="account.room", read_only=True)
    owner = serializers.CharField(source="account.owner", read_only=True)
    covered = CoveredBillSerializer(many=True, read_only=True)
    instalments = LineStandingSerializer(many=True, source="standing.lines", read_only=True)
    received = serializers.DecimalField(source="standing.received", max_digits=14, decimal_places=2, read_only=True)

    class Meta:
        model = InstalmentPlan
        fields = [
            "id", "account", "room", "owner", "state", "total", "received", "reason", "willingness", "grace_days",
            "broken_after", "number", "starts_on", "ends_before", "end_reason", "covered", "instalments",
        ]  # fmt: skip
        read_only_fields = fields


class ProposeSerializer(serializers.Serializer):
    """A plan to be approved."""

    account = serializers.IntegerField()
    bills = serializers.ListField(child=serializers.IntegerField(), allow_empty=False)
    schedule = InstalmentSerializer(many=True, allow_empty=False)
    reason = serializers.CharField(max_length=500)
    willingness = serializers.ChoiceField(choices=InstalmentPlan.Willingness.choices)


class PlanReasonSerializer(serializers.Serializer):
    """Why it is turned down or ended."""

    reason = serializers.CharField(max_length=200)


class SignedSerializer(serializers.Serializer):
    """The signed agreement: PDF or photo."""

    signed = serializers.FileField()
