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
        from evaluation import forgetting, menu, my_data  # noqa: PLC0415
        from evaluation.importing.offered import register_importers  # noqa: PLC0415
        from evaluation.lists.offered import register_lists  # noqa: PLC0415
        from portal.audit_names import add_names  # noqa: PLC0415

        menu.register_all()
        forgetting.register()
        my_data.register()
        register_lists()
        register_importers()
        add_names("evaluation.expert")
