"""Ways in which a delivery differs from those before it, and the one outcome that each has; docs show this table."""

import gzip
import random
from collections.abc import Callable
from typing import NamedTuple

EXPORT = """
export: orders
channel: web
files: "orders_*"
format: csv
columns:
  order_id: {}
  customer_no: {}
  email: {personal: true, purpose: identity}
  given_name: {personal: true, purpose: identity}
  surname: {personal: true, purpose: identity}
  city: {}
  channel: {}
  ordered_at: {}
  birth_date: {personal: true, purpose: identity}
  price: {}
  quantity: {}
  weight_kg: {}
  is_gift: {}
  discount: {required: false}
  note: {required: false}
targets:
  - table: silver.orders
    columns:
      order_id: "concat('web:', order_id)"
      ordered_at: "try_to_timestamp(ordered_at)"
      total_cents: "cents(price)"
      discount_cents: "cents(discount)"
    flags:
      odd: "quantity < 1 OR weight_kg < 0 OR channel = 'x' OR city = '' OR is_gift = 'true'"
  - table: silver.customers
    account: {key: customer_no}
    columns: {email: email, given_name: given_name, surname: surname, birth_date: "to_date(birth_date, 'dd/MM/yyyy')"}
"""
NAMES = ("Anna", "Ben", "Chloe", "David", "Emma", "Farid", "Grace", "Hugo", "Ines", "Jan", "Kim", "Lena")
SURNAMES = ("Meyer", "Okafor", "Silva", "Novak", "Tanaka", "Rossi", "Dubois", "Larsen", "Costa", "Walsh", "Petrov")
CITIES = ("Köln", "Paris", "Leeds", "Porto", "Genova", "Oslo", "Gdynia", "Malmö")
CHANNELS = ("email", "store", "app", "phone")
ROWS = 60
Row = dict[str, str]


def rows(day: int) -> list[Row]:
    """The orders of a day; the same on every run."""
    rng = random.Random(day)
    made = []
    for i in range(ROWS):
        given, surname = rng.choice(NAMES), rng.choice(SURNAMES)
        price = round(rng.lognormvariate(3.2, 0.8), 2)
        made.append(
            {
                "order_id": str(100_000 + day * ROWS + i),
                "customer_no": f"{rng.randrange(1, 40_000):06d}",
                "email": f"{given}.{surname}{rng.randrange(9)}@mail.example".lower(),
                "given_name": given,
                "surname": surname,
                "city": rng.choice(CITIES),
                "channel": rng.choice(CHANNELS),
                "ordered_at": f"2024-03-{day:02d} {rng.randrange(24):02d}:{rng.randrange(60):02d}:00",
                "birth_date": f"{rng.randrange(1, 29):02d}/{rng.randrange(1, 13):02d}/{rng.randrange(1950, 2005)}",
                "price": f"{price:.2f}",
                "quantity": str(rng.randrange(1, 9)),
                "weight_kg": f"{rng.uniform(0.1, 3):.3f}",
                "is_gift": rng.choice(("true", "false")),
                "discount": f"{price / 10:.2f}" if rng.random() < 0.7 else "",
                "note": rng.choice(("", "ring twice", "leave it at the door", "call 12 first", "thanks!")),
            }
        )
    return made


def csv_of(lines: list[Row], delimiter: str = ",", quote: str = "") -> str:
    """The rows as CSV; every value is quoted where a quote is given."""
    names = list(lines[0])
    texts = [names, *([line[name] for name in names] for line in lines)]
    return "".join(delimiter.join(f"{quote}{value}{quote}" for value in text) + "\n" for text in texts)


class Case(NamedTuple):
    """One drift.

    Args:
        file: the drifted file, of that day's rows.
        state: received or refused.
        told: what the reason, remedy and remarks say, each in its own; () for nothing.
    """

    name: str
    file: Callable[[list[Row]], bytes]
    state: str
    told: tuple[str, ...] = ()
    outcome: str = ""


