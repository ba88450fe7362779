"""What the API says of one decision."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class WhySerializer(serializers.Serializer[Any]):
    """A decision and what it looked at."""

    account_id = serializers.IntegerField()
    on = serializers.DateField()
    code = serializers.CharField(help_text="The rule, or the reason; stable.")
    words = serializers.CharField()
    is_planned = serializers.BooleanField(help_text="A step is taken on this day.")
    is_dry_run = serializers.BooleanField(help_text="Decided now and not stored.")
    step = serializers.CharField(help_text="Title of the step that is taken.")
    next_on = serializers.DateField(allow_null=True, help_text="When the household is looked at again.")
    decided_on = serializers.DateField(allow_null=True, help_text="The run the answer comes from.")
    strategy = serializers.CharField()
    inputs = serializers.JSONField(read_only=True, default=None, help_text="What the decision looked at.")
