"""Amounts that stand in several columns and in no total: paid in cash and by card, or sold at each tax rate."""

import re
from collections import defaultdict
from collections.abc import Mapping

from lakehouse.authoring.proposal.column_forms import forms, plain
from lakehouse.authoring.proposal.net_and_tax import net_and_tax
from lakehouse.authoring.proposal.roles import PAID, place_of
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.values import Values

TENDER = re.compile(
    r"((paid_)?(in_|by_)?(cash|(credit_|debit_|bank_|ec_)?cards?|voucher|coupon_payment|gift_?(card|voucher)|store_credit|cheque|paypal"
    r"|apple_pay|google_pay|contactless|(bank_)?transfer|on_account|wechat(_pay)?|alipay|bar|bargeld|karte|ec|giro(card)?"
    r"|kreditkarte|gutschein|ueberweisung|lastschrift|auf_rechnung|especes|carte(_bancaire)?|cb|virement|bon_d?_?achat"
    r"|titres?_restaurant|efectivo|tarjeta|transferencia|vale|contanti|carta|bancomat|buono|dinheiro|cartao|pix|contant|pin"
    r"|pinbetaling|cadeaubon|kontant|kort|presentkort|gotowka|karta|hotovost|kartou|nakit|kredi_karti|наличные|картой))"
    r"(_(amount|total|paid|sales|payments?|betrag|eur|usd|gbp))?|现金|银行卡|刷卡|微信(支付)?|支付宝|会员卡|储值(卡)?|现金支付"
    r"|現金|カード|クレジット(カード)?|電子マネー|商品券|현금|카드|상품권"
)
RATE = re.compile(r"\(?\b\d{1,2}([.,]\d+)? ?%\)?")
GROSS = re.compile(r"(?i)brutto|gross|ttc|umsatz|sales|ventes|ventas|vendite|omzet|incl|含税|税込|turnover|oms[aä]tt")
BASE = re.compile(r"(?i)netto|\bnet\b|\bht\b|base|taxable|imponibile|excl|税抜|未税|grondslag")
FEWEST = 2


def with_columns_added(
    sample: Sample, values: Mapping[str, Values], roles: Mapping[str, str]
) -> tuple[str, tuple[str, ...]] | None:
    """A name for the amount and the columns that it is made of; None where one column has it all.

    A column that is the amount by its values alone gives way to them; one that is called so does not.
    """
    if taxed := net_and_tax(sample, values, roles):
        return " + ".join(taxed), taxed
    if any(role in roles and place_of(role, roles[role]) is not None for role in PAID) or "date" not in roles:
        return None
    numbers = [name for name in sample.names if values[name].is_number and values[name].high > 0]
    parts = [name for name in numbers if any(TENDER.fullmatch(form) for form in forms(name))]
    parts = parts if len(parts) >= FEWEST else _by_rate(numbers)
    return (" + ".join(parts), tuple(parts)) if parts else None


def _by_rate(numbers: list[str]) -> list[str]:
    """Columns that a tax rate in their names tells apart: what was sold with tax, else what is taxed, and the tax."""
    families: dict[str, list[str]] = defaultdict(list)
    for name in numbers:
        if RATE.search(name):
            families[plain(RATE.sub(" ", name))].append(name)
    several = {stem: names for stem, names in families.items() if len(names) >= FEWEST}
    gross = [names for names in several.values() if GROSS.search(names[0]) and not BASE.search(names[0])]
    base = [names for names in several.values() if BASE.search(names[0])]
    tax = [names for stem, names in several.items() if place_of("tax", stem) is not None]
    if gross:
        return gross[0]
    return [*base[0], *tax[0]] if base and tax else []
