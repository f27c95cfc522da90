"""Money beside the amount that is not used: a second price, a deposit, a rebate on some rows; each is asked."""

import re
from collections.abc import Sequence

from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.money import DEPOSITS
from lakehouse.authoring.proposal.plan import Plan

PRICES = re.compile(
    r"(^|_)(price|preis|prix|precio|prezzo|preco|prijs|pris|cena|fiyat|ar|hinta)(_|$)|价|単価|단가|цена"
)
LISTED = re.compile(  # what it cost elsewhere, before, or the shop itself
    r"rrp|msrp|uvp|list|compare|original|before|regular|recommended|strike|old|was|vorher|statt|empf|einkauf|\bek_|cost|purchase|barr|retail|consumer|verbraucher"
)
TAX_FLAGS = re.compile(
    r"(incl|inkl|include|inclus|includ|ttc|brutto|gross|enthalten|contenu|compris|含|込|포함).*(tax|vat|gst|mw_?st|u_?st|steuer|tva|iva|btw|moms|dph|kdv|税|세)"
    r"|(tax|vat|gst|mw_?st|u_?st|steuer|tva|iva|btw|moms|dph|kdv|税|세).*(incl|inkl|includ|enthalten|inclus|compris|contained|含|込|포함)"
)
ELSEWHERE = re.compile(  # money that is in a total or is not, as everywhere
    r"ship|deliver|versand|porto|fracht|freight|envio|livraison|tip|trinkgeld|fee|gebuehr|commission|provision|tax|steuer|mwst|vat|tva|iva|cost"
    r"|balance|saldo|point|weight|gewicht|运费|税|手续费|佣金|送料|手数料|배송비|수수료"
)
FEW = 0.5  # share of the rows that have such money


def ask_about_side_amounts(plan: Plan, unused: Sequence[str]) -> None:
    """Ask about each such column."""
    for name in unused:
        if any(name in sentence for sentence in plan.notes.asked):
            continue
        values, word = plan.values[name], plain(name)
        if values.kind == "flag" and TAX_FLAGS.search(word):
            plan.notes.ask(f"{name} is yes on some rows and no on others, and not used: is a tax to be added there?")
        elif values.is_number and DEPOSITS.search(word) and values.high > 0:
            plan.notes.ask(f"{name} is not used: is it in the amount? What is given back later is no sale")
        elif values.is_number and _is_second_price(plan, name, word):
            plan.notes.ask(f"{plan.roles['unit_price']} is taken as the price, and {name} is not used: is that so?")
        elif values.kind == "decimal" and not ELSEWHERE.search(word) and _is_on_some(plan, name):
            plan.notes.ask(f"{name} has money on some rows and is not used: does it lower the amount, or add to it?")


def _is_second_price(plan: Plan, name: str, word: str) -> bool:
    price = plan.roles.get("unit_price")
    return bool(price) and name != price and bool(PRICES.search(word)) and not LISTED.search(word)


def _is_on_some(plan: Plan, name: str) -> bool:
    """Whether fewer than half of the rows have an amount there, and none more than the row's own."""
    amount = next((plan.roles[role] for role in ("total", "gross", "amount", "net") if plan.has(role)), "")
    if not amount or name in plan.sample.sums.get(amount, ()) or name in plan.sample.differences.get(amount, ()):
        return False
    pairs = [(part, whole) for part, whole in zip(plan.numbers(name), plan.numbers(amount), strict=True) if part]
    is_some = 1 < len(pairs) <= FEW * plan.sample.row_count
    return is_some and all(whole is not None and 0 < abs(part) <= abs(whole) for part, whole in pairs)
