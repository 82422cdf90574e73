"""The kernel app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Kernel")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # the registries import models, which exist only now
        from portal import audit_names, housekeeping, menu  # noqa: PLC0415
        from portal.bulk import people  # noqa: PLC0415
        from portal.bulk.running import register_job  # noqa: PLC0415
        from portal.intake.jobs import register_intake  # noqa: PLC0415
        from portal.lists import export, intake, kernel, runs, staff, told  # noqa: PLC0415
        from portal.log_redaction import keep_secrets  # noqa: PLC0415
        from portal.staff_table import register_export  # noqa: PLC0415
        from portal.staff_todo import register_todo  # noqa: PLC0415

        keep_secrets()
        housekeeping.register_all()
        audit_names.register_names()
        menu.register_all()
        register_intake()
        register_job()
        people.register_acts()
        kernel.register_lists()
        intake.register_lists()
        export.register_export()
        runs.register_lists()
        staff.register_lists()
        told.register_lists()
        register_export()
        register_todo()
