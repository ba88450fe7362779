"""API of who does what: absences with their stand-ins, and handing over; the page's operations and permissions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from collection.models import Absence
from collection.operations.assignments import end_absence, enter_absence, hand_over
from collection.queries.schedule import absences_from
from collection.serializers.people import (
    AbsenceSerializer,
    HandedOverSerializer,
    HandOverSerializer,
    NewAbsenceSerializer,
)
from offices.models import Community, User
from offices.permissions import Needs
from offices.scoping import current_office_id, office_now, office_today


def _colleague(pk: int | None) -> User | None:
    """404 for anybody who does not work here, as for nobody."""
    here = User.objects.filter(memberships__office_id=current_office_id())
    return None if pk is None else get_object_or_404(here, pk=pk)


class AbsenceViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Absence]):
    """Absences that hold today or later: list, enter, end."""

    serializer_class = AbsenceSerializer
    filter_backends = ()
    permission_classes = [Needs.of("case.assign")]

    def get_queryset(self) -> QuerySet[Absence]:
        """The open office's, the next first."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(Absence).none()
        return absences_from(office_today())

    @extend_schema(request=NewAbsenceSerializer, responses={201: AbsenceSerializer})
    def create(self, request: Request) -> Response:
        """From the first day to the last, both included, somebody stands in."""
        asked = NewAbsenceSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said: dict[str, Any] = dict(asked.validated_data)
        who = {name: _colleague(said.pop(name)) for name in ("person", "stand_in")}
        made = enter_absence(**who, **said, by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(AbsenceSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """The person is back today."""
        absence = get_object_or_404(Absence.objects.all(), pk=pk)
        end_absence(absence=absence, on=office_today(), by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)


class HandOverView(APIView):
    """Everything open of one person, in one community or all, to another."""

    permission_classes = [Needs.of("case.assign")]

    @extend_schema(request=HandOverSerializer, responses=HandedOverSerializer)
    def post(self, request: Request) -> Response:
        """How many households changed hands."""
        asked = HandOverSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        if said["community"] is not None:
            get_object_or_404(Community.objects.all(), pk=said["community"])
        count = hand_over(
            of=_colleague(said["of"]),
            to=_colleague(said["to"]),
            reason=said["reason"],
            community_id=said["community"],
            by=request.user,  # type: ignore[arg-type]
            at=office_now(),
        )
        return Response(HandedOverSerializer({"count": count}).data)
