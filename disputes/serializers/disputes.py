"""What the API says of a dispute, and what it takes."""

from __future__ import annotations

from rest_framework import serializers

from disputes.models import Dispute, DisputedBill, DisputeStep
from disputes.rules.course import MOVES


class DisputedBillSerializer(serializers.ModelSerializer):
    """A contested bill; amounts in yuan."""

    class Meta:
        model = DisputedBill
        fields = ["bill", "amount", "is_full"]


class DisputeStepSerializer(serializers.ModelSerializer):
    """A recorded step."""

    by = serializers.StringRelatedField()

    class Meta:
        model = DisputeStep
        fields = ["id", "kind", "text", "is_satisfied", "at", "by"]


class DisputeSerializer(serializers.ModelSerializer):
    """A dispute with its lines and steps."""

    lines = DisputedBillSerializer(many=True, read_only=True)
    steps = DisputeStepSerializer(many=True, read_only=True)
    room = serializers.CharField(source="account.room", read_only=True)
    owner = serializers.CharField(source="account.owner", read_only=True)

    class Meta:
        model = Dispute
        fields = [
            "id", "account", "room", "owner", "kind", "state", "owner_words", "demand", "channel", "department",
            "promised_feedback_on", "raised_on", "resolved_on", "ruling", "explanation", "lines", "steps",
        ]  # fmt: skip
        read_only_fields = fields


class ContestSerializer(serializers.Serializer):
    """One bill and the amount contested on it."""

    bill = serializers.IntegerField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class RaiseSerializer(serializers.Serializer):
    """Intake of an objection."""

    account = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=Dispute.Kind.choices)
    owner_words = serializers.CharField()
    demand = serializers.CharField(required=False, default="", allow_blank=True)
    channel = serializers.CharField(required=False, default="", allow_blank=True, max_length=20)
    promised_feedback_on = serializers.DateField(required=False, default=None, allow_null=True)
    lines = ContestSerializer(many=True, required=False, default=list)


class TakeStepSerializer(serializers.Serializer):
    """One step of the course."""

    kind = serializers.ChoiceField(choices=[(move.code, move.label) for move in MOVES])
    text = serializers.CharField()
    department = serializers.CharField(required=False, default="", allow_blank=True, max_length=20)
    is_satisfied = serializers.BooleanField(required=False, default=None, allow_null=True)


class ResolveSerializer(serializers.Serializer):
    """The ruling; `granted` names the reductions of a partly upheld dispute."""

    ruling = serializers.ChoiceField(choices=[(code, label) for code, label in Dispute.Ruling.choices if code])
    explanation = serializers.CharField()
    granted = ContestSerializer(many=True, required=False, default=list)
