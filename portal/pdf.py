"""PDF pages: a template of templates/pdf/ set with data, Chinese fonts embedded in part. Only this module makes PDF.

The templates are Typst files. What people wrote reaches them as JSON and is set as text, never read as markup, and
the templates hold no words of their own: labels come with the data, in the reader's language. Nothing is fetched:
fonts are those of settings.FONT_DIR, files those of templates/pdf/.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import typst
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

from portal import clock
from portal.environment import BASE_DIR
from portal.errors import DomainError
from portal.models import Membership

FOLDER: Final = BASE_DIR / "templates" / "pdf"
FONTS: Final = ("NotoSansSC-Regular.ttf", "NotoSansSC-Bold.ttf")


class FontMissing(DomainError):
    """The fonts for Chinese text were not installed: better no file than one of empty boxes."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The fonts for PDF files are not installed on the server, so no file was made. "
                "Please tell the operator."
            )
        )


def render_pdf(template: str, data: Mapping[str, Any], *, actor: Membership) -> bytes:
    """The pages of `template` (a name in templates/pdf/ without ending) as a PDF file.

    `data` is plain (text, numbers, days, lists, dicts). Every page carries who took it and when, and its number of
    the whole. FontMissing where the fonts are not there.
    """
    folder = Path(settings.FONT_DIR)
    if not all((folder / name).is_file() for name in FONTS):
        raise FontMissing
    page = {
        "taken": _("Taken by %(name)s (%(organisation)s) at %(at)s")
        % {
            "name": actor.user.name,
            "organisation": actor.organisation.name,
            "at": clock.now().astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"),
        },
        "mark": f"{actor.user.name} {clock.today().isoformat()}",
        "pages": [_("Page"), _("of"), _("pages")],
    }
    words = json.dumps({**data, "page": page}, cls=DjangoJSONEncoder, ensure_ascii=False)
    return typst.compile(
        str(FOLDER / f"{template}.typ"),
        root=str(FOLDER),
        font_paths=[str(folder)],
        ignore_system_fonts=True,
        sys_inputs={"data": words},
    )
