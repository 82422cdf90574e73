"""The rules of personnel lists in words: a title for the group, what was expected and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portal.intake.registry import IssueWords

WORDS: Final[Mapping[str, tuple[Any, Any]]] = {
    # shapes
    "name_missing": (
        _("Name missing"),
        _("A row needs the person's name (姓名). Fill in the cell."),
    ),
    "name_shape": (
        _("Not a name"),
        _("A name has at most 80 characters and no digits. Correct the cell, or remove the row."),
    ),
    "several_names": (
        _("Several names in one cell"),
        _("One row holds one person. Give each a row of their own."),
    ),
    "too_long": (_("Text too long"), _("At most %(limit)s characters. Shorten the cell.")),
    "destroyed": (
        _("Value destroyed by the spreadsheet"),
        _(
            "The spreadsheet no longer holds the value as written. Format the column as text, type the value again and "
            "upload the file again."
        ),
    ),
    "phone_shape": (
        _("Phone number of a wrong shape"),
        _(
            "Expected: a mobile number of 11 digits that begins with 1, or a fixed line as 010-12345678. Where the "
            "spreadsheet shows 1.38E+10, format the column as text. Correct the cell, or leave it empty."
        ),
    ),
    "email_shape": (
        _("Mail address of a wrong shape"),
        _("Expected: name@example.edu.cn. Correct the cell, or leave it empty."),
    ),
    "masked": (
        _("Contact shown in part only"),
        _("A list shows contacts masked. Nothing is taken from this cell; what is known stays."),
    ),
    "category_word": (
        _("Category in unknown words"),
        _(
            "Expected: 教师, 学生, 退休, 离职 or 其他. Correct the cell, or leave it empty for 教师."
        ),
    ),
    "unit_unknown": (
        _("No such unit"),
        _(
            "Write the unit as it stands in the tree of your organisation, or have it added there first."
        ),
    ),
    "unit_unknown_near": (
        _("No such unit"),
        _("Did you mean “%(near)s”? Write the unit as it stands in the tree of your organisation."),
    ),
    "unit_several": (
        _("Several units have this name"),
        _(
            "Write the unit above before it, with a slash: 上级单位/下级单位, or leave the cell empty."
        ),
    ),
    # the file against itself
    "duplicate_in_file": (
        _("Person repeated in the file"),
        _("The same person as in row %(line)s; taken once. Nothing needs to be done."),
    ),
    "duplicate_differs": (
        _("Two rows of one person contradict each other"),
        _(
            "Row %(line)s says otherwise about the same person. Keep the right row and remove the other; two people of "
            "one name and unit need their staff numbers."
        ),
    ),
    "number_twice": (
        _("Staff number given to two people"),
        _("Row %(line)s has this staff number with another name. Correct one of the two."),
    ),
    # the file against the list
    "name_collision": (
        _("Namesake: one person or two"),
        _(
            "Known already: %(others)s. Nothing in the row says whether it is the same person, so the row is entered "
            "apart and waits under “Namesakes” for your decision. A staff number in the file answers it at once."
        ),
    ),
    "several_fit": (
        _("Fits several persons"),
        _("%(others)s fit equally well. Add the staff number (工号) to the row."),
    ),
    "number_of_other": (
        _("Staff number of somebody else"),
        _("On the list this number belongs to %(others)s. Correct the number or the name."),
    ),
    "not_in_unit": (
        _("Person outside your unit"),
        _("You keep the list of your own unit. Ask the institution's manager for others."),
    ),
    "has_left": (
        _("Retired or left, and has an account"),
        _(
            "The person is put on the list of proposed leavers; nothing happens to the account before you confirm it "
            "there."
        ),
    ),
    "no_account_gone": (_("No account: retired or left"), _("On the list, without an account.")),
    "no_account_student": (
        _("No account: student"),
        _("A teacher among the inventors is asked in the place of a student."),
    ),
    "no_account_patent": (
        _("No account: no patent names this person"),
        _(
            "On the list, without an account. If the person is to fill in all the same, upload with accounts for "
            "everybody, or invite the person."
        ),
    ),
    "no_account_doubtful": (
        _("No account: namesake"),
        _("Decide first whether it is the same person; then invite the person."),
    ),
    "changed_meanwhile": (
        _("The list changed meanwhile"),
        _("Somebody changed this person after the preview. Upload the row again."),
    ),
}


def words(rule: str, params: Mapping[str, Any]) -> IssueWords:
    """A rule in the reader's language; without parameters only the title matters."""
    title, text = WORDS[rule]
    return IssueWords(str(title), str(text) % params if params or "%(" not in str(text) else "")
