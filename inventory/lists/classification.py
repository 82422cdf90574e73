"""The rows of one loaded classification edition: codes with names, or rules that lead from the IPC to codes."""

from __future__ import annotations

from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from inventory.choices import TableKind
from inventory.filters.classification import CodeFilter, RuleFilter
from inventory.models import ClassificationCode, ClassificationTable, ConcordanceRule
from inventory.models.classification import RuleEffect, reads_tables
from portal.lists import cells
from portal.lists.cells import Badge
from portal.lists.columns import Column
from portal.lists.spec import Asked, Empty, ListSpec, Ordering

TONES = {
    RuleEffect.BELONGS: "success",
    RuleEffect.PROPOSES: "waiting",
    RuleEffect.EXCLUDED: "danger",
}
NOTHING = Empty("file-search", _("This edition has no rows"))


def _named(asked: Asked, kind: TableKind) -> QuerySet[ClassificationTable]:
    tables = ClassificationTable.objects.visible_to(asked.membership)
    return tables.filter(kind=kind, pk=asked.number("table"))


def table_of(asked: Asked, kind: TableKind) -> ClassificationTable | None:
    """The edition of this kind that the address names; None for one that is hidden, of the other kind or unknown."""
    return _named(asked, kind).first()


def _codes(asked: Asked) -> QuerySet[ClassificationCode]:
    return ClassificationCode.objects.filter(table__in=_named(asked, TableKind.CODES))


def _rules(asked: Asked) -> QuerySet[ConcordanceRule]:
    return ConcordanceRule.objects.filter(table__in=_named(asked, TableKind.CONCORDANCE))


def _effect(rule: ConcordanceRule) -> list[Badge]:
    return [("tone", TONES[rule.effect], rule.effect.label)]


def _refusal(asked: Asked, kind: TableKind) -> str:
    is_there = _named(asked, kind).exists()
    return "" if is_there else gettext("This edition is not yours to read, or gone.")


def _title(asked: Asked, kind: TableKind) -> str:
    table = table_of(asked, kind)
    return f"{cells.word_of(table, 'scheme')}-{table.edition}" if table else ""


CODES = ListSpec(
    name="inventory.codes",
    label=_("Codes of an edition"),
    url_name="inventory:classification-codes",
    rows=_codes,
    filterset=CodeFilter,
    orderings={"code": Ordering(_("Code"), ("code",))},
    columns=(
        Column("code", _("Code"), lambda c: c.code, cells.CODE, "code"),
        Column("name", _("Name"), lambda c: c.name, cells.LONG),
    ),
    may_open=reads_tables,
    empty=NOTHING,
    is_stacked=True,
    scope=("table",),
    refusal=partial(_refusal, kind=TableKind.CODES),
    title=partial(_title, kind=TableKind.CODES),
)
RULES = ListSpec(
    name="inventory.rules",
    label=_("Rules of an edition"),
    url_name="inventory:classification-rules",
    rows=_rules,
    filterset=RuleFilter,
    orderings={
        "code": Ordering(_("Code"), ("code",)),
        "pattern": Ordering(_("Classes (IPC)"), ("pattern",)),
    },
    columns=(
        Column("code", _("Code"), lambda r: r.code, cells.CODE, "code"),
        Column("pattern", _("Classes (IPC)"), lambda r: r.pattern, cells.CODE, "pattern"),
        Column("keyword", _("Keyword"), lambda r: r.keyword),
        Column("effect", _("Effect"), _effect, cells.BADGES, filter="effect"),
    ),
    may_open=reads_tables,
    empty=NOTHING,
    is_stacked=True,
    scope=("table",),
    refusal=partial(_refusal, kind=TableKind.CONCORDANCE),
    title=partial(_title, kind=TableKind.CONCORDANCE),
)
