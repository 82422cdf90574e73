"""The kernel app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Kernel")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the registries what the kernel itself offers."""
        # models can be imported only now
        from portal.intake.jobs import register_jobs  # noqa: PLC0415

        register_jobs()
