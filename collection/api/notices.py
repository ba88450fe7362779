"""API of notices: the pages' operations and permissions."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from collection.models import Notice, ServicePhoto
from collection.operations.notices import approve_notice, reject_notice, replace_notice, void_notice
from collection.operations.rendering import take_pdf
from collection.operations.service import serve_notice
from collection.serializers.notices import NoticeSerializer, ReasonSerializer, ServedSerializer, ServeSerializer
from offices.models import User
from offices.permissions import Needs
from offices.scoping import current_office_id, office_now


class NoticeFilters(filters.FilterSet):
    """Narrow the list."""

    account = filters.NumberFilter(field_name="account_id")
    kind = filters.ChoiceFilter(choices=Notice.Kind.choices)
    state = filters.ChoiceFilter(choices=Notice.State.choices)


class NoticeViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Notice]):
    """Notices: list, read, approve, reject, withdraw, replace, PDF, serve."""

    serializer_class = NoticeSerializer
    filterset_class = NoticeFilters
    permission_classes = [
        Needs.of(
            "notice.read",
            approve="notice.approve",
            reject="notice.approve",
            void="notice.approve",
            replace="notice.approve",
            serve="notice.serve",
        )
    ]

    def get_queryset(self) -> Any:
        """The open office's notices with everything the answer needs."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(Notice).none()
        return Notice.objects.select_related("account__room", "account__owner").prefetch_related(
            "lines", "services__photos__file", "services__by", "services__second_server"
        )

    @extend_schema(request=None, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Approve: numbered and frozen, or void when nothing is left to demand. 409 says why not."""
        return self._answer(approve_notice(notice=self.get_object(), by=request.user, at=office_now()))

    @extend_schema(request=ReasonSerializer, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def reject(self, request: Request, pk: str) -> Response:
        """Do not approve."""
        return self._answer(
            reject_notice(
                notice=self.get_object(), by=request.user, at=office_now(), **_checked(ReasonSerializer, request)
            )
        )

    @extend_schema(request=ReasonSerializer, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        """Withdraw an approved notice that has not left."""
        return self._answer(
            void_notice(
                notice=self.get_object(), by=request.user, at=office_now(), **_checked(ReasonSerializer, request)
            )
        )

    @extend_schema(request=ReasonSerializer, responses=NoticeSerializer)
    @action(detail=True, methods=["post"])
    def replace(self, request: Request, pk: str) -> Response:
        """Replace by a new proposal, which is the answer."""
        return self._answer(
            replace_notice(
                notice=self.get_object(), by=request.user, at=office_now(), **_checked(ReasonSerializer, request)
            )
        )

    @extend_schema(responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"])
    def pdf(self, request: Request, pk: str) -> HttpResponse:
        """The stored PDF, byte for byte; logged."""
        answer = HttpResponse(
            take_pdf(notice=self.get_object(), by=request.user, at=office_now()), content_type="application/pdf"
        )
        answer["Content-Disposition"] = f'attachment; filename="notice-{pk}.pdf"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    @extend_schema(
        request={"multipart/form-data": ServeSerializer, "application/json": ServeSerializer},
        responses={201: ServedSerializer, 422: OpenApiResponse(description="What is lacking, field by field.")},
    )
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser, FormParser, JSONParser])
    def serve(self, request: Request, pk: str) -> Response:
        """Record one attempt to serve the notice."""
        notice, asked = self.get_object(), _checked(ServeSerializer, request)
        photos = [(file, shows) for shows in ServicePhoto.Shows.values for file in asked.pop(f"photo_{shows}")]
        second = asked.pop("second_server")
        if second is not None:
            second = get_object_or_404(User, pk=second, memberships__office_id=current_office_id())
        answer = serve_notice(
            notice=notice, by=request.user, at=office_now(), photos=photos, second_server=second, **asked
        )
        notice.refresh_from_db()
        said = {
            "service": answer.service,
            "warnings": list(answer.warnings),
            "state": notice.state,
            "successor": answer.successor.pk if answer.successor else None,
        }
        return Response(ServedSerializer(said).data, status=status.HTTP_201_CREATED)

    def _answer(self, notice: Notice) -> Response:
        return Response(NoticeSerializer(self.get_queryset().get(pk=notice.pk)).data)


def _checked(serializer: Any, request: Request) -> dict[str, Any]:
    filled = serializer(data=request.data)
    filled.is_valid(raise_exception=True)
    return dict(filled.validated_data)
