"""What the API says of a notice and its service, and what it takes."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collection.models import Notice, NoticeLine, Service, ServicePhoto
from collection.rules.service import RELATIONS


class NoticeLineSerializer(serializers.ModelSerializer[NoticeLine]):
    """One bill as printed; amounts in yuan."""

    class Meta:
        model = NoticeLine
        fields = ["bill", "fee_item", "period_start", "period_end", "due_on", "receivable", "reduced", "paid", "amount"]


class ServicePhotoSerializer(serializers.ModelSerializer[ServicePhoto]):
    """A photo by its fingerprint; `taken_at` from its EXIF."""

    sha256 = serializers.CharField(source="file.sha256", read_only=True)

    class Meta:
        model = ServicePhoto
        fields = ["id", "shows", "sha256", "taken_at"]


class ServiceSerializer(serializers.ModelSerializer[Service]):
    """One recorded attempt."""

    by = serializers.StringRelatedField()  # type: ignore[var-annotated]
    second_server = serializers.StringRelatedField()  # type: ignore[var-annotated]
    photos = ServicePhotoSerializer(many=True, read_only=True)

    class Meta:
        model = Service
        fields = [
            "id", "method", "outcome", "strength", "is_effective", "served_on", "at", "by", "second_server", "signer",
            "signer_relation", "witness", "witness_organisation", "tracking_number", "content_note", "address", "note",
            "photos",
        ]  # fmt: skip


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """A notice with its frozen lines and the attempts to serve it."""

    room = serializers.CharField(source="account.room", read_only=True)
    owner = serializers.CharField(source="account.owner", read_only=True)
    lines = NoticeLineSerializer(many=True, read_only=True)
    services = ServiceSerializer(many=True, read_only=True)

    class Meta:
        model = Notice
        fields = [
            "id", "account", "case", "room", "owner", "kind", "state", "number", "amount", "late_charge", "issued_on",
            "deadline_on", "proposed_at", "approved_at", "rendered_at", "pdf_sha256", "effective_on", "closed_reason",
            "supersedes", "lines", "services",
        ]  # fmt: skip
        read_only_fields = fields


class ReasonSerializer(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(max_length=100)


def _text(longest: int) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=False, default="", allow_blank=True)


def _photos() -> serializers.ListField:
    return serializers.ListField(child=serializers.FileField(), required=False, default=list)


class ServeSerializer(serializers.Serializer[Any]):
    """One attempt. Photos by what they show, each field repeatable in multipart; `key` makes a repetition harmless."""

    method = serializers.ChoiceField(choices=Service.Method.choices)
    outcome = serializers.ChoiceField(choices=Service.Outcome.choices)
    served_at = serializers.DateTimeField()
    key = _text(64)
    second_server = serializers.IntegerField(
        required=False, allow_null=True, default=None, help_text="Id of a colleague."
    )
    signer = _text(40)
    signer_relation = serializers.ChoiceField(choices=RELATIONS, required=False, default="", allow_blank=True)
    witness = _text(40)
    witness_organisation = _text(60)
    witness_phone = _text(20)
    tracking_number = _text(30)
    content_note = _text(60)
    address = _text(200)
    note = _text(300)
    photo_door = _photos()
    photo_letter = _photos()
    photo_scene = _photos()
    photo_receipt = _photos()
    photo_signature = _photos()


class ServedSerializer(serializers.Serializer[Any]):
    """The recorded attempt, what should be noted, and the notice's new state."""

    service = ServiceSerializer()
    warnings = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()
    successor = serializers.IntegerField(allow_null=True)
