"""The rules of lists of organisations in words: a title for the group, what was expected and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from inventory.importing.table_words import Words, in_words
from portal.choices import OrganisationKind
from portal.intake.registry import IssueWords

WORDS: Final[Words] = {
    # codes
    "code_missing": (
        _("Credit code missing"),
        _(
            "A new organisation needs its unified social credit code (统一社会信用代码, 18 characters). Write it "
            "into the row; for a university the code of the Ministry's list (学校标识码) does as well."
        ),
    ),
    "code_length": (
        _("Credit code of a wrong length"),
        _(
            "A unified social credit code has 18 characters; this one has %(length)s. Copy it anew from the "
            "licence, and format the column as text."
        ),
    ),
    "code_check": (
        _("Credit code with a wrong check character"),
        _(
            "The last of the 18 characters does not fit the others (GB 32100-2015), or a letter stands in it that "
            "no code has (I, O, S, V, Z). Compare it with the licence and correct the cell."
        ),
    ),
    "code_differs": (
        _("Another credit code is known"),
        _(
            "“%(organisation)s” has the code %(suggestion)s. Correct the code or the name, or have the code changed "
            "on the organisation's page."
        ),
    ),
    "school_code": (
        _("Code of the Ministry of a wrong shape"),
        _(
            "Expected: 学校标识码 with 10 digits such as 4111010001, or the last five of them. Correct the cell, or "
            "leave it empty."
        ),
    ),
    "short_code": (
        _("Short code of a wrong shape"),
        _("At most 32 letters, digits and hyphens. Correct the cell, or leave it empty."),
    ),
    "short_code_taken": (
        _("Short code of another organisation"),
        _("“%(organisation)s” has this short code. Choose another one, or leave the cell empty."),
    ),
    # names
    "name_taken": (
        _("Name of another organisation"),
        _(
            "“%(organisation)s” (%(code)s) goes or went by this name. Correct the name; if both are the same, write "
            "its code into the row."
        ),
    ),
    "active_again": (
        _("Is deactivated so far"),
        _("The organisation becomes active again. Remove the row if it should not."),
    ),
    # kinds
    "kind_unknown": (
        _("Kind in unknown words"),
        _(
            "Expected: 高校, 科研院所, 医院, 主管部门, 区知识产权局 or 服务机构. Correct the cell; empty, it is "
            "told by the name."
        ),
    ),
    "kind_missing": (
        _("Kind not said"),
        _(
            "Neither a column nor the name says what it is. Write 高校, 科研院所, 医院, 主管部门, 区知识产权局 or "
            "服务机构 into the column of kinds (机构类型)."
        ),
    ),
    "kind_from_name": (
        _("Kind told by the name"),
        _("The file does not say it; by its name: %(kind)s. Write it into the row if it is not."),
    ),
    "kind_enterprise": (
        _("An enterprise"),
        _("Enterprises come with the list of enterprises. Put the row into such a list."),
    ),
    "kind_differs": (
        _("Another kind is known"),
        _(
            "“%(organisation)s” is entered as %(kind)s, and a list does not change that. Correct the row, or ask "
            "the system administrator."
        ),
    ),
    "not_by_list": (
        _("Not changed by a list"),
        _(
            "“%(organisation)s” is the lead bureau or the operator of the portal. Remove the row; its page is where "
            "it is changed."
        ),
    ),
    # place, affiliation, bureau
    "district_unknown": (
        _("District not known"),
        _(
            "Expected: one of the 16 districts or 北京经济技术开发区. Correct the cell, or leave it empty."
        ),
    ),
    "outside_city": (
        _("Outside Beijing"),
        _("Only organisations in Beijing take part. Remove the row, or correct the place."),
    ),
    "affiliation_word": (
        _("Affiliation in unknown words"),
        _("Expected: 市属, 部属 or 其他. Correct the cell, or leave it empty."),
    ),
    "affiliation_unsaid": (
        _("Affiliation not said"),
        _("It is entered as 其他. Write 市属 or 部属 into the row if it is one of them."),
    ),
    "only_school_code": (
        _("Without credit code so far"),
        _(
            "It is entered with the Ministry's code alone. A later list with 统一社会信用代码 adds it."
        ),
    ),
    "bureau_unknown": (
        _("Bureau not in the portal"),
        _(
            "The row is taken without it. Put the bureau on a list of organisations (主管部门) and upload this file "
            "again."
        ),
    ),
}


def words(rule: str, params: Mapping[str, Any]) -> IssueWords:
    """A rule in the reader's language, kinds of organisation by their names."""
    if kind := params.get("kind"):
        params = {**params, "kind": dict(OrganisationKind.choices).get(kind, kind)}
    return in_words(WORDS, rule, params)