def each(**changed: Callable[[str], str]) -> Callable[[list[Row]], bytes]:
    """Every value of some columns, changed."""

    def made(lines: list[Row]) -> bytes:
        new = [{n: changed[n](v) if n in changed and v else v for n, v in line.items()} for line in lines]
        return csv_of(new).encode()

    return made


def some(name: str, change: Callable[[str], str], every: int) -> Callable[[list[Row]], bytes]:
    """Every n-th value of a column, changed."""

    def made(lines: list[Row]) -> bytes:
        new = [{**line, name: change(line[name])} if i % every == 0 else line for i, line in enumerate(lines)]
        return csv_of(new).encode()

    return made


def named(**names: str) -> Callable[[list[Row]], bytes]:
    """Columns under other names; empty: without them."""

    def made(lines: list[Row]) -> bytes:
        new = [{names.get(n, n): v for n, v in line.items() if names.get(n, n)} for line in lines]
        return csv_of(new).encode()

    return made


def swapped(a: str, b: str) -> Callable[[list[Row]], bytes]:
    """Two columns whose values stand under each other's names."""
    return lambda lines: csv_of([{**line, a: line[b], b: line[a]} for line in lines]).encode()


def shifted(lines: list[Row]) -> bytes:
    """A column left out of the lines, and one added at their end: all values one place to the left."""
    names = list(lines[0])
    return csv_of(
        [dict(zip(names, [*list(line.values())[:5], *list(line.values())[6:], "x"], strict=True)) for line in lines]
    ).encode()


def text(change: Callable[[str], str], encoding: str = "utf-8") -> Callable[[list[Row]], bytes]:
    """The file's text, changed."""
    return lambda lines: change(csv_of(lines)).encode(encoding)


def us_date(value: str) -> str:
    """31/12/1980 as 12/31/1980."""
    day, month, year = value.split("/")
    return f"{month}/{day}/{year}"


def with_column(name: str, value: str = "x", at: int | None = None) -> Callable[[list[Row]], bytes]:
    """One more column, by place."""

    def made(lines: list[Row]) -> bytes:
        names = list(lines[0])
        place = len(names) if at is None else at
        head = ",".join([*names[:place], name, *names[place:]])
        body = [",".join([*list(r.values())[:place], value, *list(r.values())[place:]]) for r in lines]
        return "\n".join([head, *body, ""]).encode()

    return made


def as_it_is(lines: list[Row]) -> bytes:
    """No drift."""
    return csv_of(lines).encode()


