"""What a file is read as: its columns' values and roles, and what they say together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from lakehouse.authoring.proposal import roles as roles_of
from lakehouse.authoring.proposal.amounts import as_number
from lakehouse.authoring.proposal.column_forms import plain
from lakehouse.authoring.proposal.columns_added_up import with_columns_added
from lakehouse.authoring.proposal.dates import instant
from lakehouse.authoring.proposal.explanations import without_explanations
from lakehouse.authoring.proposal.expressions_of import EPOCHS, Reader, quoted
from lakehouse.authoring.proposal.file_names import day_of
from lakehouse.authoring.proposal.made_columns import with_made_columns
from lakehouse.authoring.proposal.meanings import DOT_ABOVE, holds_word, is_word
from lakehouse.authoring.proposal.merged_cells import with_cells_filled
from lakehouse.authoring.proposal.nested import BACK, flattened, items_of
from lakehouse.authoring.proposal.notes import Notes
from lakehouse.authoring.proposal.sniffing import Sample
from lakehouse.authoring.proposal.thousandths import with_thousandths
from lakehouse.authoring.proposal.two_sides import with_customers_side
from lakehouse.authoring.proposal.values import CENTURY, Values, judged
from lakehouse.authoring.proposal.wrapped_values import unwrapped, with_plain_digits


@dataclass
class TargetPlan:
    """One target as it will be written; `notes` become comments above it."""

    table: str
    columns: dict[str, str]
    where: str = ""
    discard: dict[str, str] = field(default_factory=dict)
    group_by: list[str] = field(default_factory=list)
    flags: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    explode: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Items:
    """Lines that stand in a list inside each order's row: in a column, or at a path of keys in its object."""

    column: str
    path: str
    sample: Sample
    values: Mapping[str, Values]
    roles: Mapping[str, str]
    owners: Sequence[int]
    is_minor: bool = False

    @property
    def read(self) -> Reader:
        """The writer of expressions over an element; its amounts count minor units where the orders' do."""
        return Reader(
            self.sample, self.values, whole_amounts(self.roles, self.values) if self.is_minor else frozenset()
        )

    def explode(self) -> dict[str, str]:
        """The target's `explode`."""
        keys = [name for name in self.sample.names if name not in self.sample.paths]
        fields = ", ".join(f"{f'`{key}`' if not key.isidentifier() else key}: STRING" for key in keys)
        path = {"path": self.path} if self.path else {}
        return {"column": self.column, **path, "as": self.sample.item, "schema": f"ARRAY<STRUCT<{fields}>>"}


