"""Currencies whose unit has a thousand parts: 6.905 dinars are six and a fraction, and no thousands."""

import re
from dataclasses import replace

from lakehouse.authoring.proposal.amounts import currency_code
from lakehouse.authoring.proposal.roles import currency_in
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values

THOUSANDTHS = ("KWD", "BHD", "OMR", "TND", "JOD", "IQD", "LYD")  # ISO 4217: three decimals
THREE = re.compile(r"[^0-9]*\d+([.,])\d{3}[^0-9]*")


def with_thousandths(sample: Sample, values: dict[str, Values]) -> dict[str, Values]:
    """The values with such amounts read as decimals."""
    is_whole_file = any(_are_such(values[name]) for name in sample.names)
    such = [name for name in sample.names if is_whole_file or _tells_such(name, values[name])]
    return {**values, **{name: _as_decimals(values[name]) for name in such if _is_doubtful(values[name])}}


def _are_such(values: Values) -> bool:
    """Whether a column holds codes of such currencies alone."""
    return bool(values.counts) and all(currency_code(word) in THOUSANDTHS for word in values.counts)


def _tells_such(name: str, values: Values) -> bool:
    """Whether the name, or the signs beside the numbers, are of such a currency."""
    signs = values.amounts.signs if values.amounts else {}
    return currency_in(name) in THOUSANDTHS or (bool(signs) and all(currency_code(s) in THOUSANDTHS for s in signs))


def _is_doubtful(values: Values) -> bool:
    return values.amounts is not None and values.amounts.is_doubtful and all(map(THREE.fullmatch, values.seen))


def _as_decimals(values: Values) -> Values:
    assert values.amounts
    mark = next(found[1] for text in values.seen if (found := THREE.fullmatch(text)))
    low, high = values.amounts.low / 1000, values.amounts.high / 1000
    amounts = replace(values.amounts, mark=f"{mark}3", is_whole=False, is_doubtful=False, low=low, high=high)
    return replace(values, kind="decimal", amounts=amounts)
