"""All routes: the kernel's own pages, then the apps by dotted name."""

from django.urls import include, path

urlpatterns = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("inventory/", include("inventory.urls")),
    path("evaluation/", include("evaluation.urls")),
    path("matching/", include("matching.urls")),
    path("reporting/", include("reporting.urls")),
    path("api/", include("portal.api.urls")),
    path("", include("portal.views.urls")),
]
