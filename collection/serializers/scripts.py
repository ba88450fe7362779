"""What the API says of 话术 and message texts."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collection.models import Script
from collection.rules import places, reasons


class ScriptSerializer(serializers.ModelSerializer[Script]):
    """One version of one text. `replaced_at` empty: in force."""

    published_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Script
        fields = [
            "id",
            "use",
            "channel",
            "tier",
            "reason",
            "version",
            "subject",
            "words",
            "published_at",
            "published_by",
            "replaced_at",
        ]


class TextSerializer(serializers.Serializer[Any]):
    """A text in force at its place; `version` 0 is the one shipped with the product."""

    use = serializers.CharField()
    channel = serializers.CharField()
    tier = serializers.CharField()
    reason = serializers.CharField()
    version = serializers.IntegerField()
    subject = serializers.CharField()
    words = serializers.CharField()


class NewScriptSerializer(serializers.Serializer[Any]):
    """A text to be put in force; empty channel, tier or reason means any."""

    use = serializers.ChoiceField(choices=list(places.USES.items()))
    channel = serializers.ChoiceField(choices=list(places.CHANNELS.items()), allow_blank=True, default="")
    tier = serializers.ChoiceField(choices=list(places.TIERS.items()), allow_blank=True, default="")
    reason = serializers.ChoiceField(choices=list(reasons.LABELS.items()), allow_blank=True, default="")
    subject = serializers.CharField(max_length=100, allow_blank=True, default="")
    words = serializers.CharField(max_length=4000)
