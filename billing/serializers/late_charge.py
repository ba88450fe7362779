"""What the API says and takes of 违约金: rules and the LPR."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.models import LateChargeRule


class LateChargeRuleSerializer(serializers.ModelSerializer[LateChargeRule]):
    """A version of the rule. No `community`: the whole office. `cap_value`: share of the principal, or multiple of the LPR."""

    class Meta:
        model = LateChargeRule
        fields = (
            "id", "community", "fee_item", "starts_on", "rate_per_day", "rolls_due_on", "start", "grace_days", "grace_retroactive", "cap", "cap_value", "holds_stop", "minimum",
            "reason", "set_at",
        )  # fmt: skip


class NewLateChargeRuleSerializer(serializers.Serializer[Any]):
    """A version to be written."""

    community_id = serializers.IntegerField(allow_null=True, default=None)
    fee_item_id = serializers.IntegerField(allow_null=True, default=None)
    rate_per_day = serializers.DecimalField(max_digits=8, decimal_places=6, allow_null=True, default=None)
    rolls_due_on = serializers.BooleanField(default=False)
    starts_on = serializers.DateField()
    start = serializers.ChoiceField(choices=LateChargeRule.Start.choices, default=LateChargeRule.Start.DUE)
    grace_days = serializers.IntegerField(min_value=0, max_value=3650, default=0)
    grace_retroactive = serializers.BooleanField(default=False)
    cap = serializers.ChoiceField(choices=LateChargeRule.Cap.choices, default=LateChargeRule.Cap.NONE)
    cap_value = serializers.DecimalField(max_digits=7, decimal_places=4, allow_null=True, default=None)
    holds_stop = serializers.BooleanField(default=True)
    minimum = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0, default=0)
    reason = serializers.CharField(max_length=200)
    accepts_back_dating = serializers.BooleanField(default=False)


class LprRateSerializer(serializers.Serializer[Any]):
    """A row of the LPR table. `rate` is a fraction a year, in force from `starts_on` until the next row."""

    starts_on = serializers.DateField()
    rate = serializers.DecimalField(max_digits=6, decimal_places=4)
    source = serializers.CharField()


class NewLprRateSerializer(serializers.Serializer[Any]):
    """A row to be written."""

    starts_on = serializers.DateField()
    rate = serializers.DecimalField(max_digits=6, decimal_places=4)
    source = serializers.CharField(max_length=200)
