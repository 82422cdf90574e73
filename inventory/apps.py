"""The inventory app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InventoryConfig(AppConfig):
    name = "inventory"
    verbose_name = _("Stock-taking")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Tell the kernel's registries what stock-taking offers."""
        # models can be imported only now
        from inventory import history, menu, todos  # noqa: PLC0415
        from inventory.exports import uploads  # noqa: PLC0415
        from inventory.exports.national import job_kind  # noqa: PLC0415
        from inventory.importing.offered import register_importers  # noqa: PLC0415
        from inventory.lists.offered import register_lists  # noqa: PLC0415
        from inventory.tasks import (  # noqa: PLC0415
            classification,
            deadlines,
            fees,
            review,
            workbooks,
            writing,
            years,
        )
        from inventory.views.confirmations import may_open_file  # noqa: PLC0415
        from inventory.views.exports import narrowed_entries  # noqa: PLC0415
        from portal.file_access import register_file_check  # noqa: PLC0415
        from portal.jobs.registry import register  # noqa: PLC0415

        menu.register()
        register_lists()
        todos.register()
        self.register_personal()
        for each in (deadlines, fees, review, writing, classification, years, workbooks):
            each.register_tasks()
        self.register_bulk_acts()
        history.register_sources()
        register_importers()
        register_file_check(may_open_file)
        self.register_files()
        for kind in (job_kind(narrowed_entries), uploads.job_kind(narrowed_entries)):
            register(kind)

    def register_files(self) -> None:
        """Files that jobs make, and who may open them."""
        from inventory.exports import confirmation, dossier_pdf, workbooks  # noqa: PLC0415
        from portal.file_access import register_file_check  # noqa: PLC0415
        from portal.jobs.registry import register  # noqa: PLC0415

        register_file_check(workbooks.may_open_file)
        for kind in (confirmation.job_kind(), dossier_pdf.job_kind(), workbooks.job_kind()):
            register(kind)

    def register_bulk_acts(self) -> None:
        """What is done to many rows at once."""
        from inventory import (  # noqa: PLC0415
            bulk,
            bulk_holders,
            bulk_people,
            bulk_pool,
            bulk_review,
        )

        bulk.register_acts()
        bulk_review.register_reviews()
        bulk_pool.register_pool()
        bulk_holders.register_holders()
        bulk_people.register_people_work()

    def register_personal(self) -> None:
        """What is held about a person, and how it is forgotten."""
        from inventory import forgetting, my_data  # noqa: PLC0415

        my_data.register()
        forgetting.register()
