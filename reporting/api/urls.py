"""Routes of the app's API, included under /api/."""

from django.urls import path

from reporting.api.coverage import CoverageView

urlpatterns = [path("coverage/", CoverageView.as_view(), name="coverage")]
