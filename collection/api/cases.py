"""API of cases, contacts, promises and the day: the pages' operations and permissions."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from collection.models import Case, Contact, Promise, Skip
from collection.operations.contacts import record_contact
from collection.queries.work import work_day
from collection.serializers.cases import (
    CaseSerializer,
    ContactSerializer,
    PromiseSerializer,
    RecordSerializer,
    WorkDaySerializer,
)
from offices.permissions import Needs, Role
from offices.scoping import office_now, office_today


class CaseFilters(filters.FilterSet):
    """Narrow the list of cases."""

    account = filters.NumberFilter(field_name="account_id")
    state = filters.ChoiceFilter(choices=Case.State.choices)
    tier = filters.CharFilter()
    due = filters.DateFilter(field_name="next_action_on", lookup_expr="lte")


class _Listed(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Any]):
    """Reading only; the queryset is asked for when the office is open."""

    model: Any = None

    def get_queryset(self) -> Any:
        """The open office's rows."""
        if getattr(self, "swagger_fake_view", False):  # the API's description is written outside any office
            return QuerySet(self.model).none()
        return self.rows()

    def rows(self) -> Any:
        """What this list shows."""
        return self.model.objects.order_by("-id")


class CaseViewSet(_Listed):
    """Cases of collection, with the reason why the last sweep passed them over."""

    model = Case
    serializer_class = CaseSerializer
    filterset_class = CaseFilters
    permission_classes = [Needs.of("household.read")]

    def rows(self) -> Any:
        """Cases with household and newest skip, in a fixed number of statements."""
        newest = Skip.objects.order_by("case_id", "-on", "-id").distinct("case_id")
        return (
            Case.objects.select_related("account__room", "account__owner", "assignee")
            .prefetch_related(Prefetch("skips", queryset=newest, to_attr="latest_skip"))
            .order_by("next_action_on", "id")
        )


class ContactFilters(filters.FilterSet):
    """Narrow the list of contacts."""

    account = filters.NumberFilter(field_name="account_id")
    outcome = filters.CharFilter()


class ContactViewSet(_Listed):
    """Contacts: list, read, record."""

    model = Contact
    serializer_class = ContactSerializer
    filterset_class = ContactFilters
    permission_classes = [Needs.of("household.read", create="contact.record")]

    def rows(self) -> Any:
        """Newest first."""
        return Contact.objects.select_related("by").order_by("-at", "-id")

    @extend_schema(request=RecordSerializer, responses={201: ContactSerializer})
    def create(self, request: Request) -> Response:
        """Record a contact; the same `idempotency_key` again answers with the first one."""
        asked = RecordSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        contact = record_contact(by=request.user, at=office_now(), **asked.validated_data)  # type: ignore[arg-type]
        return Response(ContactSerializer(contact).data, status=status.HTTP_201_CREATED)


class PromiseFilters(filters.FilterSet):
    """Narrow the list of promises."""

    account = filters.NumberFilter(field_name="account_id")
    state = filters.ChoiceFilter(choices=Promise.State.choices)


class PromiseViewSet(_Listed):
    """Promises and what came of them."""

    model = Promise
    serializer_class = PromiseSerializer
    filterset_class = PromiseFilters
    permission_classes = [Needs.of("promise.read")]


class WorkView(APIView):
    """Today's list: a collector's own, a supervisor's whole."""

    permission_classes = [Needs.of("today.read")]

    @extend_schema(responses=WorkDaySerializer)
    def get(self, request: Request) -> Response:
        """As the page 今日 shows it."""
        own = request._request.membership.role == Role.COLLECTOR  # type: ignore[attr-defined]
        day = work_day(on=office_today(), at=office_now(), assignee=request.user if own else None)  # type: ignore[arg-type]
        return Response(WorkDaySerializer(day).data)
