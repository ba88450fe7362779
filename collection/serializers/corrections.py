"""What the API says of a correction (更正函), and what it takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collection.models import Correction, Service


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    """One letter that takes another back, with who did what; amounts in yuan."""

    room = serializers.CharField(source="notice.account.room", read_only=True)
    owner = serializers.CharField(source="notice.account.owner", read_only=True)
    notice_number = serializers.CharField(source="notice.number", read_only=True)
    wrong_amount = serializers.DecimalField(source="notice.amount", max_digits=14, decimal_places=2, read_only=True)
    pdf_sha256 = serializers.CharField(source="pdf.sha256", default=None, read_only=True)
    proposed_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]
    approved_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]
    sent_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Correction
        fields = [
            "id", "notice", "notice_number", "account", "room", "owner", "state", "number", "reason", "wrong_amount",
            "right_amount", "proposed_at", "proposed_by", "approved_at", "approved_by", "pdf_sha256", "method", "sent_on",
            "sent_by", "tracking_number", "note",
        ]  # fmt: skip
        read_only_fields = fields


class FoundWrongSerializer(serializers.Serializer[Any]):
    """A letter that has left the house and is wrong; `right` is what it should have demanded, in yuan."""

    notice = serializers.IntegerField(help_text="Id of a notice.")
    reason = serializers.CharField(max_length=200)
    right = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)


class DropSerializer(serializers.Serializer[Any]):
    """Why it is not corrected."""

    reason = serializers.CharField(max_length=200)


class SentSerializer(serializers.Serializer[Any]):
    """How and when it went out; another way than the wrong letter's needs its reason in `note`."""

    method = serializers.ChoiceField(choices=Service.Method.choices)
    sent_on = serializers.DateField()
    tracking_number = serializers.CharField(max_length=30, required=False, default="", allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
