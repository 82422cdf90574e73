"""The reporting app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportingConfig(AppConfig):
    name = "reporting"
    verbose_name = _("Reporting")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the kernel's registries what reporting offers."""
        # models can be imported only now
        from reporting import lists, menu, tasks  # noqa: PLC0415

        menu.register_all()
        lists.register_lists()
        tasks.register_all()
