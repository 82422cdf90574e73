"""All routes: the kernel's own pages, then the apps by dotted name."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

urlpatterns = [
    # the sign-in page offers the other language, too
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("inventory/", include("inventory.urls")),
    path("evaluation/", include("evaluation.urls")),
    path("matching/", include("matching.urls")),
    path("reporting/", include("reporting.urls")),
    path("api/", include("portal.api.urls")),
    path("", include("portal.views.urls")),
]
