"""What the API says of the notices on the boards."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from collection.models import Poster
from collection.rules.posters import LOCATION, WORDS
from offices.scoping import office_today


class PosterSerializer(serializers.ModelSerializer[Poster]):
    """One notice for one building, with what became of it."""

    state = serializers.SerializerMethodField()
    made_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]
    posted_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]
    taken_down_by = serializers.StringRelatedField(read_only=True)  # type: ignore[var-annotated]

    class Meta:
        model = Poster
        fields = [
            "id",
            "community",
            "building",
            "location",
            "words",
            "state",
            "made_at",
            "made_by",
            "take_down_on",
            "posted_on",
            "posted_by",
            "taken_down_on",
            "taken_down_by",
        ]
        read_only_fields = fields

    def get_state(self, poster: Poster) -> str:
        """waiting, posted, overdue, down or lapsed, as of today."""
        return poster.state_on(office_today())


class NewPosterSerializer(serializers.Serializer[Any]):
    """A notice to be made; without words the shipped ones."""

    community = serializers.IntegerField(help_text="Id of a community.")
    building = serializers.CharField(max_length=20)
    location = serializers.CharField(max_length=60, default=LOCATION)
    words = serializers.CharField(max_length=400, default=WORDS)
    take_down_on = serializers.DateField()


class PostingSerializer(serializers.Serializer[Any]):
    """When it was put up, with the photo."""

    posted_on = serializers.DateField()
    photo = serializers.FileField()


class TakeDownSerializer(serializers.Serializer[Any]):
    """When it was taken down."""

    taken_down_on = serializers.DateField()
