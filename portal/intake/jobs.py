"""The kinds of jobs of the intake, registered when the kernel starts."""

from django.utils.translation import gettext_lazy as _

from portal.intake import applying, reading, reports
from portal.jobs.registry import JobKind, register


def register_jobs() -> None:
    """Make the three kinds known to the runner."""
    register(
        JobKind(
            name=reading.KIND,
            label=_("Read and check an upload"),
            chunk=reading.chunk,
            prepare=reading.prepare,
            failed=reading.failed,
        )
    )
    register(
        JobKind(
            name=applying.KIND,
            label=_("Apply an import"),
            chunk=applying.chunk,
            failed=applying.failed,
        )
    )
    register(
        JobKind(
            name=reports.KIND,
            label=_("Rows with errors"),
            chunk=reports.chunk,
            prepare=reports.prepare,
        )
    )
