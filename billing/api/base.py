"""What every list of the billing API shares."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from rest_framework import viewsets
from rest_framework.request import Request


def asked_of(serializer: type[Any], request: Request) -> dict[str, Any]:
    """The validated body. Raises DRF's 400."""
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return form.validated_data  # type: ignore[no-any-return]


class OfficeRows(viewsets.GenericViewSet[Any]):
    """Rows of the open office. The schema is drawn outside any office and only needs the model."""

    model: type[Model]

    def get_queryset(self) -> QuerySet[Any]:
        """What `rows_of_office` says."""
        return QuerySet(self.model) if getattr(self, "swagger_fake_view", False) else self.rows_of_office()

    def rows_of_office(self) -> QuerySet[Any]:
        """The rows, in order."""
        raise NotImplementedError
