"""The rules of base lists in words: a title for the group, and what was expected and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.importing.number_offers import in_words
from inventory.importing.problems import EXPECTED
from inventory.numbers import display
from portal.intake.registry import IssueWords

#: Titles of what a cell parser found; the text is the parser's own sentence.
CELL_TITLES: Final[Mapping[str, Any]] = {
    "blank": _("Application number missing"),
    "destroyed": _("Application number destroyed by the spreadsheet"),
    "check_digit": _("Check character wrong"),
    "length": _("Application number too short or too long"),
    "year": _("Year of the application number impossible"),
    "kind": _("Kind digit of the application number impossible"),
    "foreign": _("Foreign or international application"),
    "software_copyright": _("Software copyright, not a patent"),
    "defence": _("Defence patent"),
    "publication_number": _("Publication number instead of the application number"),
    "application_number": _("Application number instead of the publication number"),
    "not_a_number": _("No application number"),
    "kind_of_patent": _("Not one of the three kinds of patent"),
    "date": _("Day cannot be read"),
    "date_year_only": _("Only the year is given"),
    "date_month_only": _("Only year and month are given"),
    "date_impossible": _("Day does not exist"),
    "date_range": _("Day out of range"),
    "ipc": _("Class cannot be read"),
    "locarno": _("Locarno class cannot be read"),
}

#: Rules about rows, as (title, text); `%(…)s` are filled from the issue's parameters.
ROW_WORDS: Final[Mapping[str, tuple[Any, Any]]] = {
    "cell_error": (
        _("Cell holds an error of the spreadsheet"),
        _("Correct the formula, or replace it by its value, and upload the file again."),
    ),
    "formula": (
        _("Formula without a result"),
        _("Recalculate the workbook or paste the value, save and upload the file again."),
    ),
    "check_computed": (
        _("Check character was missing"),
        _("It was computed: %(number)s. Compare with the certificate."),
    ),
    "kind_differs": (
        _("Kind of patent disagrees with the number"),
        _("The number decides: %(number)s. Correct the column if the number is right."),
    ),
    "url": (
        _("Link not taken"),
        _("A link that begins with http:// or https:// and has at most 500 characters."),
    ),
    "status_word": (
        _("Legal status in unknown words"),
        _("The word was not taken. Use 有效, 失效 or 审中, or the register's event names."),
    ),
    "status_unstated": (
        _("Legal status left open"),
        _(
            "%(count)s rows give the last event only (for example 授权), which does not say whether the patent is "
            "still in force. Their status stays unknown until a file says it."
        ),
    ),
    "grant_missing": (
        _("No column with the day of grant"),
        _(
            "Without 授权公告日 no patent can be put on the base list of a campaign. Add the column and upload again."
        ),
    ),
    "holders_missing": (
        _("No column with the holders"),
        _("New patents are entered with %(name)s as their only holder."),
    ),
    "holders_blank": (
        _("No holder given"),
        _("If the patent is new, your institution is entered as its only holder."),
    ),
    "holder_foreign": (
        _("Row of another holder"),
        _(
            "Your institution is not among the holders. Remove the row, or have a former name of your institution "
            "added to its record."
        ),
    ),
    "holder_conflict": (
        _("Number held by others"),
        _(
            "This number cannot be entered for your institution. Check the number; if it is right, ask the lead bureau."
        ),
    ),
    "holders_kept": (
        _("Holders not changed"),
        _(
            "The file leaves out an institution that the register has as a holder. The register's holders stay."
        ),
    ),
    "unit_unknown": (
        _("Unit of the patent to be assigned"),
        _(
            "No unit of your institution has this name: the patent goes in without one. Assign it in the work list, "
            "or add the unit to the tree and import again."
        ),
    ),
    "unit_several": (
        _("Unit of the patent to be assigned"),
        _(
            "Several units have this name: the patent goes in without one. Write the unit above before it, with a "
            "slash: 上级单位/下级单位, or assign it in the work list."
        ),
    ),
    "unit_differs": (
        _("Dossier assigned to another unit"),
        _("It is assigned to %(unit)s and stays so. Assign it in the work list if that is wrong."),
    ),
    "title_missing": (
        _("Title missing"),
        _("A new patent needs its title (专利名称). Fill in the cell."),
    ),
    "filed_year": (
        _("Filing day and number disagree"),
        _("The year of the filing day differs from that of the number %(number)s. Check both."),
    ),
    "days_order": (
        _("Grant before filing"),
        _("The day of grant lies before the filing day %(filed)s. Correct one of them."),
    ),
    "day_in_future": (
        _("Day in the future"),
        _("A day of grant up to today. Correct the cell."),
    ),
    "grant_weekday": (
        _("Unusual weekday of the grant"),
        _(
            "Grants are announced on Tuesdays and Fridays. Check that this is 授权公告日 and not another day."
        ),
    ),
    "duplicate_in_file": (
        _("Repeated in the file"),
        _("The same number stands in row %(line)s; the two rows are taken as one patent."),
    ),
    "same_patent_documents": (
        _("Application and grant of one patent"),
        _(
            "The published application and the granted patent (row %(line)s) are taken as one patent."
        ),
    ),
    "duplicate_differs": (
        _("Repeated rows disagree"),
        _("The title differs from that in row %(line)s, which is taken."),
    ),
    "later_grant": (
        _("Later grant, not in this campaign"),
        _("Granted after the cut-off day of “%(campaign)s”: the patent goes to the register only."),
    ),
    "not_granted": (
        _("Day of grant unknown, not on the base list"),
        _("The patent goes to the register only. Add 授权公告日 to put it on the list."),
    ),
    "out_of_scope": (
        _("Outside the scope of the campaign"),
        _("The scope of “%(campaign)s” does not take this patent: it goes to the register only."),
    ),
    "ended_before_base_day": (
        _("Ended before the base day"),
        _(
            "The patent is put on the list. If it had ended by %(day)s, request its exclusion with evidence."
        ),
    ),
    "dual_filing": (
        _("Dual filing of one creation"),
        _("Will be linked with %(other)s: same day, same holders, same creation."),
    ),
    "changed_meanwhile": (
        _("Changed by somebody else meanwhile"),
        _(
            "These fields were changed after the preview and stay as they are. Import again to compare."
        ),
    ),
}


def words(rule: str, params: Mapping[str, Any]) -> IssueWords:
    """An issue in the reader's language."""
    if rule in ROW_WORDS:
        title, text = ROW_WORDS[rule]
        return IssueWords(str(title), str(text) % _shown(params))
    title = CELL_TITLES.get(rule, _("Cell cannot be taken"))
    text = str(EXPECTED[rule]) if rule in EXPECTED else ""
    return IssueWords(str(title), " ".join(filter(None, (text, in_words(params)))))


class _Shown(dict[str, Any]):
    """Parameters as people read them; blank where only the title is wanted."""

    def __missing__(self, name: str) -> str:
        return ""


def _shown(params: Mapping[str, Any]) -> dict[str, Any]:
    return _Shown(
        {name: display(value) if name == "other" else value for name, value in params.items()}
    )
