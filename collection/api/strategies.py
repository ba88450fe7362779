"""API of strategies: versions, drafts and their steps, publishing, trials, and taking open cases over."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from collection.models import Strategy
from collection.operations import strategies as do
from collection.operations.moves import migrate_cases
from collection.queries.strategies import current_strategy, strategies
from collection.queries.trials import trial
from collection.serializers.strategies import (
    DescribeSerializer,
    EndSerializer,
    MovedSerializer,
    MoveSerializer,
    NewDraftSerializer,
    StepsSerializer,
    StrategyDetailSerializer,
    StrategySerializer,
    TrialSerializer,
    trial_answer,
)
from offices.permissions import Needs
from offices.scoping import office_now, office_today

PAGE = 100


class StrategyFilters(filters.FilterSet):
    """Narrow the list of versions."""

    name = filters.CharFilter()
    draft = filters.BooleanFilter(field_name="published_at", lookup_expr="isnull")


class StrategyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Every version; drafts can be changed, published ones never."""

    filterset_class = StrategyFilters
    permission_classes = [
        Needs.of(
            "settings.read",
            create="strategy.edit",
            partial_update="strategy.edit",
            destroy="strategy.edit",
            steps="strategy.edit",
            publish="strategy.publish",
            end="strategy.publish",
            migrate="strategy.publish",
        )
    ]

    def get_serializer_class(self) -> Any:
        """One version comes with its steps."""
        return StrategySerializer if self.action == "list" else StrategyDetailSerializer

    def get_queryset(self) -> QuerySet[Strategy]:
        """The open office's rows."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(Strategy).none()
        return strategies()

    def _answer(self, row: Strategy, code: int = status.HTTP_200_OK) -> Response:
        return Response(StrategyDetailSerializer(strategies().get(pk=row.pk)).data, status=code)

    def _one(self, pk: int) -> Strategy:
        """A version named in a body; 404 for one that this office does not have."""
        row = Strategy.objects.filter(pk=pk).first()
        if row is None:
            raise NotFound
        return row

    @extend_schema(request=NewDraftSerializer, responses={201: StrategyDetailSerializer})
    def create(self, request: Request) -> Response:
        """A new draft; 422 `draft_exists` while the name has one."""
        asked = NewDraftSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data.get("source")
        source = self._one(given) if given else current_strategy(office_today())
        row = do.draft_strategy(
            name=asked.validated_data["name"],
            source=source,
            by=request.user,
            at=office_now(),  # type: ignore[arg-type]
        )
        return self._answer(row, status.HTTP_201_CREATED)

    @extend_schema(request=DescribeSerializer, responses=StrategyDetailSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Whom the draft is for and from when; 422 `not_draft` once it is published."""
        row = self.get_object()
        asked = DescribeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        said["community_id"] = said.pop("community")
        return self._answer(do.describe_draft(strategy=row, **said, by=request.user))  # type: ignore[arg-type]

    def destroy(self, request: Request, pk: str) -> Response:
        """Throw a draft away."""
        do.discard_draft(strategy=self.get_object(), by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=StepsSerializer, responses=StrategyDetailSerializer)
    @action(detail=True, methods=["put"])
    def steps(self, request: Request, pk: str) -> Response:
        """Replace all steps of a draft; the answer lists what still keeps it from being published."""
        row = self.get_object()
        asked = StepsSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        seen = asked.validated_data.get("revision")
        return self._answer(do.set_steps(strategy=row, steps=asked.rules(), seen=seen, by=request.user))  # type: ignore[arg-type]

    @extend_schema(request=None, responses=StrategyDetailSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Put a draft in force from its day on; 422 `faulty` with `faults` when something is to be put right."""
        return self._answer(do.publish_strategy(strategy=self.get_object(), by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(request=EndSerializer, responses=StrategyDetailSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        """No new case begins with it from that day on."""
        row = self.get_object()
        asked = EndSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        on = asked.validated_data.get("on") or office_today()
        return self._answer(do.end_strategy(strategy=row, ended_on=on, by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(
        parameters=[OpenApiParameter("of", int), OpenApiParameter("page", int)],
        responses=TrialSerializer,
    )
    @action(detail=True, pagination_class=None, filterset_class=None)
    def trial(self, request: Request, pk: str) -> Response:
        """The version tried on today's open cases, those of one version with `of`; writes nothing."""
        row = self.get_object()
        asked = request.query_params.get("of", "")
        found = trial(row, office_today(), of=self._one(int(asked)) if asked.isdigit() else None)
        page = Paginator(found.lines, PAGE).get_page(request.query_params.get("page"))
        return Response(TrialSerializer(trial_answer(found, list(page.object_list), len(found.lines))).data)

    @extend_schema(request=MoveSerializer, responses=MovedSerializer)
    @action(detail=True, methods=["post"])
    def migrate(self, request: Request, pk: str) -> Response:
        """Take the open cases of version `of` over; `seen` is the fingerprint of the trial with that `of`."""
        row = self.get_object()
        asked = MoveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        done = migrate_cases(
            strategy=self._one(asked.validated_data["of"]),
            to=row,
            seen=asked.validated_data["seen"],
            by=request.user,  # type: ignore[arg-type]
            at=office_now(),
        )
        return Response(MovedSerializer(done).data)
