"""API of economic hardship: record, confirm by another, close; reasons and proof only against a trace (S13, S83, S84)."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Account
from billing.operations import keep_evidence
from disputes.models import HardshipReview
from disputes.operations import close_hardship, confirm_hardship, record_hardship, reveal_hardship
from disputes.queries import hardship_with_account, hardships_of
from disputes.serializers.hardship import (
    CloseSerializer,
    ConfirmSerializer,
    HardshipDetailsSerializer,
    HardshipSerializer,
    NewHardshipSerializer,
)
from offices.filing import FileDamaged, open_file
from offices.permissions import Needs
from offices.scoping import office_now


class Hardships(viewsets.ViewSet):
    """Hardships of a household; what is shown says that there is one and until when, never why."""

    parser_classes = [MultiPartParser, FormParser, JSONParser]
    permission_classes = [
        Needs.of(
            "household.read", record="hardship.record", confirm="hardship.verify", close="hardship.verify",
            reveal="hardship.reveal", evidence="hardship.reveal",
        )
    ]  # fmt: skip

    @extend_schema(responses=HardshipSerializer(many=True))
    def of_account(self, request: Request, account_id: int) -> Response:
        """GET accounts/<id>/hardships/: what was recorded, newest first."""
        return Response(HardshipSerializer(hardships_of(_account(account_id).pk), many=True).data)

    @extend_schema(request=NewHardshipSerializer, responses={201: HardshipSerializer})
    def record(self, request: Request, account_id: int) -> Response:
        """POST accounts/<id>/hardships/: no effect until another person confirms it."""
        account, asked = _account(account_id), _checked(NewHardshipSerializer, request)
        file, who = asked["evidence"], _who(request)
        proof = keep_evidence(data=file.read(), name=file.name, is_restricted=True, **who)
        review = record_hardship(account=account, details=asked["details"], evidence=proof, **who)
        return Response(HardshipSerializer(review).data, status=201)

    @extend_schema(request=ConfirmSerializer, responses=HardshipSerializer)
    def confirm(self, request: Request, review_id: int) -> Response:
        """POST hardships/<id>/confirm/: verified, and by somebody else than who recorded it."""
        review, asked = _review(review_id), _checked(ConfirmSerializer, request)
        return Response(HardshipSerializer(confirm_hardship(review=review, **asked, **_who(request))).data)

    @extend_schema(request=CloseSerializer, responses=HardshipSerializer)
    def close(self, request: Request, review_id: int) -> Response:
        """POST hardships/<id>/close/: refuse what was recorded, or end what was confirmed."""
        review, asked = _review(review_id), _checked(CloseSerializer, request)
        return Response(HardshipSerializer(close_hardship(review=review, **asked, **_who(request))).data)

    @extend_schema(request=None, responses=HardshipDetailsSerializer)
    def reveal(self, request: Request, review_id: int) -> Response:
        """POST hardships/<id>/reveal/: the reasons; who saw them is written down."""
        review = reveal_hardship(review=_review(review_id), what="details", **_who(request))
        return Response(HardshipDetailsSerializer(review).data, headers={"Cache-Control": "no-store"})

    @extend_schema(request=None, responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def evidence(self, request: Request, review_id: int) -> HttpResponse:
        """POST hardships/<id>/evidence/: the proof; who saw it is written down."""
        review = reveal_hardship(review=_review(review_id), what="evidence", **_who(request))
        try:
            answer = HttpResponse(open_file(review.evidence), content_type=review.evidence.mime)
        except FileDamaged as damaged:
            raise Http404 from damaged
        answer["Content-Disposition"] = content_disposition_header(True, review.evidence.name) or ""
        answer["Cache-Control"] = "no-store"
        return answer


def _who(request: Request) -> dict[str, Any]:
    return {"by": request.user, "at": office_now()}


def _account(account_id: int) -> Account:
    return get_object_or_404(Account.objects.all(), pk=account_id)


def _review(review_id: int) -> HardshipReview:
    try:
        return hardship_with_account(review_id)
    except HardshipReview.DoesNotExist as missing:
        raise Http404 from missing


def _checked(serializer: Any, request: Request) -> dict[str, Any]:
    asked = serializer(data=request.data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


def _does(action: str) -> Any:
    return Hardships.as_view({"post": action})


urlpatterns = [
    path("accounts/<int:account_id>/hardships/", Hardships.as_view({"get": "of_account", "post": "record"}), name="hardships"),
    path("hardships/<int:review_id>/confirm/", _does("confirm"), name="hardship-confirm"),
    path("hardships/<int:review_id>/close/", _does("close"), name="hardship-close"),
    path("hardships/<int:review_id>/reveal/", _does("reveal"), name="hardship-reveal"),
    path("hardships/<int:review_id>/evidence/", _does("evidence"), name="hardship-evidence"),
]  # fmt: skip
