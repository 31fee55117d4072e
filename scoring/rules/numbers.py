"""Exact division and the plain writing of numbers, shared by the scoring rules.

Everything is ``Decimal``. A quotient is taken to 80 digits and rounded once: inputs have at most 18 digits, so
no quotient can lie so near to a half that 80 digits would round it to the wrong side.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal

from thidua.lib.vietnamese import format_number

ZERO = Decimal(0)
HUNDRED = Decimal(100)
EXACT = Context(prec=80, rounding=ROUND_HALF_UP)
_DOWN = Context(prec=80, rounding=ROUND_DOWN)
_QUANTA = {digits: Decimal(1).scaleb(-digits) for digits in range(13)}


def rounded(value: Decimal, digits: int) -> Decimal:
    """Half up to ``digits`` decimals (workbooks.md section 3: once per criterion, never again on totals)."""
    return value.quantize(_QUANTA[digits], context=EXACT)


def quotient(numerator: Decimal, denominator: Decimal, digits: int) -> Decimal:
    """numerator ÷ denominator, half up to ``digits`` decimals; the truncated quotient keeps halves exact."""
    return rounded(_DOWN.divide(numerator, denominator), digits)


def product(*factors: Decimal) -> Decimal:
    """Exact product (the default context would cut it at 28 digits)."""
    result = factors[0]
    for factor in factors[1:]:
        result = EXACT.multiply(result, factor)
    return result


def plain(value: Decimal | int | None) -> str:
    """A number as it is typed: comma, no thousands, as many decimals as it has; never one that reads two ways.

    Exactly three decimals would be refused when read back (quality.md B15), so a zero is added.
    """
    if value is None:
        return ""
    text = format_number(value, None, thousands=False)
    return text + "0" if "," in text and len(text) - text.index(",") == 4 else text


def shown(value: Decimal | int | None) -> str:
    """A number as it is in the scheme, with thousands: 1000 -> "1.000", 0.5 -> "0,5"."""
    return format_number(value, None)
