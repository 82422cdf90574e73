"""Routes of the API: every app adds its own."""

from django.urls import URLPattern

app_name = "api"
urlpatterns: list[URLPattern] = []
