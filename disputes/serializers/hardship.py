"""What the API says of a household's hardship, without its reasons, and what it takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from disputes.models import HardshipReview


class HardshipSerializer(serializers.ModelSerializer[HardshipReview]):
    """One review; in force from `starts_on` until the day before `ends_before`. Why stands at reveal/, against a trace."""

    class Meta:
        model = HardshipReview
        fields = (
            "id", "account", "state", "asked_by", "asked_at", "decided_by", "decided_at", "starts_on", "ends_before",
        )  # fmt: skip


class NewHardshipSerializer(serializers.Serializer[Any]):
    """What the household says, only as far as it matters for paying, with its proof (photo or PDF)."""

    details = serializers.CharField()
    evidence = serializers.FileField()


class ConfirmSerializer(serializers.Serializer[Any]):
    """The last day on which it holds."""

    until = serializers.DateField()


class CloseSerializer(serializers.Serializer[Any]):
    """Why it is refused or ended."""

    reason = serializers.CharField(max_length=200)


class HardshipDetailsSerializer(serializers.Serializer[Any]):
    """The reasons, for those who must know (个人信息保护法 §28)."""

    id = serializers.IntegerField()
    details = serializers.CharField()
