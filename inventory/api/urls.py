"""Routes of the API of stock-taking, put under /api/ by the kernel."""

from django.urls import path

from inventory.api import views

urlpatterns = [
    path("patents/", views.PatentListView.as_view(), name="patent-list"),
    path("patents/<int:pk>/", views.PatentView.as_view(), name="patent-detail"),
    path("dossiers/", views.DossierListView.as_view(), name="dossier-list"),
    path("dossiers/<int:pk>/", views.DossierView.as_view(), name="dossier-detail"),
]
