"""Routes of the app."""

from django.urls import path

from evaluation.views import catalogue, experts

app_name = "evaluation"
urlpatterns = [
    path("catalogue/", catalogue.list_catalogue, name="catalogue"),
    path("catalogue/<int:pk>/", catalogue.show_entry, name="catalogue-detail"),
    path("profile/", catalogue.edit_profile, name="profile"),
    path("experts/", experts.list_experts, name="expert-list"),
    path("experts/<int:pk>/", experts.show_expert, name="expert-detail"),
    path("experts/<int:pk>/edit/", experts.edit_expert, name="expert-edit"),
    path("experts/<int:pk>/admit/", experts.admit_expert, name="expert-admit"),
    path("experts/<int:pk>/remove/", experts.remove_expert, name="expert-remove"),
    path("experts/<int:pk>/erase/", experts.erase_expert, name="expert-erase"),
    path("experts/<int:pk>/contact/", experts.expert_contact, name="expert-contact"),
]
