"""Why a file cannot be read, in words that tell the person what to do."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MESSAGES: dict[str, Promise] = {
    "wrong_type": _(
        "Files of type “%(extension)s” cannot be read. Save the list as an Excel workbook (.xlsx) or as CSV "
        "and upload that file."
    ),
    "too_large": _(
        "The file has %(megabytes)s MB; at most %(limit)s MB are accepted. Remove pictures and unused sheets, "
        "or split the list into several files."
    ),
    "empty_file": _("The file is empty (0 bytes). Check the original and upload it again."),
    "no_rows": _("The file contains no filled row. Check that you chose the right file."),
    "wrong_extension": _(
        "The name ends in %(declared)s, but the content is %(actual)s. Rename the file to match its content, "
        "or open it and save it as .xlsx."
    ),
    "web_page": _(
        "The file is a web page with the ending of a workbook, as some systems export it. Open it in Excel or WPS, "
        "save it as .xlsx and upload that file."
    ),
    "not_workbook": _(
        "The content is not an Excel workbook. Open the list in Excel or WPS, save it as .xlsx and upload that file."
    ),
    "binary_workbook": _(
        "Workbooks in binary or OpenDocument format cannot be read. Save the list as .xlsx and upload that file."
    ),
    "encrypted": _(
        "The file is protected by a password. Open it, remove the password (File, Info, Protect workbook), "
        "save it and upload it again."
    ),
    "broken": _(
        "The file is damaged or was not transferred completely. Open the original, save it again as .xlsx "
        "and upload it again."
    ),
    "unsafe_paths": _(
        "The workbook contains entries that point outside of it. It was not opened. "
        "Copy the list into a new workbook and upload that file."
    ),
    "too_many_members": _(
        "The workbook consists of more than %(limit)s parts. Copy the list into a new workbook without pictures "
        "and upload that file."
    ),
    "unpacks_too_large": _(
        "Unpacked, the workbook would take more than %(limit)s MB. It was not opened. Copy only the filled rows "
        "into a new workbook and upload that file."
    ),
    "packed_too_tightly": _(
        "The workbook is packed more tightly than real lists are (more than %(limit)s to 1) and was not opened. "
        "Copy only the filled rows into a new workbook and upload that file."
    ),
    "entities": _(
        "The workbook contains declarations (DTD, entities) that no spreadsheet program writes. It was not opened. "
        "Copy the list into a new workbook and upload that file."
    ),
    "too_many_sheets": _(
        "The workbook has more than %(limit)s sheets. Keep the sheet with the list and upload the file again."
    ),
    "too_many_rows": _(
        "Sheet “%(sheet)s” has more than %(limit)s filled rows. Split the list into several files."
    ),
    "too_many_columns": _(
        "Sheet “%(sheet)s” has content in column %(column)s; %(limit)s columns are read. "
        "Delete stray content to the right of the list."
    ),
    "too_large_area": _(
        "Sheet “%(sheet)s” stretches over %(rows)s rows and %(columns)s columns, too much to read at once. "
        "Delete stray content far from the list, or split the list."
    ),
    "cell_too_long": _(
        "A cell holds more than %(limit)s characters, the most a workbook allows (near: %(place)s). "
        "Shorten it; in a CSV file also look for a missing closing quotation mark."
    ),
    "too_many_errors": _(
        "More than %(limit)s cells hold errors or formulas without a result. "
        "Recalculate the workbook, paste the values and upload it again."
    ),
    "too_much_text": _(
        "The file holds more than %(limit)s MB of text. Split the list into several files."
    ),
    "not_text": _(
        "The file ends in %(declared)s, but its content is not text. Save the list as .xlsx or as CSV and upload that."
    ),
    "unknown_encoding": _(
        "The characters of the file cannot be read: it is neither UTF-8 nor GB18030. Save it in Excel as "
        "“CSV UTF-8” or as .xlsx and upload that file."
    ),
    "unsafe": _(
        "The file cannot be read safely and the reading was stopped. Copy only the filled rows into a new workbook "
        "and upload that file."
    ),
    "unsafe_memory": _(
        "The file cannot be read safely: opening it would take too much memory. Copy only the filled rows "
        "into a new workbook and upload that file."
    ),
    "unsafe_time": _(
        "The file cannot be read safely: opening it takes too long. Copy only the filled rows into a new workbook, "
        "or split the list."
    ),
}


class UnreadableFile(Exception):
    """An upload that cannot be read; ``str()`` of it tells the person why and what to do."""

    def __init__(self, code: str, params: Mapping[str, str | int] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.params = dict(params or {})

    def __str__(self) -> str:
        reason = self.params.get("reason")
        message = MESSAGES.get(f"{self.code}_{reason}", MESSAGES[self.code])
        return str(message) % self.params