GERMAN = {"03": "März", "12": "Dezember"}
CASES = (
    Case("nothing changed", as_it_is, "received"),
    Case("a column was added", with_column("loyalty"), "received", (), "column_added"),
    Case("an optional column was removed", named(note=""), "received", ("note is not there",), "column_missing"),
    Case("a required column was removed", named(price=""), "refused", ("required columns are not there: price",)),
    Case(
        "columns were reordered",
        lambda r: csv_of([dict(reversed(x.items())) for x in r]).encode(),
        "received",
        (),
        "columns_reordered",
    ),
    Case("a required column was renamed", named(city="town"), "refused", ('city: {also: ["town"]}', "by its values")),
    Case(
        "an optional column was renamed",
        named(discount="rebate"),
        "refused",
        ('discount: {also: ["rebate"]}',),
        "column_renamed",
    ),
    Case(
        "a personal column was renamed",
        named(email="contact"),
        "refused",
        ('email: {also: ["contact"]}', "by its values"),
    ),
    Case(
        "two columns were renamed",
        named(city="place", channel="via"),
        "refused",
        ('city: {also: ["place"]}', 'channel: {also: ["via"]}'),
    ),
    Case("a listed column was duplicated", with_column("city", "Oslo"), "refused", ("twice: city",)),
    Case(
        "an unlisted column was duplicated",
        lambda r: with_column("x")(r).replace(b",x\n", b",x,x\n"),
        "received",
        (),
        "column_added",
    ),
    Case(
        "the case of names changed",
        text(lambda t: t.replace("order_id", "ORDER_ID").replace("city", "City")),
        "received",
    ),
    Case("spaces around names", text(lambda t: t.replace("order_id,", " order_id , ")), "received"),
    Case(
        "numbers became words",
        each(price=lambda _: "pending"),
        "refused",
        ("price holds values of another type",),
        "type_changed",
    ),
    Case(
        "numbers got a currency sign",
        each(price=lambda v: f"€{v}"),
        "refused",
        ("price holds values of another type",),
        "type_changed",
    ),
    Case(
        "the decimal mark changed",
        each(price=lambda v: f'"{v.replace(".", ",")}"'),
        "refused",
        ("price writes numbers in another form",),
        "decimal_mark_changed",
    ),
    Case(
        "thousands got a separator",
        each(price=lambda v: f'"1,{int(float(v)) % 900 + 100}.50"'),
        "refused",
        ("price writes numbers in another form",),
        "decimal_mark_changed",
    ),
    Case(
        "ISO dates became day first",
        each(ordered_at=lambda v: f"{v[8:10]}/{v[5:7]}/{v[:4]} {v[11:]}"),
        "refused",
        ("ordered_at writes dates in another form",),
        "date_form_changed",
    ),
    Case(
        "day first became month first",
        each(birth_date=us_date),
        "refused",
        ("birth_date writes dates in another form",),
        "date_form_changed",
    ),
    Case(
        "the date's sign changed",
        each(birth_date=lambda v: v.replace("/", ".")),
        "refused",
        ("birth_date writes dates in another form",),
        "date_form_changed",
    ),
    Case(
        "times got an offset",
        each(ordered_at=lambda v: v.replace(" ", "T") + "+02:00"),
        "refused",
        ("ordered_at writes dates in another form",),
        "date_form_changed",
    ),
    Case(
        "times lost their time",
        each(ordered_at=lambda v: v[:10]),
        "refused",
        ("ordered_at writes dates in another form",),
        "date_form_changed",
    ),
    Case(
        "dates became seconds since 1970",
        each(ordered_at=lambda _: "1709300000"),
        "refused",
        ("ordered_at holds values of another type",),
        "type_changed",
    ),
    Case(
        "dates became a spreadsheet's numbers",
        each(birth_date=lambda _: "29587"),
        "refused",
        ("birth_date holds values of another type",),
        "type_changed",
    ),
    Case(
        "months became words",
        each(ordered_at=lambda v: f"{v[8:10]}. {GERMAN[v[5:7]]} {v[:4]}"),
        "refused",
        ("ordered_at holds values of another type",),
        "type_changed",
    ),
    Case(
        "amounts became minor units",
        each(price=lambda v: str(round(float(v) * 100))),
        "refused",
        ("price is in another unit",),
        "unit_changed",
    ),
    Case(
        "kilograms became grams",
        each(weight_kg=lambda v: f"{float(v) * 1000:.1f}"),
        "refused",
        ("weight_kg is in another unit",),
        "unit_changed",
    ),
    Case(
        "two numbers changed places",
        swapped("price", "quantity"),
        "refused",
        ("does not hold what it used to",),
        "values_moved",
    ),
    Case(
        "two words changed places",
        swapped("city", "channel"),
        "refused",
        ("does not hold what it used to",),
        "values_moved",
    ),
    Case(
        "two personal columns changed places",
        swapped("given_name", "surname"),
        "refused",
        ("does not hold what it used to",),
        "values_moved",
    ),
    Case(
        "all values one place to the left", shifted, "refused", ("it differs from the files before it",), "values_moved"
    ),
    Case(
        "ids lost their zeros",
        each(customer_no=lambda v: v.lstrip("0")),
        "refused",
        ("customer_no has lost the zeros",),
        "zeros_lost",
    ),
    Case(
        "ids were rounded by a spreadsheet",
        each(order_id=lambda _: "1.00E+05"),
        "refused",
        ("order_id holds values of another type",),
        "type_changed",
    ),
    Case(
        "the words of a list changed",
        each(channel=lambda v: {"email": "E-Mail", "store": "shop", "app": "mobile", "phone": "call"}[v]),
        "refused",
        ("channel holds words that it never held",),
        "words_changed",
    ),
    Case(
        "the words of a list are in capitals",
        each(channel=str.upper),
        "refused",
        ("channel holds words that it never held",),
        "words_changed",
    ),
    Case(
        "a list got a new word",
        some("channel", lambda _: "kiosk", 12),
        "received",
        ("channel holds 20% words that it never held",),
        "words_added",
    ),
    Case(
        "yes and no became 1 and 0",
        each(is_gift=lambda v: str(int(v == "true"))),
        "refused",
        ("is_gift holds values of another type",),
        "type_changed",
    ),
    Case("a column came empty", each(price=lambda _: ""), "refused", ("price is empty",), "emptied"),
    Case(
        "some values are words for nothing",
        some("price", lambda _: "NULL", 6),
        "received",
        ("price holds 17% values of a form that was never there",),
        "unfamiliar_values",
    ),
    Case(
        "some dates are in another form",
        some("ordered_at", lambda v: f"{v[8:10]}.{v[5:7]}.{v[:4]} 10:00", 5),
        "received",
        ("ordered_at holds 20% values of a form",),
        "unfamiliar_values",
    ),
    Case(
        "digits of full width",
        each(quantity=lambda v: chr(0xFF10 + int(v))),
        "refused",
        ("quantity holds values of another type",),
        "type_changed",
    ),
    Case(
        "a note of another kind, that nothing uses",
        each(note=lambda _: "2024-03-01"),
        "received",
        ("note holds values of another type",),
        "type_changed",
    ),
    Case("the encoding changed to UTF-16", text(lambda t: t, "utf-16"), "received"),
    Case("the encoding changed to that of Windows", text(lambda t: t, "cp1252"), "received"),
    Case("a byte order mark", text(lambda t: "\ufeff" + t), "received"),
    Case("lines end with carriage returns", text(lambda t: t.replace("\n", "\r")), "received"),
    Case("lines end as in Windows", text(lambda t: t.replace("\n", "\r\n")), "received"),
    Case("all values are quoted", lambda r: csv_of(r, quote='"').encode(), "received"),
    Case("the quote changed", lambda r: csv_of(r, quote="'").encode(), "refused", ("required columns are not there",)),
    Case(
        "the delimiter changed",
        lambda r: csv_of(r, ";").encode(),
        "refused",
        ("required columns are not there", "`delimiter`"),
    ),
    Case(
        "the delimiter became a tab",
        lambda r: csv_of(r, "\t").encode(),
        "refused",
        ("required columns are not there", "`delimiter`"),
    ),
    Case("the header is gone", text(lambda t: t.partition("\n")[2]), "refused", ("required columns are not there",)),
    Case("a title stands before the header", text(lambda t: "Orders of March\n\n" + t), "received"),
    Case("the header comes again", text(lambda t: t + t.partition("\n")[0] + "\n"), "received"),
    Case("a total at the end", text(lambda t: t + "Total" + "," * 14 + "\n"), "received"),
    Case("a delimiter at every line's end", text(lambda t: t.replace("\n", ",\n")), "received"),
    Case("the file is zipped", lambda r: gzip.compress(csv_of(r).encode()), "received"),
    Case("no rows", text(lambda t: t.partition("\n")[0] + "\n"), "received"),
)


def table() -> str:
    """The cases as the docs show them."""
    lines = ["| what is different | outcome | key of `drift` |", "|---|---|---|"]
    for case in CASES:
        said = " and ".join(case.told)
        is_remarked = case.state == "received" and case.told
        outcome = "refused" if case.state == "refused" else "taken, with a remark" if is_remarked else "taken"
        lines.append(
            f"| {case.name} | {outcome}{f': {said}' if said else ''} | {case.outcome and f'`{case.outcome}`'} |"
        )
    return "\n".join(lines)
