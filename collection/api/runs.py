"""API of the runs: the plan before it takes effect, the run, and taking it back."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from collection.models import Sweep
from collection.operations import roll_back_sweep
from collection.operations.days import plan_day
from collection.queries.plan import plan_sweep
from collection.serializers.cases import RunSerializer, SweepSerializer
from collection.serializers.runs import DayPlanSerializer
from offices.permissions import Needs
from offices.scoping import office_now, office_today


class RunView(APIView):
    """Runs of the day."""

    permission_classes = [Needs.of("run.day")]

    @extend_schema(request=RunSerializer, responses=SweepSerializer)
    def post(self, request: Request) -> Response:
        """Plan today now instead of at the next ring; what is to leave is sent by the worker.

        409 `day_closed` for a day before the last one run; the future cannot be run.
        """
        asked = RunSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        on = min(asked.validated_data.get("on") or office_today(), office_today())
        return Response(SweepSerializer(plan_day(on=on, at=office_now()).sweep).data)

    @extend_schema(responses=SweepSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The last thirty runs."""
        return Response(SweepSerializer(Sweep.objects.all()[:30], many=True).data)


class PlanView(APIView):
    """The plan of today."""

    permission_classes = [Needs.of("run.day")]

    @extend_schema(responses=DayPlanSerializer)
    def get(self, request: Request) -> Response:
        """What a run would come to now, household by household; nothing is written. planned + skipped = eligible."""
        return Response(DayPlanSerializer(plan_sweep(office_today())).data)


class RollBackView(APIView):
    """Taking a run back."""

    permission_classes = [Needs.of("run.roll_back")]

    @extend_schema(request=None, responses=SweepSerializer)
    def post(self, request: Request, sweep_id: int) -> Response:
        """As a whole, as long as nothing left the house; 409 `left_the_house` or `not_last` otherwise."""
        sweep = get_object_or_404(Sweep.objects.all(), pk=sweep_id)
        done = roll_back_sweep(sweep=sweep, by=request.user, at=office_now())  # type: ignore[arg-type]
        return Response(SweepSerializer(done).data)
