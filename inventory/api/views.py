"""The API: patents and dossiers, with the same filters, permissions and services as the pages."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

from inventory import permissions, rules
from inventory.api.serializers import DossierSerializer, PatentSerializer
from inventory.filters.dossiers import DossierFilter, PatentFilter
from inventory.models import Dossier, Patent
from inventory.services import dossiers as services
from portal.access import membership_of, require, seen_version, visible_or_404


class PatentPages(CursorPagination):
    """Fifty at a time by key: the same speed on every page."""

    page_size = 50
    ordering = "-pk"


def _patents(request: Any) -> QuerySet[Patent]:
    visible = Patent.objects.visible_to(membership_of(request))
    return visible.prefetch_related("holders", "inventors")


class PatentListView(ListAPIView[Patent]):
    """Patents one may see."""

    # for the schema, which is drawn without a person
    queryset: QuerySet[Patent] = QuerySet(Patent).none()
    serializer_class = PatentSerializer
    filterset_class = PatentFilter
    pagination_class = PatentPages

    def get_queryset(self) -> QuerySet[Patent]:
        return _patents(self.request)


class PatentView(RetrieveAPIView[Patent]):
    """One patent."""

    serializer_class = PatentSerializer

    def get_queryset(self) -> QuerySet[Patent]:
        return _patents(self.request)


def _dossiers(request: Any) -> QuerySet[Dossier]:
    return (
        Dossier.objects.visible_to(membership_of(request))
        .select_related("patent", "participation", "unit")
        .prefetch_related("status_marks", "intent_marks")
    )


class DossierListView(ListAPIView[Dossier]):
    """Dossiers one may see."""

    queryset: QuerySet[Dossier] = QuerySet(Dossier).none()
    serializer_class = DossierSerializer
    filterset_class = DossierFilter
    pagination_class = PatentPages

    def get_queryset(self) -> QuerySet[Dossier]:
        return _dossiers(self.request)


IF_MATCH = OpenApiParameter(
    "If-Match",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    required=True,
    description="The version that was read (the ETag). 428 without, 409 when it is no longer current.",
)


class DossierView(GenericAPIView[Dossier]):
    """One dossier: read it, or change named fields of a draft."""

    serializer_class = DossierSerializer

    def get_queryset(self) -> QuerySet[Dossier]:
        return _dossiers(self.request)

    def get(self, request: Request, pk: int) -> Response:
        return self._answer(visible_or_404(self.get_queryset(), pk=pk))

    @extend_schema(parameters=[IF_MATCH])
    def patch(self, request: Request, pk: int) -> Response:
        membership = membership_of(request)
        dossier = visible_or_404(self.get_queryset(), pk=pk)
        require(permissions.can_edit_dossier(membership, dossier))
        seen = seen_version(request)
        serializer = self.get_serializer(dossier, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = dict(serializer.validated_data)
        statuses = values.pop("status_marks", None)
        intents = values.pop("intent_marks", None)
        services.save_dossier(
            dossier_id=pk,
            seen_version=seen,
            values=values,
            statuses=None if statuses is None else [rules.Status(**mark) for mark in statuses],
            intents=None if intents is None else [rules.Intent(**mark) for mark in intents],
            actor=membership,
        )
        return self._answer(visible_or_404(self.get_queryset(), pk=pk))

    def _answer(self, dossier: Dossier) -> Response:
        return Response(self.get_serializer(dossier).data, headers={"ETag": f'"{dossier.version}"'})
