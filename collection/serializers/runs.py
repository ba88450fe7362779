"""What the API says of a plan."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class LineSerializer(serializers.Serializer[Any]):
    """One household of the plan."""

    account_id = serializers.IntegerField()
    key = serializers.CharField(help_text="Position of the step, or code of the reason.")
    title = serializers.CharField()
    words = serializers.CharField()
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    next_on = serializers.DateField(allow_null=True)
    is_planned = serializers.BooleanField()


class GroupSerializer(serializers.Serializer[Any]):
    """A count per step and per reason."""

    key = serializers.CharField()
    title = serializers.CharField()
    count = serializers.IntegerField()
    is_planned = serializers.BooleanField()


class DayPlanSerializer(serializers.Serializer[Any]):
    """The plan of a day: planned + skipped = eligible."""

    on = serializers.DateField()
    eligible = serializers.IntegerField()
    planned = serializers.IntegerField()
    skipped = serializers.IntegerField()
    opened = serializers.IntegerField()
    closed = serializers.IntegerField()
    groups = GroupSerializer(many=True)
    lines = LineSerializer(many=True)
