"""Routes of the kernel: signing in, start page, people, jobs, audit."""

from django.urls import URLPattern

app_name = "portal"
urlpatterns: list[URLPattern] = []
