"""API of what an office brings along: fee items, service contracts, the contacts of the time before. Read only."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import mixins

from billing.api.base import OfficeRows
from billing.models import FeeItem, PastContact, ServiceContract
from billing.queries.terms import all_contracts, fee_items, past_contacts
from billing.serializers import FeeItemSerializer, PastContactSerializer, ServiceContractSerializer
from offices.permissions import Needs


class FeeItems(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """What is charged for, at which price."""

    permission_classes = [Needs.of("contract.read")]
    serializer_class = FeeItemSerializer
    model = FeeItem

    def rows_of_office(self) -> QuerySet[FeeItem]:
        """Fee items of the open office."""
        return fee_items()


class Contracts(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Service contracts with their term, rate and clauses."""

    permission_classes = [Needs.of("contract.read")]
    serializer_class = ServiceContractSerializer
    model = ServiceContract
    filterset_fields = ["community", "kind"]

    def rows_of_office(self) -> QuerySet[ServiceContract]:
        """Contracts of the open office."""
        return all_contracts()


class PastContacts(mixins.ListModelMixin, mixins.RetrieveModelMixin, OfficeRows):
    """Contacts that were recorded before the office came: imported history, no contacts of its own."""

    permission_classes = [Needs.of("household.read")]
    serializer_class = PastContactSerializer
    model = PastContact
    filterset_fields = ["account"]

    def rows_of_office(self) -> QuerySet[PastContact]:
        """Past contacts of the open office."""
        return past_contacts()
