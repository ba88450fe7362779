"""Why a household is, or is not, acted on: the answer the household page gives."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.models import Account
from collection.forms.days import DayAsked
from collection.queries.why import why
from collection.rules.inputs import inputs_of
from collection.serializers.why import WhySerializer
from offices.permissions import Needs
from offices.scoping import office_today


class WhyView(APIView):
    """One household, one day."""

    permission_classes = [Needs.of("household.read")]

    @extend_schema(parameters=[OpenApiParameter("on", str, description="Day, ISO; today when left out or still to come.")],
                   responses=WhySerializer)  # fmt: skip
    def get(self, request: Request, account_id: int) -> Response:
        """From the stored decision of that day; today without one is decided now and not stored (`is_dry_run`)."""
        account = get_object_or_404(Account.objects.all(), pk=account_id)
        today = office_today()
        found = why(account, DayAsked(request._request.GET).day(today), today=today)
        said = WhySerializer(found).data
        return Response(said | {"inputs": inputs_of(found.facts) if found.facts else None})
