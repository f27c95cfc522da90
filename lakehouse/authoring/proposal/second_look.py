"""Roles after a second look: whose name `name` is, shops' own addresses, order numbers called name."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from lakehouse.authoring.proposal.column_forms import path_of, plain
from lakehouse.authoring.proposal.dates import instant
from lakehouse.authoring.proposal.likely_columns import with_likely
from lakehouse.authoring.proposal.looks import is_component, share
from lakehouse.authoring.proposal.meanings import is_word
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.subscriptions import SOLD, log_of_consents, membership_days, subscriptions
from lakehouse.authoring.proposal.values import Values

OWN_NUMBERS = (
    "number",
    "no",
    "id",
    "nr",
    "uuid",
    "key",
    "numero",
    "nummer",
    "num",
    "номер",
    "αριθμος",
    "numer",
    "cislo",
)


def settled(roles: dict[str, str], sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """Roles after a second look: whose name `name` is, shops' own addresses, order numbers called name."""
    chosen = with_likely(_with_order_number(_with_business_day(roles, values), sample, values), sample, values)
    for role in ("email", "phone"):  # the shop's own address on every line is no customer's
        if role in chosen and values[chosen[role]].distinct == 1 and values[chosen[role]].rows > 5:
            del chosen[role]
    parts = [name for name in sample.names if is_component(values[name]) and name not in chosen.values()]
    parts += [chosen["component"]] if "component" in chosen else []
    if parts:  # the finest: ItemPrice may hold Principal and Tax
        chosen["component"] = max(parts, key=lambda name: values[name].distinct)
    if _numbers_lines(chosen, sample):
        del chosen["till_id"]
    chosen = _in_utc(chosen, sample, values)
    chosen = _without_confirmed_orders(chosen)
    name = chosen.get("full_name")
    if name and _belongs_to_product(name, chosen, sample):
        del chosen["full_name"]
        chosen.setdefault("product_name", name)
    if _is_of_a_piece(chosen, sample):
        chosen["unit_price"] = chosen.pop("amount")
    if (event := _points_event(chosen, sample, values)) and "event" not in chosen:
        chosen = {role: column for role, column in chosen.items() if column != event} | {"event": event}
        chosen.pop("order_id", None)  # numbers the move of points
    if _tells_kinds(chosen, values):
        chosen["kind"] = chosen.pop("event")
    if log := log_of_consents(chosen, sample, values):
        chosen = {role: column for role, column in chosen.items() if column != log and role != "order_id"} | {
            "consent": log
        }
    chosen |= membership_days(chosen, sample, values)
    chosen |= subscriptions(chosen, sample, values)
    if "event" not in chosen and (kinds := _kinds_by_words(chosen, sample, values)):
        chosen["kind"] = kinds
    if "product_id" in chosen and "product_name" not in chosen:
        names = [n for n in sample.names if n not in chosen.values() and values[n].kind == "text" and _is_plain_name(n)]
        chosen |= {"product_name": names[0]} if names else {}
    if "product_id" not in chosen and not any(role in chosen for role in ("order_id", "date", "unit_price")):
        chosen.pop("product_name", None)
    return chosen


NEVER_BORN = 3  # years within which all customers of a shop are not born


def _with_business_day(roles: Mapping[str, str], values: Mapping[str, Values]) -> dict[str, str]:
    """A till's date of business is no date of birth: DOB beside amounts, all within a few years and no other day."""
    name = roles.get("birth_date", "")
    if not name or "date" in roles or not any(role in roles for role in SOLD) or plain(name) not in ("dob", "date"):
        return dict(roles)
    dates = values[name].dates
    years = {found.year for text in values[name].seen if dates and (found := instant(text, dates))}
    if not years or max(years) - min(years) >= NEVER_BORN:
        return dict(roles)
    return {**{role: column for role, column in roles.items() if role != "birth_date"}, "date": name}


