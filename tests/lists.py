"""What can be asked of a list, from its allow-lists: for tests that run over the registry."""

from __future__ import annotations

from collections.abc import Iterator

from django import forms

FOREIGN_WORD = "演示外部大学"
NOBODYS = 999_999_999
# choices of one filter that are asked; the soak asks all of them
FEW = 3


def values_of(name: str, target: forms.Field, most: int | None) -> Iterator[tuple[str, str]]:
    """What a field offers, the keys of what it does not, nobody's and nonsense."""
    suffixes = getattr(target.widget, "suffixes", None)
    if suffixes:
        for suffix in suffixes:
            yield from ((f"{name}_{suffix}", value) for value in ("2024-03-01", "3", "x"))
        return
    if isinstance(target, forms.ModelChoiceField):
        assert target.queryset is not None
        offered = target.queryset.values("pk")
        hidden = target.queryset.model._default_manager.exclude(pk__in=offered).order_by("-pk")
        keys = [*target.queryset[:most], *hidden[:FEW]]
        yield from ((name, str(each.pk)) for each in keys)
        yield name, str(NOBODYS)
    elif isinstance(target, forms.ChoiceField):
        values = [str(value) for value, _text in target.choices if str(value)]
        yield from ((name, value) for value in values[:most])
        yield name, FOREIGN_WORD
    else:
        yield from ((name, value) for value in ("true", "false", "演示", FOREIGN_WORD, "1"))
    yield name, "x\x00"
