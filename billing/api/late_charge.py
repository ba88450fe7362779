"""API of the rules for 违约金 and of the LPR table: every version, and a new one."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.base import OfficeRows, asked_of
from billing.models import LateChargeRule
from billing.operations.late_charge import set_late_charge_rule, set_lpr
from billing.queries.late_charge import late_charge_rules, lpr_table
from billing.serializers.late_charge import (
    LateChargeRuleSerializer,
    LprRateSerializer,
    NewLateChargeRuleSerializer,
    NewLprRateSerializer,
)
from offices.permissions import Needs
from offices.scoping import office_now, office_today


class LateChargeRules(mixins.ListModelMixin, OfficeRows):
    """Versions of the rule, the newest first."""

    permission_classes = [Needs.of("contract.read", create="latecharge.set")]
    serializer_class = LateChargeRuleSerializer
    model = LateChargeRule

    def rows_of_office(self) -> QuerySet[LateChargeRule]:
        """Versions of the open office."""
        return late_charge_rules()

    @extend_schema(request=NewLateChargeRuleSerializer, responses={201: LateChargeRuleSerializer})
    def create(self, request: Request) -> Response:
        """Write a version; earlier ones stay."""
        rule = set_late_charge_rule(**asked_of(NewLateChargeRuleSerializer, request), by=request.user, at=office_now())
        return Response(LateChargeRuleSerializer(rule).data, status=status.HTTP_201_CREATED)


class LprRates(viewsets.ViewSet):
    """The table of the one-year LPR."""

    permission_classes = [Needs.of("contract.read", create="lpr.set")]

    @extend_schema(responses=LprRateSerializer(many=True))
    def list(self, request: Request) -> Response:
        """Every row that counts, the newest first."""
        return Response(LprRateSerializer(lpr_table(office_today()).lines, many=True).data)

    @extend_schema(request=NewLprRateSerializer, responses={201: LprRateSerializer})
    def create(self, request: Request) -> Response:
        """Write a row; of two with one first day the later counts."""
        row = set_lpr(**asked_of(NewLprRateSerializer, request), by=request.user, at=office_now())
        return Response(LprRateSerializer(row).data, status=status.HTTP_201_CREATED)
