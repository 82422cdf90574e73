"""Routes of the API: its description, then every app's own, by dotted name."""

from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.permissions import IsAuthenticated

app_name = "api"
urlpatterns = [
    path(
        "schema/",
        SpectacularJSONAPIView.as_view(permission_classes=[IsAuthenticated]),
        name="schema",
    ),
    path("", include("inventory.api.urls")),
    path("", include("reporting.api.urls")),
]
