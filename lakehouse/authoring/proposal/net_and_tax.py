"""An amount without tax beside its tax, and no column that has both: the total is their sum."""

import re
from collections.abc import Mapping

from lakehouse.authoring.proposal.amounts import as_number
from lakehouse.authoring.proposal.column_forms import forms
from lakehouse.authoring.proposal.roles import PAID
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values

WITHOUT_TAX = re.compile(
    r"(\w+_)?(net(to)?_?(wert|betrag|summe|umsatz|price|amount|value|total|invoice_value)|netwr|montant_ht|total_ht|ht"
    r"|hors_taxes?|importe_neto|base_imponible|imponibile|importo_netto|valor_liquido|nettobelopp|netto_?bedrag"
    r"|wartosc_netto|kwota_netto"
    r"|(amount|total|value|betrag|summe|montant|importe|importo|bedrag|belopp)_(ex(cl\w*|kl\w*)?|without|ohne|sans|sin|senza)"
    r"_(vat|tax(es)?|gst|mwst|ust|tva|iva|btw|moms|dph)|税抜(金額)?|不含税金额|未税金额)"
)
HIGHEST = 0.4  # a tax's share of what it is on
ENOUGH = 0.95
FEWEST = 2


def net_and_tax(sample: Sample, values: Mapping[str, Values], roles: Mapping[str, str]) -> tuple[str, ...]:
    """The only amount, which is without tax, and the tax beside it; () elsewhere."""
    paid = {roles[role] for role in PAID if role in roles}
    tax = roles.get("tax", "")
    if len(paid) != 1 or "date" not in roles or not tax or not values[tax].is_number or sample.paths:
        return ()
    net = next(iter(paid))
    if not any(WITHOUT_TAX.fullmatch(form) for form in forms(net)) or "unit_price" in roles:
        return ()
    numbers = [_numbers(sample, values, name) for name in (net, tax)]
    shares = [abs(part / whole) for whole, part in zip(*numbers, strict=True) if whole and part]
    is_tax = sum(share < HIGHEST for share in shares) >= ENOUGH * len(shares)
    return (net, tax) if len(shares) > FEWEST and is_tax and not _has_whole(sample, values, net, tax) else ()


def _numbers(sample: Sample, values: Mapping[str, Values], name: str) -> list[float | None]:
    amounts = values[name].amounts
    return [as_number(text, amounts.mark if amounts else ".") for text in sample.columns[name]]


def _has_whole(sample: Sample, values: Mapping[str, Values], net: str, tax: str) -> bool:
    """Whether another column is larger than the net amount: it may have the tax in it already."""
    others = [name for name in sample.names if name not in (net, tax) and values[name].kind == "decimal"]
    return any(values[name].high > values[net].high for name in others)
