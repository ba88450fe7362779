"""What the API says and takes of absences and of handing over."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collection.models import Absence


class AbsenceSerializer(serializers.ModelSerializer[Absence]):
    """Who is away, who stands in, from the first day to the last."""

    person_name = serializers.CharField(source="person.__str__", read_only=True)
    stand_in_name = serializers.CharField(source="stand_in.__str__", read_only=True)

    class Meta:
        model = Absence
        fields = ["id", "person", "person_name", "stand_in", "stand_in_name", "starts_on", "ends_on", "note"]
        read_only_fields = fields


class NewAbsenceSerializer(serializers.Serializer[Any]):
    """Ids of colleagues; both days included."""

    person = serializers.IntegerField()
    stand_in = serializers.IntegerField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    note = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)


class HandOverSerializer(serializers.Serializer[Any]):
    """`of` null: what belongs to nobody; `to` null: to nobody in particular; `community` null: everywhere."""

    of = serializers.IntegerField(allow_null=True)
    to = serializers.IntegerField(allow_null=True)
    community = serializers.IntegerField(required=False, allow_null=True, default=None)
    reason = serializers.CharField(max_length=100)


class HandedOverSerializer(serializers.Serializer[Any]):
    """How many open cases changed hands."""

    count = serializers.IntegerField()
