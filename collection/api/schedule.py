"""API of the timetable: the calendar, the coming steps of a case, who has how much to do."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from billing.models import Account
from collection.queries import schedule as queries
from collection.serializers.schedule import AskedSerializer, EntrySerializer, LoadSerializer, TimetableSerializer
from offices.models import User
from offices.permissions import Needs
from offices.scoping import office_today


class CalendarView(APIView):
    """Tasks, next steps and promised dates of a span of days."""

    permission_classes = [Needs.of("today.read")]

    @extend_schema(parameters=[AskedSerializer], responses=EntrySerializer(many=True))
    def get(self, request: Request) -> Response:
        """By day and room; an overdue task stands on today."""
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        person = User.objects.filter(pk=said["who"]).first() if "who" in said else None
        if "who" in said and person is None:
            return Response([])
        found = queries.calendar_entries(
            first=said["first"],
            last=said["last"],
            on=office_today(),
            who=person,
            community_id=said.get("community"),
        )
        return Response(EntrySerializer(found, many=True).data)


class TimetableView(APIView):
    """The coming steps of one household."""

    permission_classes = [Needs.of("household.read")]

    @extend_schema(responses=TimetableSerializer)
    def get(self, request: Request, account_id: int) -> Response:
        """404 for a household with nothing in collection."""
        account = Account.objects.filter(pk=account_id).first()
        found = queries.timetable(account.pk, office_today()) if account is not None else None
        if found is None:
            raise NotFound
        return Response(TimetableSerializer(found).data)


class WorkloadView(APIView):
    """Open tasks per person."""

    permission_classes = [Needs.of("case.assign")]

    @extend_schema(responses=LoadSerializer(many=True))
    def get(self, request: Request) -> Response:
        """As the page 人手与代理 shows it; what belongs to nobody comes last."""
        return Response(LoadSerializer(queries.workload(office_today()), many=True).data)
