"""GET /api/coverage/: the figures a membership may see, of the newest snapshot or of a past day."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.access import membership_of, require
from portal.models import Membership
from reporting import permissions
from reporting.forms.coverage import BoardForm
from reporting.models import CoverageFigure, CoverageSnapshot
from reporting.queries import board
from reporting.queries.figures import as_numbers
from reporting.queries.rows import heading


class CoverageView(APIView):
    """Parameters `campaign` (number) and `day` (2024-06-30); both may be left out."""

    http_method_names = ["get", "head", "options"]

    @extend_schema(
        parameters=[
            OpenApiParameter("campaign", OpenApiTypes.INT),
            OpenApiParameter("day", OpenApiTypes.DATE),
        ],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request: Request) -> Response:
        membership = membership_of(request)
        require(permissions.can_read_coverage(membership))
        form = BoardForm(request.query_params, membership=membership)
        if not form.is_valid():
            return Response(form.errors, status=400)
        campaign, day = form.choice()
        snapshot = board.snapshot_for(campaign, day)
        if campaign is None or snapshot is None:
            return Response({"snapshot": None, "figures": []})
        return Response(_body(snapshot, membership))


def _body(snapshot: CoverageSnapshot, membership: Membership) -> dict[str, Any]:
    figures = (
        CoverageFigure.objects.visible_to(membership)
        .filter(snapshot=snapshot)
        .select_related("organisation")
        .defer("institutions")
        .order_by("dimension", "pk")
    )
    return {
        "campaign": snapshot.campaign.name,
        "campaign_id": snapshot.campaign_id,
        "snapshot": snapshot.pk,
        "scope": snapshot.scope,
        "due_on": snapshot.due_on,
        "as_of": snapshot.valid_on,
        "known_at": snapshot.known_at,
        "figures": [
            {
                "dimension": figure.dimension,
                "key": figure.key,
                "name": heading(figure),
                **as_numbers(figure.counts),
            }
            for figure in figures
        ],
    }
