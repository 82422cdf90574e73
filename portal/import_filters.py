"""How the lists of the intake are narrowed."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portal.choices import ImportState, IssueLevel, RowOutcome, UndoOutcome
from portal.intake import recognition
from portal.intake.wording import words_of
from portal.lists.words import SearchFilter
from portal.models import ImportBatch, ImportIssue, ImportRow
from portal.text import compact


class ImportFilter(django_filters.FilterSet):
    q = SearchFilter(field_name="file__name", label=_("File"))
    state = django_filters.ChoiceFilter(choices=ImportState.choices, label=_("State"))

    class Meta:
        model = ImportBatch
        fields = ("state",)


class OfOneFile(django_filters.FilterSet):
    """Rows or issues of one import: offered are the rules that found something in it, by their titles."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = self._batch()
        if "rule" in self.filters:
            self.filters["rule"].extra["choices"] = rules_of(self.batch) if self.batch else []

    def _batch(self) -> ImportBatch | None:
        named = self.request.GET.get("batch", "") if self.request is not None else ""
        if not named.isdecimal() or len(named) > 18:
            return None
        membership = self.request.membership
        return ImportBatch.objects.visible_to(membership).filter(pk=named).exclude(kind="").first()


def rules_of(batch: ImportBatch) -> list[tuple[str, str]]:
    """(rule, title) of what was found in a file, in the order of the titles."""
    importer = recognition.importer_of(batch)
    found = batch.issues.order_by().values_list("rule", flat=True).distinct()
    return sorted(((rule, words_of(importer, rule, {}).title) for rule in found), key=itemgetter(1))


def with_words(rows: QuerySet[ImportRow], text: str) -> QuerySet[ImportRow]:
    """Rows with this number, as anybody writes it, or this part of the title (of a person: of the name)."""
    number = compact(text).upper().removeprefix("CN").removeprefix("ZL").replace(".", "")
    by_number = Q(key__startswith=number) if number else Q()
    words = text.strip()
    return rows.filter(
        by_number | Q(values__title__icontains=words) | Q(values__name__icontains=words)
    )


class RowFilter(OfOneFile):
    q = SearchFilter(method="by_words", label=_("Number or name"))
    outcome = django_filters.ChoiceFilter(choices=RowOutcome.choices, label=_("Outcome"))
    rule = django_filters.ChoiceFilter(method="by_rule", choices=(), label=_("What was found"))

    class Meta:
        model = ImportRow
        fields = ("outcome",)

    def by_words(self, queryset: QuerySet[ImportRow], name: str, value: str) -> QuerySet[ImportRow]:
        return with_words(queryset, value)

    def by_rule(self, queryset: QuerySet[ImportRow], name: str, value: str) -> QuerySet[ImportRow]:
        """Rows in which this was found."""
        if self.batch is None:
            return queryset.none()
        return queryset.filter(line__in=self.batch.issues.filter(rule=value).values("line"))


class UndoneFilter(RowFilter):
    """Rows of an import that was taken back."""

    rule = None
    undone = django_filters.ChoiceFilter(
        field_name="undo_outcome", choices=UndoOutcome.choices, label=_("What became of it")
    )


class IssueFilter(OfOneFile):
    q = SearchFilter(method="by_words", label=_("Number or name"))
    level = django_filters.ChoiceFilter(choices=IssueLevel.choices, label=_("Severity"))
    rule = django_filters.ChoiceFilter(choices=(), label=_("What was found"))

    class Meta:
        model = ImportIssue
        fields = ("level",)

    def by_words(
        self, queryset: QuerySet[ImportIssue], name: str, value: str
    ) -> QuerySet[ImportIssue]:
        """Issues of the rows whose number or title this is."""
        if self.batch is None:
            return queryset.none()
        return queryset.filter(line__in=with_words(self.batch.rows.all(), value).values("line"))
