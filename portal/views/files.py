"""Stored files: opened with the right to what they belong to, and with an entry in the trail."""

from __future__ import annotations

from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.access import membership_of
from portal.file_access import openable_file
from portal.services import files


@never_cache
@require_safe
def download_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file as a download, never shown inside the site: its content is somebody's upload.

    The one GET that writes: the entry in the trail that the file was taken.
    """
    membership = membership_of(request)
    file = openable_file(membership, pk)
    if file is None:
        raise Http404
    files.record_opening(file=file, actor=membership)
    response = FileResponse(
        file.content.open("rb"),
        as_attachment=True,
        filename=file.name,
        content_type="application/octet-stream",
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
