"""API: who am I, and which communities does my office manage."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from offices.models import Community
from offices.permissions import TABLE, Needs, holds
from offices.serializers import CommunitySerializer, MeSerializer


class IsMember(BasePermission):
    """Any member of an office; for the two questions that every program asks first."""

    def has_permission(self, request: Any, view: Any) -> bool:
        """A membership was resolved."""
        return getattr(request._request, "membership", None) is not None


class Me(APIView):
    """The caller's office, role and rights."""

    permission_classes = [IsAuthenticated, IsMember]

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Answer from the membership that the middleware resolved."""
        membership = request._request.membership  # type: ignore[attr-defined]
        return Response(
            MeSerializer(
                {
                    "user": membership.user.username,
                    "name": str(membership.user),
                    "office": membership.office.name,
                    "office_slug": membership.office.slug,
                    "role": membership.role,
                    "rights": sorted(verb for verb in TABLE if holds(membership.role, verb)),
                }
            ).data
        )


class Communities(generics.ListAPIView):
    """The office's communities."""

    permission_classes = [Needs.of("household.read")]
    serializer_class = CommunitySerializer

    def get_queryset(self) -> QuerySet[Community]:
        """Rows of the open office."""
        return Community.objects.all()


urlpatterns = [
    path("me/", Me.as_view(), name="me"),
    path("communities/", Communities.as_view(), name="communities"),
]
