"""Routes of the app."""

from django.urls import path

from evaluation.views import catalogue

app_name = "evaluation"
urlpatterns = [
    path("catalogue/", catalogue.list_catalogue, name="catalogue"),
    path("catalogue/<int:pk>/", catalogue.show_entry, name="catalogue-detail"),
    path("profile/", catalogue.edit_profile, name="profile"),
]
