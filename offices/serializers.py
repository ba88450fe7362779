"""JSON shapes of the offices app."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from offices.models import Community


class MeSerializer(serializers.Serializer[Any]):
    """Who the caller is and what the caller may do."""

    user = serializers.CharField()
    name = serializers.CharField()
    office = serializers.CharField()
    office_slug = serializers.SlugField()
    role = serializers.CharField()
    rights = serializers.ListField(child=serializers.CharField())


class CommunitySerializer(serializers.ModelSerializer[Community]):
    """小区."""

    class Meta:
        model = Community
        fields = ("id", "name", "province", "city", "address")
