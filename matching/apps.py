"""The matching app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MatchingConfig(AppConfig):
    name = "matching"
    verbose_name = _("Matching")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the kernel's registries what matching offers."""
        # models can be imported only now
        from matching import lists, menu  # noqa: PLC0415

        menu.register_all()
        lists.register_lists()
