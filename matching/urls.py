"""Routes of the app."""

from django.urls import path

from matching.views import supply

app_name = "matching"
urlpatterns = [
    path("supply/", supply.list_supply, name="supply"),
    path("supply/kinds/", supply.count_kinds, name="supply-kinds"),
]
