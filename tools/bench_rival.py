"""The same workbook through django-import-export in its bulk mode, into the patent table alone; its own environment.

Run by tools.bench_intake with the interpreter of that environment: URL WORKBOOK. Prints seconds and rows. Nothing of
the portal is imported: the table is mapped by a model of its own. Every comfort that costs time is switched off.
"""

import sys
import time
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


def main() -> int:
    """Import once and say how long it took, from the file to the committed rows."""
    configure(sys.argv[1])
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
            skip_diff = True
            skip_html_diff = True
            report_skipped = False
            force_init_instance = True

    begin = time.perf_counter()
    rows = table_of(sys.argv[2])
    result = PatentResource().import_data(rows, dry_run=False, raise_errors=True)
    print(f"{time.perf_counter() - begin:.1f} {result.totals['new']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
