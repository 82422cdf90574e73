"""Masked contacts in templates."""

from django import template

from portal.text import mask_contact

register = template.Library()


@register.filter
def masked(text: str | None) -> str:
    """A telephone number or mail address with its middle hidden."""
    return mask_contact(text) if text else ""
