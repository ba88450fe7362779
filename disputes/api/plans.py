"""API of instalment plans: list, read, propose, approve, refuse, activate with the signed copy, end."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Account
from billing.operations import keep_evidence
from disputes.models import InstalmentPlan
from disputes.operations import activate_plan, approve_plan, end_plan, propose_plan, refuse_plan
from disputes.queries import plan_cards, plan_with_schedule, plans
from disputes.rules.plans import Line
from disputes.serializers.plans import PlanReasonSerializer, PlanSerializer, ProposeSerializer, SignedSerializer
from offices.permissions import Needs, holds
from offices.scoping import office_now, office_today


class PlanFilters(filters.FilterSet):
    """Narrow the list."""

    account = filters.NumberFilter(field_name="account_id")
    state = filters.ChoiceFilter(choices=InstalmentPlan.State.choices)


class PlanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet):
    """Instalment plans."""

    serializer_class = PlanSerializer
    filterset_class = PlanFilters
    permission_classes = [
        Needs.of(
            "plan.read", create="plan.propose", approve="plan.approve", refuse="plan.approve", activate="plan.propose",
            end="plan.propose",
        )
    ]  # fmt: skip

    def get_queryset(self) -> Any:
        """The open office's plans with everything the answer needs."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(InstalmentPlan).none()
        return plans().prefetch_related("covered")

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Every plan that is shown knows how it stands today."""
        shown = args[0] if args else None
        rows = [shown] if isinstance(shown, InstalmentPlan) else shown if isinstance(shown, list) else []
        for card in plan_cards(rows, office_today()) if rows else ():
            card.plan.standing = card.standing  # type: ignore[attr-defined]
        return super().get_serializer(*args, **kwargs)

    @extend_schema(request=ProposeSerializer, responses={201: PlanSerializer})
    def create(self, request: Request) -> Response:
        """Put a plan before the manager."""
        asked = _checked(ProposeSerializer, request)
        plan = propose_plan(
            account=get_object_or_404(Account.objects.all(), pk=asked["account"]),
            bill_ids=asked["bills"],
            schedule=[Line(**line) for line in asked["schedule"]],
            reason=asked["reason"],
            willingness=asked["willingness"],
            by=request.user,  # type: ignore[arg-type]
            at=office_now(),
        )
        return self._answer(plan, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=PlanSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Agree; the agreement is drawn."""
        return self._answer(approve_plan(plan=self.get_object(), by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(request=PlanReasonSerializer, responses=PlanSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Turn it down."""
        plan = self.get_object()
        reason = _checked(PlanReasonSerializer, request)["reason"]
        return self._answer(refuse_plan(plan=plan, reason=reason, by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(request=SignedSerializer, responses=PlanSerializer)
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser, FormParser, JSONParser])
    def activate(self, request: Request, pk: str) -> Response:
        """The signed copy came in: the plan is in force (S55)."""
        plan = self.get_object()
        file = _checked(SignedSerializer, request)["signed"]
        stored = keep_evidence(data=file.read(), name=file.name, by=request.user, at=office_now())  # type: ignore[arg-type]
        return self._answer(activate_plan(plan=plan, signed_copy=stored, by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(request=PlanReasonSerializer, responses=PlanSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """Withdraw it; a running one only by who may approve plans."""
        plan = self.get_object()
        reason = _checked(PlanReasonSerializer, request)["reason"]
        role = request.membership.role  # type: ignore[attr-defined]
        if plan.state == InstalmentPlan.State.ACTIVE and not holds(role, "plan.approve"):
            raise PermissionDenied
        return self._answer(end_plan(plan=plan, reason=reason, by=request.user, at=office_now()))  # type: ignore[arg-type]

    def _answer(self, plan: InstalmentPlan, code: int = status.HTTP_200_OK) -> Response:
        return Response(self.get_serializer(plan_with_schedule(plan.pk)).data, status=code)


def _checked(serializer: Any, request: Request) -> dict[str, Any]:
    asked = serializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)
