"""API of 话术 and message texts: what is in force, every version, a new one, and back to the shipped one."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from collection.models import Script
from collection.operations.scripts import publish_script, withdraw_script
from collection.queries.scripts import texts_in_force
from collection.serializers.scripts import NewScriptSerializer, ScriptSerializer, TextSerializer
from offices.permissions import Needs
from offices.scoping import office_now


class ScriptFilters(filters.FilterSet):
    """Narrow the list of versions."""

    use = filters.CharFilter()
    channel = filters.CharFilter()
    tier = filters.CharFilter()
    reason = filters.CharFilter()
    in_force = filters.BooleanFilter(field_name="replaced_at", lookup_expr="isnull")


class ScriptViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """The office's own versions, in force or not."""

    serializer_class = ScriptSerializer
    filterset_class = ScriptFilters
    permission_classes = [Needs.of("script.read", create="script.write", withdraw="script.write")]

    def get_queryset(self) -> QuerySet[Script]:
        """The open office's rows."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(Script).none()
        return Script.objects.select_related("published_by")

    @extend_schema(request=NewScriptSerializer, responses={201: ScriptSerializer})
    def create(self, request: Request) -> Response:
        """Put a text in force; 409 `script_refused` with the findings when something in it may not be said."""
        asked = NewScriptSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = publish_script(**asked.validated_data, by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(ScriptSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ScriptSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """From now on the shipped text counts again at this place."""
        row = self.get_object()
        withdraw_script(script=row, by=request.user, at=office_now())  # type: ignore[arg-type]
        row.refresh_from_db()
        return Response(ScriptSerializer(row).data)

    @extend_schema(responses=TextSerializer(many=True))
    @action(detail=False, pagination_class=None, filterset_class=None)
    def effective(self, request: Request) -> Response:
        """What is said today: one text per place, the office's own before the shipped ones."""
        return Response(TextSerializer(texts_in_force(), many=True).data)
