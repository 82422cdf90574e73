"""Routes of notices, to-dos and mail to many."""

from django.urls import path

from portal.views import notices, outbox

urlpatterns = [
    path("todo/", notices.show_todo, name="todo"),
    path("notices/", notices.list_notices, name="notice-list"),
    path("notices/read/", notices.read_all, name="notices-read"),
    path("notices/settings/", notices.edit_settings, name="notice-settings"),
    path("notices/<int:pk>/open/", notices.open_notice, name="notice-open"),
    path("outbox/", outbox.list_batches, name="outbox-list"),
    path("outbox/recipients/", outbox.list_recipients, name="outbox-recipients"),
    path("outbox/<int:pk>/", outbox.show_batch, name="outbox-batch"),
    path("outbox/<int:pk>/release/", outbox.release, name="outbox-release"),
    path("outbox/<int:pk>/discard/", outbox.discard, name="outbox-discard"),
]
