"""What the touches of a channel cost in a period: so much each, and what was paid for days."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from jobs.gold.settings.attribution import ChannelGroup


def cost(group: ChannelGroup, touches: int, first: date, last: date) -> Decimal:
    """To the cent; of spending for more days than the period those within it count, each alike."""
    whole = touches * Fraction(str(group.cost_per_touch))
    for paid in group.spending:
        within = (min(paid.until_date, last) - max(paid.from_date, first)).days + 1
        days = (paid.until_date - paid.from_date).days + 1
        whole += Fraction(str(paid.amount)) * max(0, within) / days
    return Decimal(round_half_up(whole * 100)) / 100


def round_half_up(number: Fraction) -> int:
    """The nearest whole number."""
    return (2 * number.numerator + number.denominator) // (2 * number.denominator)
