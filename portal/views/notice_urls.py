"""Routes of notices and to-dos."""

from django.urls import path

from portal.views import notices

urlpatterns = [
    path("todo/", notices.show_todo, name="todo"),
    path("notices/", notices.list_notices, name="notice-list"),
    path("notices/read/", notices.read_all, name="notices-read"),
    path("notices/settings/", notices.edit_settings, name="notice-settings"),
    path("notices/<int:pk>/open/", notices.open_notice, name="notice-open"),
]