@dataclass(frozen=True)
class Plan:
    """What a file is read as."""

    sample: Sample
    values: Mapping[str, Values]
    roles: Mapping[str, str]
    channel: str
    items: Items | None = None
    notes: Notes = field(default_factory=Notes)

    @property
    def read(self) -> Reader:
        """The writer of expressions."""
        return Reader(self.sample, self.values, self.minor)

    @cached_property
    def minor(self) -> frozenset[str]:
        """Amounts that count minor units, as payment services' programs write them: whole, beside `usd` and seconds.

        Or in a fixed width behind zeros. Or whole in an object with their currency, `amount: {value: 1249, currency:
        EUR}`; units have decimals there.
        """
        whole = whole_amounts(self.roles, self.values)
        if any(self._is_beside_its_currency(name) for name in whole):
            return whole
        if padded := frozenset(name for name in whole if is_padded(self.values[name])):
            return padded
        code, date = self.roles.get("currency"), self.roles.get("date")
        if not code or not date or self.values[date].dates or not self.values[date].pattern:
            return frozenset()
        if any(text != text.lower() for text in self.values[code].seen) or self.values[date].pattern not in EPOCHS:
            return frozenset()
        return whole

    def _is_beside_its_currency(self, name: str) -> bool:
        holder, _, key = name.rpartition(".")
        beside = [other for other in self.sample.paths if other.rpartition(".")[0] == holder]
        is_money = len(beside) <= MOST_OF_MONEY and f"{holder}.currency" in beside
        return bool(holder) and key in ("amount", "value", "total") and is_money

    def has(self, *roles: str) -> bool:
        """Whether all these roles are filled."""
        return all(role in self.roles for role in roles)

    def column_values(self, name: str) -> list[str | None]:
        """A column's values, row by row."""
        return self.sample.columns[name]

    def numbers(self, name: str, most: int | None = None) -> list[float | None]:
        """A column's numbers, row by row, of so many rows at most; None where it has none."""
        return _floats(self.sample, self.values, name, most)

    @cached_property
    def days(self) -> list[str]:
        """Each row's day as text, '' where there is none."""
        name = self.roles.get("date")
        if not name:
            return [""] * self.sample.row_count
        dates = self.values[name].dates
        if dates is None:
            width = 5 if self.values[name].pattern != CENTURY else None
            return [(text or "")[:width] for text in self.column_values(name)]
        made = {text: instant(text, dates) for text in set(self.column_values(name)) if text}
        return [str(made[text].date()) if text and made.get(text) else "" for text in self.column_values(name)]  # type: ignore[union-attr]

    @cached_property
    def refund_rows(self) -> list[bool]:
        """Which rows say that they are refunds."""
        name = self.roles.get("kind")
        if not name:
            return [False] * self.sample.row_count
        return [bool(text) and holds_word(str(text), "refund") for text in self.column_values(name)]

    @cached_property
    def rows_by_order(self) -> dict[str, list[int]]:
        """Order number -> its rows that are sales and count, in the file's order."""
        found: dict[str, list[int]] = defaultdict(list)
        name = self.roles.get("order_id")
        if name:
            for number, (text, is_refund) in enumerate(zip(self.column_values(name), self.refund_rows, strict=True)):
                if text and text.strip() and not is_refund:
                    found[text.strip()].append(number)
        return found

    @property
    def customer(self) -> tuple[str, bool] | None:
        """The column that names the customer, and whether it is an address; None where there is none."""
        name = self.roles.get("customer_id")
        if name and not self.values[name].rounded:
            return name, False
        if "email" in self.roles:
            return self.roles["email"], True
        if "phone" in self.roles and not self.values[self.roles["phone"]].rounded:
            return self.roles["phone"], False
        if "national_id" in self.roles and self.has("date"):  # of who was billed
            return self.roles["national_id"], False
        return (name, False) if name else None  # rounded numbers are nobody, the others somebody

    @cached_property
    def paid_parts(self) -> list[str]:
        """Words of the column of kinds for the parts in which an order is paid, where it has such and refunds alone."""
        words = self.values[self.roles["kind"]].counts if self.has("kind") else {}
        parts = [word for word in words if is_word(word, "paid_part")]
        others = [word for word in words if word not in parts and not holds_word(word, "refund")]
        return parts if len(parts) > 1 and not others else []

    @property
    def is_sales(self) -> bool:
        """Whether the file says when something was sold, and for how much."""
        return self.has("date") and any(self.has(role) for role in AMOUNTS)


def is_padded(values: Values) -> bool:
    """Whether whole amounts fill a width with zeros, as mainframes write them: their last digits are decimals."""
    widths = {len(text) for text in values.seen}
    return len(widths) == 1 and min(widths) >= WIDTH and all(text[:1] == "0" for text in values.seen)


WIDTH = 6  # digits


def whole_amounts(roles: Mapping[str, str], values: Mapping[str, Values]) -> frozenset[str]:
    """Columns of amounts that are whole numbers."""
    return frozenset(name for role, name in roles.items() if role in MONEY and values[name].kind == "integer")


MONEY = (
    "unit_price",
    "total",
    "gross",
    "amount",
    "net",
    "subtotal",
    "refunded",
    "fee",
    "tax",
    "discount",
    "shipping",
    "tip",
)
AMOUNTS = ("total", "gross", "amount", "net", "subtotal", "unit_price")


