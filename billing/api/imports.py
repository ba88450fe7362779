"""API of imports: the same steps as the pages, upload → columns → check → commit → sign-off; undo and reversal."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.base import OfficeRows, asked_of
from billing.documents import refused_workbook
from billing.models import ImportBatch
from billing.operations import (
    ask_columns,
    ask_commit,
    ask_fixes,
    ask_upload,
    discard_import,
    reverse_import,
    sign_off_batch,
    undo_import,
)
from billing.queries import check_counts, commit_pace, import_history, import_job, rows_of, with_cells
from billing.serializers import (
    CheckCountSerializer,
    ColumnsSerializer,
    CommitSerializer,
    FixesSerializer,
    ImportRowSerializer,
    ImportSerializer,
    ProgressSerializer,
    ReasonSerializer,
    UploadSerializer,
)
from billing.tasks import ring_for
from offices.permissions import Needs
from offices.scoping import office_now


class Imports(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Files of finance: upload → columns → check → commit → sign-off; or undo, or reversing entries."""

    permission_classes = [
        Needs.of(
            "import.read",
            create="import.upload",
            commit="import.upload",
            discard="import.upload",
            columns="import.upload",
            fix="import.upload",
            undo="import.upload",
            reverse="import.reverse",
            sign_off="import.signoff",
        )
    ]
    serializer_class = ImportSerializer
    parser_classes = [MultiPartParser, FormParser, JSONParser]
    model = ImportBatch
    filterset_fields = ["kind", "state"]

    def rows_of_office(self) -> QuerySet[ImportBatch]:
        """Batches of the open office; one that was put aside is found by its number only."""
        return import_history(put_aside=self.action != "list")

    def _answer(self, batch: ImportBatch, code: int = 200) -> Response:
        return Response(ImportSerializer(batch).data, status=code)

    def _answer_when_read(self, batch: ImportBatch, code: int) -> Response:
        """202 while the worker still reads."""
        ring_for(batch)
        return self._answer(batch, status.HTTP_202_ACCEPTED if batch.state == ImportBatch.State.READING else code)

    @extend_schema(
        request={"multipart/form-data": UploadSerializer}, responses={201: ImportSerializer, 202: ImportSerializer}
    )
    def create(self, request: Request) -> Response:
        """Read a file and check every row. Nothing is booked.

        A large file is read by the worker: 202 and `state` reading; then `mapping`, `previewed`, or `discarded` with the
        reason in `progress`.
        """
        asked = asked_of(UploadSerializer, request)
        batch = ask_upload(
            kind=asked["kind"],
            file=asked["file"],
            name=asked["file"].name,
            community=asked["community"],
            corrects=asked["corrects"],
            by=request.user,
            at=office_now(),
        )
        return self._answer_when_read(batch, status.HTTP_201_CREATED)

    @extend_schema(request=ColumnsSerializer, responses={200: ImportSerializer, 202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def columns(self, request: Request, pk: str | None = None) -> Response:
        """Say what the columns are (see `layout`); remembered for this header. Without choices: confirm as guessed.

        A large file is read again by the worker: 202 and `state` reading, then `previewed`, or as before with the reason in `progress`.
        """
        asked = asked_of(ColumnsSerializer, request)
        choices = {
            print_: {int(index): name for index, name in each.items()} for print_, each in asked["choices"].items()
        }
        batch = self.get_object()
        batch = ask_columns(batch=batch, choices=choices, period=asked["period"], by=request.user, at=office_now())
        return self._answer_when_read(batch, status.HTTP_200_OK)

    @extend_schema(request=FixesSerializer, responses={200: ImportSerializer, 202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def fix(self, request: Request, pk: str | None = None) -> Response:
        """Write something else in place of cells; every row is judged anew, the file stays as it is. A large one: as `columns`."""
        fixes: dict[tuple[str, int], dict[int, str]] = {}
        for each in asked_of(FixesSerializer, request)["fixes"]:
            fixes.setdefault((each["sheet"], each["row_no"]), {})[each["column"]] = each["text"]
        batch = ask_fixes(batch=self.get_object(), fixes=fixes, by=request.user, at=office_now())
        return self._answer_when_read(batch, status.HTTP_200_OK)

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path="refused")
    def refused(self, request: Request, pk: str | None = None) -> HttpResponse:
        """The refused rows as a workbook, to be mended and uploaded with `corrects`."""
        batch = self.get_object()
        answer = HttpResponse(refused_workbook(batch), content_type="application/octet-stream")
        answer["Content-Disposition"] = f'attachment; filename="refused-rows-{batch.pk}.xlsx"'
        return answer

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "tab", OpenApiTypes.STR, description="refused, warned, new, changed, unchanged, skipped, all"
            )
        ],
        responses=ImportRowSerializer(many=True),
    )
    @action(detail=True, methods=["get"], filterset_fields=[])
    def rows(self, request: Request, pk: str | None = None) -> Response:
        """Rows of the file with verdicts and reasons."""
        page = self.paginate_queryset(rows_of(self.get_object(), request.query_params.get("tab", "all")))
        return self.get_paginated_response(ImportRowSerializer(with_cells(page or ()), many=True).data)

    @extend_schema(request=CommitSerializer, responses={200: ImportSerializer, 202: ImportSerializer})
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str | None = None) -> Response:
        """Book the good rows; with refused rows only if `accept_good` is true.

        A large batch is booked by the worker: 202, `state` committing, and `committed` when it is done.
        """
        asked = asked_of(CommitSerializer, request)
        batch = ask_commit(batch=self.get_object(), accept_good=asked["accept_good"], by=request.user, at=office_now())
        if batch.state != ImportBatch.State.COMMITTING:
            return self._answer(batch)
        ring_for(batch)
        return self._answer(batch, status.HTTP_202_ACCEPTED)

    @extend_schema(responses=ProgressSerializer)
    @action(detail=True, methods=["get"], filterset_fields=[], pagination_class=None)
    def progress(self, request: Request, pk: str | None = None) -> Response:
        """How far the worker is with reading a large file (in hundredths) or booking it (in rows); zeros where nothing
        had to wait.
        """
        job = import_job(self.get_object())
        return Response(ProgressSerializer({"job": job, "pace": commit_pace(job)}).data)

    @extend_schema(request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str | None = None) -> Response:
        """Put a previewed file aside."""
        return self._answer(discard_import(batch=self.get_object(), by=request.user, at=office_now()))

    @extend_schema(request=ReasonSerializer, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        """Take a booked batch back while nothing depends on it."""
        reason = asked_of(ReasonSerializer, request)["reason"]
        return self._answer(undo_import(batch=self.get_object(), by=request.user, at=office_now(), reason=reason))

    @extend_schema(request=ReasonSerializer, responses=ImportSerializer)
    @action(detail=True, methods=["post"])
    def reverse(self, request: Request, pk: str | None = None) -> Response:
        """Restore the balances by reversing entries, where the batch can no longer be taken back."""
        reason = asked_of(ReasonSerializer, request)["reason"]
        return self._answer(reverse_import(batch=self.get_object(), by=request.user, at=office_now(), reason=reason))

    @extend_schema(request=None, responses=ImportSerializer)
    @action(detail=True, methods=["post"], url_path="sign-off")
    def sign_off(self, request: Request, pk: str | None = None) -> Response:
        """Confirm by name that the matched bills are right (S3)."""
        return self._answer(sign_off_batch(batch=self.get_object(), by=request.user, at=office_now()))

    @extend_schema(responses=CheckCountSerializer(many=True))
    @action(detail=True, methods=["get"], filterset_fields=[], pagination_class=None)
    def checks(self, request: Request, pk: str | None = None) -> Response:
        """The five items of S4: how many rows are certain, doubtful or lack them."""
        return Response(CheckCountSerializer(check_counts(self.get_object()), many=True).data)
