"""What the intake offers to the kernel's registries: jobs, menu entry, who may open an upload."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portal.file_access import register_file_check
from portal.intake import applying, reading, reports, undoing
from portal.intake.registry import may_read
from portal.jobs.registry import JobKind, register
from portal.models import ImportBatch, Job, Membership, StoredFile
from portal.navigation import MenuEntry, add_menu_entry


def may_open_upload(membership: Membership, file: StoredFile) -> bool:
    """Whoever may see an import may open the file it came from."""
    if file.purpose != StoredFile.Purpose.UPLOAD or not may_read(membership):
        return False
    return ImportBatch.objects.visible_to(membership).filter(file=file).exists()


def page_of_import(job: Job) -> str:
    """The page of the import a job works on."""
    return reverse("portal:import-detail", kwargs={"pk": job.params["batch"]})


def register_intake() -> None:
    """Called once by PortalConfig.ready."""
    add_menu_entry(MenuEntry(_("Imports"), "portal:import-list", "file-import", 13, may_read))
    register_file_check(may_open_upload)
    for kind in job_kinds():
        register(kind)


def job_kinds() -> tuple[JobKind, ...]:
    """Reading, applying, taking back, and the file of bad rows; each leads to the page of its import."""
    read = JobKind(
        name=reading.KIND,
        label=_("Read and check an upload"),
        chunk=reading.chunk,
        prepare=reading.prepare,
        failed=reading.failed,
        page=page_of_import,
    )
    apply = JobKind(
        name=applying.KIND,
        label=_("Apply an import"),
        chunk=applying.chunk,
        failed=applying.failed,
        page=page_of_import,
    )
    undo = JobKind(
        name=undoing.KIND,
        label=_("Take an import back"),
        chunk=undoing.chunk,
        failed=undoing.failed,
        page=page_of_import,
    )
    report = JobKind(
        name=reports.KIND,
        label=_("Rows with errors"),
        chunk=reports.chunk,
        prepare=reports.prepare,
        page=page_of_import,
    )
    return read, apply, undo, report