def planned(sample: Sample, channel: str) -> Plan:
    """Judge every column of a file, and the lists inside."""
    flat = with_cells_filled(with_plain_digits(unwrapped(flattened(without_explanations(sample)))))
    flat = with_made_columns(flat)
    values, roles = _judged(flat)
    flat, values, roles = _with_difference(flat, values, roles)
    flat, roles = _of_refunds(flat, roles)
    flat, values, roles = _with_sum(flat, values, roles)
    flat, values, roles = _with_day_of_name(flat, values, roles)
    flat, values, roles = with_customers_side(flat, values, roles)
    items = None
    if listed := items_of(flat):
        name, inner, owners = listed
        inner_values, inner_roles = _judged(inner)
        column, path = flat.paths.get(name, (name, ""))
        inner_roles = _named(inner_roles, inner, inner_values)
        roles = {role: column_ for role, column_ in roles.items() if column_ != name}
        items = Items(column, path.removeprefix("$."), inner, inner_values, inner_roles, owners)
    plan = Plan(flat, values, roles, channel, items)
    return replace(plan, items=replace(items, is_minor=True)) if items and plan.minor else plan


def _named(roles: dict[str, str], inner: Sample, values: Mapping[str, Values]) -> dict[str, str]:
    """What an order's line is called is a product, whatever else is called so."""
    if "product_id" in roles or "product_name" in roles:
        return roles
    names = [name for name in inner.names if name.lower() in ("name", "title", "label") and values[name].kind == "text"]
    kept = {role: name for role, name in roles.items() if name not in names[:1]}
    return {**kept, "product_name": names[0]} if names else roles


def _with_difference(
    sample: Sample, values: dict[str, Values], roles: dict[str, str]
) -> tuple[Sample, dict[str, Values], dict[str, str]]:
    """Where what came in and what went out stand in columns of their own: one amount, credit less debit."""
    if not {"credit", "debit"} <= set(roles) or any(role in roles for role in ("total", "gross", "amount")):
        return sample, values, {role: name for role, name in roles.items() if role not in ("credit", "debit")}
    credit, debit = roles["credit"], roles["debit"]
    if _is_cleared(sample, values, roles):
        kept = {role: name for role, name in roles.items() if role not in ("credit", "debit")}
        return replace(sample, settled=credit), values, {**kept, "amount": debit}
    payments = _payments(sample, roles)
    if payments is not None:  # in the ledger of who owes what was sold is on the other side
        credit, debit = debit, credit
    pairs = zip(_floats(sample, values, credit), _floats(sample, values, debit), strict=True)
    texts = [
        None if plus is None and minus is None else f"{(plus or 0) - abs(minus or 0):.2f}" for plus, minus in pairs
    ]
    name = f"{credit} less {debit}"
    made = replace(
        sample, columns={**sample.columns, name: texts}, differences={name: (credit, debit)}, payments=payments or ()
    )
    return made, {**values, name: judged(texts)}, {**roles, "amount": name}


def _payments(sample: Sample, roles: Mapping[str, str]) -> tuple[str, ...] | None:
    """Words for what customers paid, where all debits are invoices and no credit is; None elsewhere."""
    kinds: dict[str, set[str]] = {"debit": set(), "credit": set()}
    for role, words in kinds.items():
        columns = (sample.columns[roles[role]], sample.columns[roles["kind"]] if "kind" in roles else ())
        words |= {kind.strip() for text, kind in zip(*columns, strict=False) if text and text.strip() and kind}
    billed, paid = kinds["debit"], kinds["credit"]
    if not billed or not all(is_word(word, "billed") for word in billed) or any(is_word(w, "billed") for w in paid):
        return None
    return tuple(sorted(word for word in paid if not holds_word(word, "refund")))


def _is_cleared(sample: Sample, values: dict[str, Values], roles: dict[str, str]) -> bool:
    """Whether payments clear what each stay or bill came to: then they are no sales, and nothing is given back."""
    if "order_id" not in roles:
        return False
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    columns = (_floats(sample, values, roles["credit"]), _floats(sample, values, roles["debit"]))
    for order, plus, minus in zip(sample.columns[roles["order_id"]], *columns, strict=True):
        if order and order.strip():
            sums[order][0] += plus or 0
            sums[order][1] += abs(minus or 0)
    cleared = sum(bool(plus) and abs(plus - minus) < HALF_A_CENT for plus, minus in sums.values())
    return len(sums) >= FEWEST and cleared >= MOSTLY_CLEARED * len(sums)