def _tells_kinds(roles: Mapping[str, str], values: Mapping[str, Values]) -> bool:
    """Whether what is called an event is a kind of an order's rows: sold, or given back."""
    if "event" not in roles or "kind" in roles or "order_id" not in roles:
        return False
    words = values[roles["event"]].counts
    back = [word for word in words if is_word(word, "refund")]
    rest = [word for word in words if word not in back and not is_word(word, "void")]
    return bool(back) and bool(rest) and all(is_word(word, "sale") for word in rest)


def _kinds_by_words(roles: Mapping[str, str], sample: Sample, values: Mapping[str, Values]) -> str:
    """A column of few words, some for what is sold and some for what is given back, whatever it is called; '' for none.

    Words that have other meanings, as a `Standard` delivery or a `Return` ticket, say nothing without a name.
    """
    if any(role in roles for role in ("kind", "component", "direction")) or "date" not in roles:
        return ""
    taken = set(roles.values())
    for name in sample.names:
        words = values[name].counts if name not in taken and values[name].kind == "text" else {}
        if not 1 < len(words) <= MOST_KINDS or name in sample.paths:
            continue
        sold = [word for word in words if is_word(word, "sale") and word.lower() not in OTHER_MEANING]
        back = [word for word in words if is_word(word, "refund")]
        if sold and back and len(sold) + len(back) >= len(words) / 2:
            return name
    return ""


MOST_KINDS = 12
NAMELESS = """
standard normal online pos item items line article artikel position ticket premium donation exchange settled single
"""  # words for sales that mean something else where no name says that the column tells kinds
OTHER_MEANING = frozenset(NAMELESS.split())


