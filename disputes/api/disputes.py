"""API of disputes: list, read, raise, take a step, resolve."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Account
from disputes.models import Dispute
from disputes.operations import add_step, raise_dispute, resolve_dispute
from disputes.serializers.disputes import (
    DisputeSerializer,
    RaiseSerializer,
    ResolveSerializer,
    TakeStepSerializer,
)
from offices.permissions import Needs
from offices.scoping import office_now


class DisputeFilters(filters.FilterSet):
    """Narrow the list."""

    # Named one by one: a `Meta.model` would ask the manager at import, where no office is open.
    account = filters.NumberFilter(field_name="account_id")
    state = filters.ChoiceFilter(choices=Dispute._meta.get_field("state").choices)
    kind = filters.ChoiceFilter(choices=Dispute._meta.get_field("kind").choices)
    ruling = filters.ChoiceFilter(choices=Dispute._meta.get_field("ruling").choices)


class DisputeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Disputes: list, read, raise, take a step, resolve."""

    serializer_class = DisputeSerializer
    filterset_class = DisputeFilters
    permission_classes = [
        Needs.of("dispute.read", create="dispute.raise", steps="dispute.raise", resolve="dispute.resolve")
    ]

    def get_queryset(self) -> Any:
        """The open office's disputes with everything the answer needs."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(Dispute).none()
        return Dispute.objects.select_related("account__room", "account__owner").prefetch_related("lines", "steps__by")

    @extend_schema(request=RaiseSerializer, responses={201: DisputeSerializer})
    def create(self, request: Request) -> Response:
        """Raise a dispute; the contested amounts are held from today."""
        asked = _checked(RaiseSerializer(data=request.data))
        asked["account"] = get_object_or_404(Account.objects.all(), pk=asked["account"])
        asked["lines"] = {line["bill"]: line["amount"] for line in asked["lines"]}
        dispute = raise_dispute(by=request.user, at=office_now(), **asked)
        return self._answer(dispute.pk, status.HTTP_201_CREATED)

    @extend_schema(request=TakeStepSerializer, responses=DisputeSerializer)
    @action(detail=True, methods=["post"])
    def steps(self, request: Request, pk: str) -> Response:
        """Take a step."""
        dispute = self.get_object()
        add_step(dispute=dispute, by=request.user, at=office_now(), **_checked(TakeStepSerializer(data=request.data)))
        return self._answer(dispute.pk)

    @extend_schema(request=ResolveSerializer, responses=DisputeSerializer)
    @action(detail=True, methods=["post"])
    def resolve(self, request: Request, pk: str) -> Response:
        """Decide the dispute."""
        dispute = self.get_object()
        asked = _checked(ResolveSerializer(data=request.data))
        asked["granted"] = {line["bill"]: line["amount"] for line in asked["granted"]}
        resolve_dispute(dispute=dispute, by=request.user, at=office_now(), **asked)
        return self._answer(dispute.pk)

    def _answer(self, dispute_id: int, code: int = status.HTTP_200_OK) -> Response:
        return Response(DisputeSerializer(self.get_queryset().get(pk=dispute_id)).data, status=code)


def _checked(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
