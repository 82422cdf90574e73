"""The evaluation app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EvaluationConfig(AppConfig):
    name = "evaluation"
    verbose_name = _("Evaluation")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the kernel's registries what evaluation offers."""
        # models can be imported only now
        from evaluation import lists, menu  # noqa: PLC0415

        menu.register_all()
        lists.register_lists()