def _of_refunds(sample: Sample, roles: dict[str, str]) -> tuple[Sample, dict[str, str]]:
    """A list of refunds alone: its only amount is what was given back, and more than that column says so."""
    name = roles.get("refunded")
    others = [column for column in (*sample.names, sample.path.stem) if column != name and BACK.search(plain(column))]
    if not name or not others or any(role in roles for role in AMOUNTS):
        return sample, roles
    kept = {role: column for role, column in roles.items() if role != "refunded"}
    return replace(sample, all_back=True), {**kept, "amount": name}


def _with_sum(
    sample: Sample, values: dict[str, Values], roles: dict[str, str]
) -> tuple[Sample, dict[str, Values], dict[str, str]]:
    """Where an amount stands in several columns and no total: one amount, their sum."""
    found = with_columns_added(sample, values, roles)
    if found is None:
        return sample, values, roles
    name, parts = found
    rows = zip(*(_floats(sample, values, part) for part in parts), strict=True)
    texts = [None if all(n is None for n in row) else f"{sum(n or 0 for n in row):.2f}" for row in rows]
    made = replace(sample, columns={**sample.columns, name: texts}, sums={name: parts})
    kept = {role: column for role, column in roles.items() if role not in AMOUNTS and column not in parts}
    return made, {**values, name: judged(texts)}, {**kept, "amount": name}


MOST_OF_MONEY = 4  # keys of an object that is an amount and nothing else
HALF_A_CENT = 0.006
FEWEST = 3  # orders
MOSTLY_CLEARED = 0.8  # of them; the others are still open
FILE_DAY = "the day in the file's name"


def _with_day_of_name(
    sample: Sample, values: dict[str, Values], roles: dict[str, str]
) -> tuple[Sample, dict[str, Values], dict[str, str]]:
    """Where no column of a list of sales has a day and the file's name has one: that one, in each row."""
    found = day_of(sample.path.name)
    if "date" in roles or not found or not any(role in roles for role in (*AMOUNTS, "quantity", "product_id")):
        return sample, values, roles
    day, pattern = found
    name_sql = "regexp_extract(_source_file, '[^/]*$', 0)"  # the folder of a delivery is called by its day, too
    sql = f"regexp_extract({name_sql}, {quoted(pattern)}, 0)"
    texts: list[str | None] = [day] * sample.row_count
    made = replace(sample, columns={**sample.columns, FILE_DAY: texts}, made={FILE_DAY: sql})
    return made, {**values, FILE_DAY: judged(texts)}, {**roles, "date": FILE_DAY}


def _floats(sample: Sample, values: Mapping[str, Values], name: str, most: int | None = None) -> list[float | None]:
    amounts = values[name].amounts
    mark = amounts.mark if amounts else "."
    return [as_number(text, mark) if text and text.strip() else None for text in sample.columns[name][:most]]


def _judged(sample: Sample) -> tuple[dict[str, Values], dict[str, str]]:
    comma_file = sample.delimiter == ";"
    values = {column: judged(texts, comma_file) for column, texts in sample.columns.items()}
    if not comma_file and any(_is_comma(v) for v in values.values()):
        values = {column: judged(texts, comma_file=True) for column, texts in sample.columns.items()}
    values = with_thousandths(sample, values)
    names = [name for name in sample.names if name not in sample.parts]
    roles = roles_of.assigned(replace(sample, names=(*names, *sample.made)), values)
    return roles_of.with_epochs(values, roles), roles


def _is_comma(values: Values) -> bool:
    """Whether a column's numbers surely have decimal commas."""
    return values.amounts is not None and values.amounts.mark[:1] == "," and not values.amounts.is_doubtful


def one_of(column: str, words: Sequence[str]) -> str:
    """SQL: the column's words, whatever their case, are among these."""
    small = [word.strip().lower() for word in words]
    both = [
        form for word in small for form in (word, word.replace(DOT_ABOVE, ""))
    ]  # engines differ on a Turkish capital
    listed = ", ".join(map(quoted, dict.fromkeys(both)))
    return f"lower(trim({column})) IN ({listed})"


def without(plan: Plan, *roles: str) -> Plan:
    """The plan with some roles not filled."""
    return replace(plan, roles={role: name for role, name in plan.roles.items() if role not in roles})
