"""Legal dates of a patent: term, days in force, annual fees, surcharge, the cut-off day.

Sources: 专利法 第39条, 第40条 (the right takes effect on announcement), 第42条 (20, 10 and 15 years from
the filing date), 第43条 and 第44条 (annual fees); 专利法实施细则 第5条 (periods), 第115条 (grace of
six months, surcharge); the fee standard of 2017 and 专利审查指南 第五部分第九章. All pure; days are
``datetime.date``, money is yuan as ``Decimal``, ``kind`` is ``invention``, ``utility`` or ``design``.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from portal.calendar import is_provisional, next_working_day

#: Designs filed before the fourth revision of the law came into force keep ten years.
DESIGN_FIFTEEN_FROM: Final = date(2021, 6, 1)
GRACE_MONTHS: Final = 6
#: Gazettes of inventions came out on Wednesdays up to here; since then on Tuesdays and Fridays.
WEDNESDAY_GAZETTE_UNTIL: Final = date(2017, 12, 31)

_TUESDAY, _WEDNESDAY, _FRIDAY = 1, 2, 4
_ONE_DAY: Final = timedelta(days=1)
_YEARS: Final = {"invention": 20, "utility": 10, "design": 15}

#: (last year of the step, yuan a year).
FEE_STEPS: Final[dict[str, tuple[tuple[int, int], ...]]] = {
    "invention": ((3, 900), (6, 1200), (9, 2000), (12, 4000), (15, 6000), (20, 8000)),
    "utility": ((3, 600), (5, 900), (8, 1200), (10, 2000)),
    "design": ((3, 600), (5, 900), (8, 1200), (10, 2000), (15, 3000)),
}
#: Yuan by kind; the place in the tuple is the patent year less one.
_FEES: Final[dict[str, tuple[Decimal, ...]]] = {
    kind: tuple(
        Decimal(next(yuan for last, yuan in steps if year <= last))
        for year in range(1, steps[-1][0] + 1)
    )
    for kind, steps in FEE_STEPS.items()
}
#: Share of the fee that is waived for ten years from grant: one holder, several holders.
WAIVED_SINGLE: Final = Decimal("0.85")
WAIVED_JOINT: Final = Decimal("0.70")
WAIVED_YEARS: Final = 10
SURCHARGE_STEP: Final = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class AnnualFee:
    """The fee of patent year ``year_no`` in yuan: last day to pay, and last day with a surcharge.

    ``is_provisional`` says that the holidays of that time are not published yet, so that the two
    days may still move.
    """

    year_no: int
    due_on: date
    amount: Decimal
    grace_ends_on: date
    is_provisional: bool


# --- periods -------------------------------------------------------------------------------------


def anniversary(day: date, years: int) -> date:
    """Return the same day ``years`` later; 29 February becomes the 28th where the year has none.

    细则 第5条: a period counted in years ends on the same day of the last month, or on that
    month's last day.
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def months_later(day: date, months: int) -> date:
    """Return the same day ``months`` later, or the last day of that month (细则 第5条)."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, last)
        except ValueError:
            continue
    raise AssertionError("Every month has 28 days")


# --- term ----------------------------------------------------------------------------------------


def term_years(kind: str, filed_on: date) -> int:
    """Return 20, 10 or 15 (专利法 第42条); 10 for a design filed before 2021-06-01."""
    if kind == "design" and filed_on < DESIGN_FIFTEEN_FROM:
        return 10
    return _YEARS[kind]


def term_end(kind: str, filed_on: date) -> date:
    """Return 期满终止日, the anniversary of filing: the first day on which the right is gone.

    It is not moved for holidays. A compensation of the term (细则 第77条) is not in it.
    """
    return anniversary(filed_on, term_years(kind, filed_on))


def last_day_in_force(kind: str, filed_on: date) -> date:
    """Return the last day of the term, the day before ``term_end``."""
    return term_end(kind, filed_on) - _ONE_DAY


def is_within_term(kind: str, filed_on: date, granted_on: date | None, on_day: date) -> bool:
    """Tell whether the day lies between the grant (included) and the end of the term (excluded)."""
    return granted_on is not None and granted_on <= on_day < term_end(kind, filed_on)


def is_granted_by(granted_on: date | None, cut_off: date) -> bool:
    """Tell whether the grant was announced on or before the cut-off day of a campaign."""
    return granted_on is not None and granted_on <= cut_off


def full_years(filed_on: date, on_day: date) -> int:
    """Return 维持年限: the full years since the filing date, never negative."""
    years = on_day.year - filed_on.year
    return max(0, years - (anniversary(filed_on, years) > on_day))


def is_unusual_grant_day(granted_on: date) -> bool:
    """Tell whether the weekday deserves a warning: grants are announced on Tuesdays and Fridays.

    Wednesdays pass up to the end of 2017, when the gazettes still came out on them.
    """
    weekday = granted_on.weekday()
    if weekday == _WEDNESDAY:
        return granted_on > WEDNESDAY_GAZETTE_UNTIL
    return weekday not in {_TUESDAY, _FRIDAY}


def utility_model_ends_on(invention_granted_on: date) -> date:
    """Return the day a utility model filed with the invention on one day ends (细则 第47条)."""
    return invention_granted_on


# --- annual fees ---------------------------------------------------------------------------------


def annual_fee_amount(kind: str, year_no: int) -> Decimal:
    """Return the full fee in yuan of a patent year (from 1); ``ValueError`` outside the term."""
    fees = _FEES[kind]
    if not 1 <= year_no <= len(fees):
        raise ValueError(f"A {kind} has no patent year {year_no}")
    return fees[year_no - 1]


def patent_year(filed_on: date, on_day: date) -> int:
    """Return the patent year a day lies in: 1 from the filing date to the day before a year on."""
    return full_years(filed_on, on_day) + 1


def next_annual_fee(
    kind: str, filed_on: date, granted_on: date | None, on_day: date
) -> AnnualFee | None:
    """Return the first fee that can still be paid without grace on ``on_day``.

    The fee of a patent year is due before the year before it ends, that is by the anniversary of
    filing, or the next working day. The year of the grant is paid at registration. None before
    the grant, and when no patent year is left.
    """
    if granted_on is None:
        return None
    years_gone = max(full_years(filed_on, max(on_day, granted_on)), 1)
    if years_gone >= patent_year(filed_on, granted_on):
        fee = _fee_after(kind, filed_on, years_gone)
        if fee is None or fee.due_on >= on_day:
            return fee
    first_year = max(years_gone + 1, patent_year(filed_on, granted_on))
    return _fee_after(kind, filed_on, first_year)


def fee_in_grace(
    kind: str, filed_on: date, granted_on: date | None, on_day: date
) -> AnnualFee | None:
    """Return the latest fee whose day has passed while its six months of grace still run."""
    if granted_on is None:
        return None
    years_gone = full_years(filed_on, on_day)
    if years_gone < patent_year(filed_on, granted_on):
        return None
    fee = _fee_after(kind, filed_on, years_gone)
    return fee if fee is not None and fee.due_on < on_day <= fee.grace_ends_on else None


def surcharge(fee: AnnualFee, paid_on: date) -> Decimal | None:
    """Return the surcharge in yuan when the fee is paid on that day; None after the grace.

    5 % of the full fee for every month past the first (细则 第115条; 指南 第五部分第九章 2.2.1.3):
    nothing within one month, 5 % within two, up to 25 % within six.
    """
    if paid_on <= fee.due_on:
        return Decimal(0)
    if paid_on > fee.grace_ends_on:
        return None
    for months in range(1, GRACE_MONTHS):
        if paid_on <= months_later(fee.due_on, months):
            return _round(fee.amount * SURCHARGE_STEP * (months - 1))
    return _round(fee.amount * SURCHARGE_STEP * (GRACE_MONTHS - 1))


def reduced_amount(amount: Decimal, *, is_joint: bool) -> Decimal:
    """Return what is left to pay after the reduction for institutions: 15 % or, jointly, 30 %.

    Whether the reduction was granted, and for which of the ten years from grant, is not known here.
    """
    return _round(amount * (1 - (WAIVED_JOINT if is_joint else WAIVED_SINGLE)))


def _fee_after(kind: str, filed_on: date, years: int) -> AnnualFee | None:
    """Return the fee due at the anniversary after ``years`` years: that of patent year ``years + 1``."""
    if years >= term_years(kind, filed_on):
        return None
    nominal = anniversary(filed_on, years)
    due_on = next_working_day(nominal)
    grace_ends_on = next_working_day(months_later(nominal, GRACE_MONTHS))
    amount = _FEES[kind][years]
    return AnnualFee(years + 1, due_on, amount, grace_ends_on, is_provisional(grace_ends_on))


def _round(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
