"""API of the people of a household who are no owners, and of who may be told: the panel's operations and permissions."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.base import OfficeRows, asked_of
from billing.models import Account, Occupant, Owner
from billing.operations.occupants import (
    authorise_occupant,
    note_occupant_left,
    record_occupant,
    withdraw_authorisation,
)
from billing.serializers import ReasonSerializer
from offices.permissions import Needs
from offices.scoping import office_now


class OccupantSerializer(serializers.ModelSerializer[Occupant]):
    """同住人或使用人. Phones are not shown here."""

    may_be_told = serializers.BooleanField(read_only=True, help_text="Whether the debt may be spoken of with them.")

    class Meta:
        model = Occupant
        fields = (
            "id",
            "account",
            "name",
            "relation",
            "may_be_told",
            "authorised_by",
            "authorised_on",
            "authorised_how",
            "withdrawn_on",
            "left_on",
        )


class NewOccupantSerializer(serializers.ModelSerializer[Occupant]):
    """Somebody to be written down."""

    account = serializers.PrimaryKeyRelatedField(queryset=Account.objects)

    class Meta:
        model = Occupant
        fields = ("account", "name", "relation", "phone")


class AuthorisationSerializer(serializers.Serializer[Occupant]):
    """Which owner said so, and when and how."""

    owner = serializers.PrimaryKeyRelatedField(queryset=Owner.objects)
    how = serializers.CharField(max_length=100)


class Occupants(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Who lives there beside the owners, and with whom the debt may be spoken of (S11)."""

    permission_classes = [
        Needs.of(
            "household.read",
            create="occupant.record",
            authorise="occupant.record",
            withdraw="occupant.record",
            left="occupant.record",
        )
    ]
    serializer_class = OccupantSerializer
    model = Occupant
    filterset_fields = ["account"]

    def rows_of_office(self) -> QuerySet[Occupant]:
        """Occupants of the open office."""
        return Occupant.objects.order_by("pk")

    @extend_schema(request=NewOccupantSerializer, responses={201: OccupantSerializer})
    def create(self, request: Request) -> Response:
        """Write somebody down; until an owner authorises it nothing of the debt is for their ears."""
        asked = asked_of(NewOccupantSerializer, request)
        person = record_occupant(**asked, by=request.user, at=office_now())
        return Response(OccupantSerializer(person).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AuthorisationSerializer, responses=OccupantSerializer)
    @action(methods=["post"], detail=True)
    def authorise(self, request: Request, pk: str) -> Response:
        """An owner lets this person be told."""
        person = self.get_object()
        asked = asked_of(AuthorisationSerializer, request)
        person = authorise_occupant(occupant=person, **asked, by=request.user, at=office_now())
        return Response(OccupantSerializer(person).data)

    @extend_schema(request=ReasonSerializer, responses=OccupantSerializer)
    @action(methods=["post"], detail=True)
    def withdraw(self, request: Request, pk: str) -> Response:
        """An owner takes it back."""
        person = self.get_object()
        asked = asked_of(ReasonSerializer, request)
        person = withdraw_authorisation(occupant=person, **asked, by=request.user, at=office_now())
        return Response(OccupantSerializer(person).data)

    @extend_schema(request=None, responses=OccupantSerializer)
    @action(methods=["post"], detail=True)
    def left(self, request: Request, pk: str) -> Response:
        """They live there no more; their number is erased."""
        person = note_occupant_left(occupant=self.get_object(), by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(OccupantSerializer(person).data)
