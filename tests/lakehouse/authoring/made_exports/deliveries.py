"""Several deliveries of one export: what a later file brings must be read, refused or named."""

from tests.lakehouse.authoring.made_exports.base import (
    DAY,
    LINES,
    ORDERS,
    TOTAL,
    Made,
    Person,
    all_orders,
    money,
    plain,
    rows_text,
)

WIDE = ["Order No", "Order Date", "Customer No", "Amount"]
HEAD = ["Order No", "Order Date", "Customer No", "SKU", "Quantity", "Amount"]


def _row(o, amount=None) -> list:
    return [o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", 100 + o.person.at, amount or plain(o.total)]


def _lines(orders) -> list:
    return [
        [o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", 100 + o.person.at, n.sku, n.quantity, plain(n.amount)]
        for o in orders
        for n in o.lines
    ]


def thousands_later() -> Made:
    first = rows_text(WIDE, [_row(o) for o in ORDERS[:12]])
    second = rows_text(WIDE, [_row(o, f"{o.total * 100 / 100:,.2f}") for o in ORDERS[12:]])
    return Made(
        "thousands_later",
        "the first 1,234.00 comes in the second file",
        {"2024-03-12/till_2024-03-12.csv": first.encode(), "2024-03-24/till_2024-03-24.csv": second.encode()},
        all_orders(total=money(sum(o.total for o in ORDERS[:12]) + sum(o.total for o in ORDERS[12:]) * 100)),
    )


def encoding_changes() -> Made:
    head = ["Order No", "Order Date", "Customer No", "Last Name", "Amount"]

    def rows(orders):
        return [
            [
                o.number,
                f"{o.moment:%Y-%m-%d %H:%M:%S}",
                100 + o.person.at,
                "Müller" if o.at % 2 else "Weiß",
                plain(o.total),
            ]
            for o in orders
        ]

    return Made(
        "encoding_changes",
        "UTF-8 first, Windows text later",
        {
            "2024-03-12/kasse_0312.csv": rows_text(head, rows(ORDERS[:12])).encode(),
            "2024-03-24/kasse_0324.csv": rows_text(head, rows(ORDERS[12:])).encode("cp1252"),
        },
        all_orders(surname="Müller"),
    )


def columns_move() -> Made:
    second = [[r[1], r[0], r[3], r[2], "new"] for r in (_row(o) for o in ORDERS[12:])]
    return Made(
        "columns_move",
        "columns in another order, and a new one",
        {
            "2024-03-12/shop_12.csv": rows_text(WIDE, [_row(o) for o in ORDERS[:12]]).encode(),
            "2024-03-24/shop_24.csv": rows_text(
                ["Order Date", "Order No", "Amount", "Customer No", "Channel"], second
            ).encode(),
        },
        all_orders(),
    )


def overlap() -> Made:
    return Made(
        "overlap",
        "each file tells the last days again, some amounts corrected",
        {
            "2024-03-16/orders_0316.csv": rows_text(HEAD, _lines(ORDERS[:16])).encode(),
            "2024-03-24/orders_0324.csv": rows_text(HEAD, _lines(ORDERS[10:])).encode(),
        },
        all_orders(lines=LINES),
    )


def told_twice() -> Made:
    rows = _lines(ORDERS)
    return Made(
        "told_twice",
        "the same lines once more at the end of one file",
        {f"{DAY}/twice.csv": rows_text(HEAD, [*rows, *[r for r in rows if r[0] == 1007]]).encode()},
        all_orders(lines=LINES),
    )


def two_files_one_day() -> Made:
    return Made(
        "two_files_one_day",
        "an order's lines in two files of one day",
        {
            f"{DAY}/part_a.csv": rows_text(HEAD, _lines(ORDERS)[:25]).encode(),
            f"{DAY}/part_b.csv": rows_text(HEAD, _lines(ORDERS)[25:]).encode(),
        },
        all_orders(lines=LINES),
    )


def consent_changes() -> Made:
    def text(granted):
        return rows_text(
            ["Customer No", "First Name", "Email", "Newsletter"],
            [
                [Person(at).at, Person(at).given, Person(at).email, "Ja" if at in granted else "Nein"]
                for at in range(10)
            ],
        ).encode()

    return Made(
        "consent_changes",
        "a list each day: granted, withdrawn, granted again",
        {
            "2024-03-10/kontakte_10.csv": text({0, 1, 2}),
            "2024-03-11/kontakte_11.csv": text({0}),
            "2024-03-12/kontakte_12.csv": text({0, 1, 2}),
        },
        {"orders": 0, "accounts": 10, "granted": 3},
    )


def snapshot_customers() -> Made:
    def text(most):
        return rows_text(
            ["Customer No", "First Name", "Last Name", "Email"],
            [[Person(at).at, Person(at).given, Person(at).surname, Person(at).email] for at in range(most)],
        ).encode()

    return Made(
        "snapshot_customers",
        "the whole list: who left it is gone",
        {"2024-03-10/customers_full_10.csv": text(10), "2024-03-12/customers_full_12.csv": text(8)},
        {"orders": 0, "accounts": 8, "persons": 8},
    )


def status_changes() -> Made:
    head = ["Order No", "Created at", "Updated at", "Customer No", "Status", "Total"]

    def rows(day, orders, bad):
        return [
            [
                o.number,
                f"{o.moment:%Y-%m-%d %H:%M:%S}",
                f"{day} 12:00:00",
                100 + o.person.at,
                "cancelled" if o.at in bad else "paid",
                plain(o.total),
            ]
            for o in orders
        ]

    return Made(
        "status_changes",
        "an order is cancelled in a later delivery",
        {
            "2024-03-24/o_24.csv": rows_text(head, rows("2024-03-24", ORDERS, {1})).encode(),
            "2024-03-26/o_26.csv": rows_text(head, rows("2024-03-26", ORDERS[:6], {1, 2})).encode(),
        },
        {"orders": 22, "total": money(TOTAL - ORDERS[1].total - ORDERS[2].total), "customers": 10},
    )


CASES = (
    thousands_later,
    encoding_changes,
    columns_move,
    overlap,
    told_twice,
    two_files_one_day,
    consent_changes,
    snapshot_customers,
    status_changes,
)
