"""API of corrections (更正函): the pages' operations and permissions."""

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
from rest_framework.request import Request
from rest_framework.response import Response

from collection.models import Correction, Notice
from collection.operations.corrections import (
    approve_correction,
    drop_correction,
    propose_correction,
    record_correction_sent,
    take_correction_pdf,
)
from collection.queries.corrections import corrections
from collection.serializers.corrections import (
    CorrectionSerializer,
    DropSerializer,
    FoundWrongSerializer,
    SentSerializer,
)
from offices.permissions import Needs
from offices.scoping import office_now


class CorrectionFilters(filters.FilterSet):
    """Narrow the list."""

    account = filters.NumberFilter(field_name="account_id")
    notice = filters.NumberFilter(field_name="notice_id")
    state = filters.ChoiceFilter(choices=Correction.State.choices)


class CorrectionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Correction]):
    """Corrections: list, read, propose, approve, drop, PDF, sent."""

    serializer_class = CorrectionSerializer
    filterset_class = CorrectionFilters
    permission_classes = [
        Needs.of(
            "notice.read", create="notice.approve", approve="notice.approve", drop="notice.approve", sent="notice.serve"
        ),
    ]

    def get_queryset(self) -> QuerySet[Correction]:
        """The open office's corrections, the latest first."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(Correction).none()
        return corrections()

    @extend_schema(request=FoundWrongSerializer, responses={201: CorrectionSerializer})
    def create(self, request: Request) -> Response:
        """Somebody found a letter wrong. 409 says why it needs no correction."""
        asked = _checked(FoundWrongSerializer, request)
        notice = get_object_or_404(Notice.objects.all(), pk=asked.pop("notice"))
        made = propose_correction(notice=notice, by=request.user, at=office_now(), **asked)  # type: ignore[arg-type]
        return self._answer(made, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Number and draw it: from now on the wrong letter proves nothing. 409 says why not."""
        return self._answer(approve_correction(correction=self.get_object(), by=request.user, at=office_now()))  # type: ignore[arg-type]

    @extend_schema(request=DropSerializer, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, pk: str) -> Response:
        """The letter was right after all."""
        correction, asked = self.get_object(), _checked(DropSerializer, request)
        return self._answer(drop_correction(correction=correction, by=request.user, at=office_now(), **asked))  # type: ignore[arg-type]

    @extend_schema(request=SentSerializer, responses=CorrectionSerializer)
    @action(detail=True, methods=["post"])
    def sent(self, request: Request, pk: str) -> Response:
        """It went out. 409 says what is lacking."""
        correction, asked = self.get_object(), _checked(SentSerializer, request)
        return self._answer(record_correction_sent(correction=correction, by=request.user, at=office_now(), **asked))  # type: ignore[arg-type]

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """The stored letter, byte for byte; logged. 409 before it is approved."""
        pdf = take_correction_pdf(correction=self.get_object(), by=request.user, at=office_now())  # type: ignore[arg-type]
        answer = HttpResponse(pdf, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="correction-{pk}.pdf"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    def _answer(self, correction: Correction, code: int = status.HTTP_200_OK) -> Response:
        return Response(CorrectionSerializer(self.get_queryset().get(pk=correction.pk)).data, status=code)


def _checked(serializer: Any, request: Request) -> dict[str, Any]:
    filled = serializer(data=request.data)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)
