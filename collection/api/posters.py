"""API of the notices on the boards of the buildings: the pages' operations and permissions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from collection.documents import poster_pdf
from collection.models import Poster
from collection.operations.posters import make_poster, record_posting, record_take_down
from collection.queries.posters import in_state, posters
from collection.rules.posters import STATES
from collection.serializers.posters import (
    NewPosterSerializer,
    PosterSerializer,
    PostingSerializer,
    TakeDownSerializer,
)
from offices.models import Community
from offices.permissions import Needs
from offices.scoping import office_now, office_today


class PosterFilters(filters.FilterSet):
    """Narrow the list."""

    community = filters.NumberFilter(field_name="community_id")
    state = filters.ChoiceFilter(choices=[(state, state) for state in STATES], method="by_state")

    def by_state(self, found: QuerySet[Poster], _name: str, state: str) -> QuerySet[Poster]:
        """As of today."""
        return found.filter(in_state(state, office_today()))


class PosterViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Poster]):
    """Notices on the boards: list, read, make, PDF, put up with a photo, take down."""

    serializer_class = PosterSerializer
    filterset_class = PosterFilters
    permission_classes = [
        Needs.of("poster.read", create="poster.make", posting="poster.post", take_down="poster.post"),
    ]

    def get_queryset(self) -> QuerySet[Poster]:
        """The open office's posters."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(Poster).none()
        return posters()

    @extend_schema(request=NewPosterSerializer, responses={201: PosterSerializer})
    def create(self, request: Request) -> Response:
        """Make one. 409 says what may not hang on a public board, or may not be said."""
        asked = _checked(NewPosterSerializer, request)
        community = get_object_or_404(Community.objects.all(), pk=asked.pop("community"))
        poster = make_poster(community=community, by=request.user, at=office_now(), **asked)  # type: ignore[arg-type]
        return Response(PosterSerializer(poster).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """The notice to be printed."""
        poster = self.get_object()
        answer = HttpResponse(poster_pdf(poster.template_version, poster.frozen), content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="poster-{poster.pk}.pdf"'
        return answer

    @extend_schema(request={"multipart/form-data": PostingSerializer}, responses=PosterSerializer)
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def posting(self, request: Request, pk: str) -> Response:
        """It hangs: the day and the photo."""
        poster = self.get_object()
        asked = _checked(PostingSerializer, request)
        poster = record_posting(poster=poster, by=request.user, at=office_now(), **asked)  # type: ignore[arg-type]
        return Response(PosterSerializer(poster).data)

    @extend_schema(request=TakeDownSerializer, responses=PosterSerializer)
    @action(detail=True, methods=["post"], url_path="take-down")
    def take_down(self, request: Request, pk: str) -> Response:
        """It hangs no longer."""
        poster = self.get_object()
        asked = _checked(TakeDownSerializer, request)
        poster = record_take_down(poster=poster, by=request.user, at=office_now(), **asked)  # type: ignore[arg-type]
        return Response(PosterSerializer(poster).data)


def _checked(serializer: Any, request: Request) -> dict[str, Any]:
    filled = serializer(data=request.data)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)