def _with_order_number(roles: dict[str, str], sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """A column that is called name and numbers orders (#1001), where no other one stands on each line."""
    rows = max(1, sample.row_count)
    known = roles.get("order_id")
    if known and values[known].filled > 0.9 * rows:
        return roles
    for name in sample.names:
        numbered = share(values[name], lambda text: bool(re.fullmatch(r"#?[A-Z]{0,4}[-_]?\d{3,}([-_]\w+)?", text)))
        last = plain(path_of(name)[-1])
        is_own = last in OWN_NUMBERS and values[name].distinct == values[name].rows > 1
        has_digits = share(values[name], lambda text: bool(re.fullmatch(r"\S*\d\S*", text))) > 0.9
        if (
            last in ("name", *OWN_NUMBERS, "")
            and (numbered > 0.9 or (is_own and has_digits and not values[name].is_date))
            and values[name].filled > 0.9 * rows
        ):
            return {role: column for role, column in roles.items() if column != name} | {"order_id": name}
    return roles


UTC = ("_gmt", "_utc")


def _in_utc(roles: dict[str, str], sample: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """Of one instant that stands in local time and in UTC: the one in UTC, which needs no zone."""
    name = roles.get("date", "")
    twins = [n for n in sample.names if n != name and values[n].is_date and plain(n) in [plain(name) + e for e in UTC]]
    is_whole = bool(name) and bool(twins) and values[twins[0]].filled >= values[name].filled
    return {**{r: n for r, n in roles.items() if n != twins[0]}, "date": twins[0]} if is_whole else roles


CONFIRMED = re.compile(r"(confirm|bestaetig|bevestig|bekraeft|bekraft)\w*")
SALES = ("order_id", "product_id", "total", "gross", "amount", "net", "subtotal", "unit_price")


def _without_confirmed_orders(roles: dict[str, str]) -> dict[str, str]:
    """The day on which an order was confirmed is nobody's consent."""
    name = roles.get("consent", "")
    is_orders = CONFIRMED.fullmatch(plain(name)) and any(role in roles for role in SALES)
    return {role: column for role, column in roles.items() if role != "consent"} if is_orders else roles


PRICE = re.compile(r"(^|_)(price|preis|prix|precio|prezzo|preco|prijs|pris|cena|fiyat)(_|$)|价|単価|단가")
FEW = 3


def _is_of_a_piece(roles: Mapping[str, str], sample: Sample) -> bool:
    """Whether what is called a price and was taken as the amount stays the same while a product's quantity changes."""
    product = roles.get("product_id") or roles.get("product_name")
    if not product or "unit_price" in roles or not {"amount", "quantity"} <= set(roles):
        return False
    prices, pieces = defaultdict[str | None, set[str | None]](set), defaultdict[str | None, set[str | None]](set)
    columns = (sample.columns[name] for name in (product, roles["amount"], roles["quantity"]))
    for key, price, quantity in zip(*columns, strict=True):
        prices[key].add(price)
        pieces[key].add(quantity)
    varied = [key for key, found in pieces.items() if len(found) > 1]
    is_same = len(varied) >= FEW and all(len(prices[key]) == 1 for key in varied)
    return is_same and bool(PRICE.search(plain(roles["amount"])))


POINTS = re.compile(
    r"(loyalty_|bonus_|reward_)?(points?|punkte?|points_fidelite|puntos|punti|pontos|积分|ポイント)(_\w+)?"
)
REASONS = re.compile(
    r"transaction|movement|operation|booking|vorgang|buchung|bewegung|mouvement|movimiento|description|reason|action|activity|source|type|kind|grund|motif|motivo|art|原因|类型|说明"
)


def _points_event(roles: Mapping[str, str], sample: Sample, values: Mapping[str, Values]) -> str:
    """What happened, where rows move points and no money: few words that come again and again; '' elsewhere."""
    points = [name for name in sample.names if POINTS.fullmatch(plain(name)) and values[name].is_number]
    if not points or any(roles.get(role, points[0]) not in points for role in SOLD):
        return ""
    few = [
        n for n in sample.names if REASONS.fullmatch(plain(n)) and values[n].kind == "text" and values[n].distinct <= 30
    ]
    return few[0] if few else ""


def _numbers_lines(roles: Mapping[str, str], sample: Sample) -> bool:
    """Whether what is called pos counts an order's lines: another value on each, of one customer and day."""
    if not all(role in roles for role in ("till_id", "order_id", "customer_id", "date")):
        return False
    lines: dict[str | None, list[str | None]] = defaultdict(list)
    buyers: dict[str | None, set[tuple[str | None, ...]]] = defaultdict(set)
    columns = (sample.columns[roles[role]] for role in ("order_id", "till_id", "customer_id", "date"))
    for order, line, *buyer in zip(*columns, strict=True):
        lines[order].append(line)
        buyers[order].add(tuple(buyer))
    several = [order for order, found in lines.items() if len(found) > 1]
    counted = [order for order in several if len(set(lines[order])) == len(lines[order]) and len(buyers[order]) == 1]
    return len(several) > 2 and len(counted) >= 0.95 * len(several)


def _belongs_to_product(name: str, roles: Mapping[str, str], sample: Sample) -> bool:
    """Whether a name goes with the product rather than with the customer."""
    product = roles.get("product_id")
    customer = roles.get("customer_id") or roles.get("email")
    if product is None or not _is_plain_name(name):
        return False
    if customer is None:
        return True
    return _answers(product, name, sample) > _answers(customer, name, sample)


def _is_plain_name(name: str) -> bool:
    """Names that say nothing of whose name it is."""
    last = path_of(name.strip().lower())[-1]
    return last in (
        "name",
        "title",
        "bezeichnung",
        "nom",
        "nombre",
        "nome",
        "naam",
        "namn",
        "navn",
        "名称",
        "名前",
        "이름",
    )


def _answers(key: str, name: str, sample: Sample) -> float:
    """Share of the keys that have one name only."""
    names: dict[str | None, set[str | None]] = defaultdict(set)
    pairs: Sequence[tuple[str | None, str | None]] = list(zip(sample.columns[key], sample.columns[name], strict=True))
    for one, other in pairs:
        names[one].add(other)
    return sum(len(of_key) == 1 for of_key in names.values()) / max(1, len(names))
