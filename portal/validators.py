"""Shapes of single values, shared by forms, API and import rows."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError as NumberInvalid


def validate_credit_code(value: str) -> None:
    """统一社会信用代码: 18 characters with a check character (GB 32100-2015)."""
    try:
        uscc.validate(value)
    except NumberInvalid as problem:
        raise ValidationError(
            _("%(value)s is not a unified social credit code: check the 18 characters."),
            code="credit_code",
            params={"value": value},
        ) from problem
