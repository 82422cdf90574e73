"""How the lists of the intake are narrowed."""

from __future__ import annotations

import django_filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from portal.choices import ImportState, IssueLevel, RowOutcome, UndoOutcome
from portal.lists.words import SearchFilter
from portal.models import ImportBatch, ImportIssue, ImportRow
from portal.text import compact


class ImportFilter(django_filters.FilterSet):
    q = SearchFilter(field_name="file__name", label=_("File"))
    state = django_filters.ChoiceFilter(choices=ImportState.choices, label=_("State"))

    class Meta:
        model = ImportBatch
        fields = ("state",)


class RowFilter(django_filters.FilterSet):
    q = SearchFilter(method="by_words", label=_("Number or title"))
    outcome = django_filters.ChoiceFilter(choices=RowOutcome.choices, label=_("Outcome"))

    class Meta:
        model = ImportRow
        fields = ("outcome",)

    def by_words(self, queryset: QuerySet[ImportRow], name: str, value: str) -> QuerySet[ImportRow]:
        """Number as anybody writes it, or a part of the title."""
        number = compact(value).upper().removeprefix("CN").removeprefix("ZL").replace(".", "")
        by_number = queryset.filter(key__startswith=number) if number else queryset.none()
        return by_number | queryset.filter(values__title__icontains=value.strip())


class UndoneFilter(RowFilter):
    """Rows of an import that was taken back."""

    outcome = django_filters.ChoiceFilter(
        field_name="undo_outcome", choices=UndoOutcome.choices, label=_("What became of it")
    )


class IssueFilter(django_filters.FilterSet):
    level = django_filters.ChoiceFilter(choices=IssueLevel.choices, label=_("Severity"))

    class Meta:
        model = ImportIssue
        fields = ("level",)


def issue_filter(rules: list[tuple[str, str]]) -> type[django_filters.FilterSet]:
    """The filter of one file's issues: its rules are offered by their titles."""

    class FileIssueFilter(IssueFilter):
        rule = django_filters.ChoiceFilter(choices=rules, label=_("What was found"))

    return FileIssueFilter
