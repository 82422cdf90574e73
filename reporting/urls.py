"""Routes of the app."""

from django.urls import path

from reporting.views import coverage, coverage_rows

app_name = "reporting"
urlpatterns = [
    path("coverage/", coverage.show_board, name="coverage"),
    path("coverage/refresh/", coverage.refresh_coverage, name="coverage-refresh"),
    path("coverage/rows/", coverage_rows.list_rows, name="coverage-rows"),
]
