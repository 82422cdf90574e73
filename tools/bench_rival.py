"""The same workbook through django-import-export in its bulk mode, into the patent table alone; its own environment.

Run by tools.bench_intake with the interpreter of that environment: URL WORKBOOK. Prints seconds and rows for two ways:
``bare``, every comfort that costs time switched off, and ``usual``, bulk mode with all else as the library has it by
itself, a trial run before the real one as its pages make it. Nothing of the portal is imported: the table is mapped by
a model of its own, and what is written is taken back.
"""

import sys
import time
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings


def configure(url: str) -> None:
    """Settings of a project that has nothing but this table."""
    parts = urlsplit(url)
    settings.configure(
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": parts.username,
                "PASSWORD": unquote(parts.password or ""),
                "HOST": parts.hostname,
                "PORT": parts.port,
            }
        },
        INSTALLED_APPS=["import_export"],
        USE_TZ=True,
        IMPORT_EXPORT_USE_TRANSACTIONS=True,
    )
    django.setup()


def table_of(path: str) -> Any:
    """The rows that are patents, under the head of the third row, numbers as the register keeps them."""
    from tablib import Dataset  # type: ignore[import-not-found,unused-ignore] # noqa: PLC0415 - needs its environment

    with open(path, "rb") as file:  # noqa: PTH123 - tablib wants a stream
        table = Dataset().load(file, format="xlsx", headers=False)
    head = list(table[2])
    rows = Dataset(headers=[str(cell or place) for place, cell in enumerate(head)])
    for row in table[3:]:
        if row[1]:  # continuation rows are no patents
            number = str(row[1]).removeprefix("CN").replace(".", "")
            rows.append([row[0], number, *row[2:]])
    return rows


@cache
def model_of() -> Any:
    """The patent table, mapped."""
    from django.contrib.postgres.fields import ArrayField  # noqa: PLC0415 - needs the settings
    from django.db import models  # noqa: PLC0415 - likewise

    class Patent(models.Model):  # noqa: DJ008 - nobody looks at one
        application_number = models.CharField(max_length=13, unique=True)
        kind = models.CharField(max_length=10, default="invention")
        is_pct = models.BooleanField(default=False)
        title = models.TextField()
        abstract = models.TextField(default="")
        first_claim = models.TextField(default="")
        claims = models.TextField(default="")
        full_text_url = models.TextField(default="")
        drawings_url = models.TextField(default="")
        publication_number = models.TextField(default="")
        classes = ArrayField(models.TextField(), default=list)
        simple_status = models.CharField(max_length=10, default="valid")
        search_key = models.TextField(default="")
        version = models.PositiveIntegerField(default=1)
        created_at = models.DateTimeField(auto_now_add=True)
        updated_at = models.DateTimeField(auto_now=True)

        class Meta:
            app_label = "import_export"
            managed = False
            db_table = "inventory_patent"

    return Patent


def resource_of(kind: str) -> Any:
    """The declaration of what is imported, bare or usual."""
    from import_export import fields, resources  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415

    class PatentResource(resources.ModelResource):  # type: ignore[misc,unused-ignore]
        application_number = fields.Field(column_name="申请号", attribute="application_number")
        title = fields.Field(column_name="专利名称", attribute="title")

        class Meta:
            model = model_of()
            fields = ("application_number", "title")
            import_id_fields = ("application_number",)
            use_bulk = True
            batch_size = 1000
            skip_diff = skip_html_diff = force_init_instance = kind == "bare"
            report_skipped = False

    return PatentResource()


def seconds_of(kind: str, path: str) -> tuple[float, int]:
    """(seconds from the file to the rows, rows); the rows are gone afterwards."""
    from django.db import transaction  # noqa: PLC0415 - needs the settings

    resource = resource_of(kind)
    begin = time.perf_counter()
    with transaction.atomic():
        rows = table_of(path)
        if kind == "usual":
            resource.import_data(rows, dry_run=True, raise_errors=True)
        result = resource.import_data(rows, dry_run=False, raise_errors=True)
        taken = time.perf_counter() - begin
        transaction.set_rollback(True)
    return taken, result.totals["new"]


def main() -> int:
    """A line for each way: its name, seconds, rows."""
    configure(sys.argv[1])
    for kind in ("bare", "usual"):
        seconds, rows = seconds_of(kind, sys.argv[2])
        print(f"{kind} {seconds:.1f} {rows}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
