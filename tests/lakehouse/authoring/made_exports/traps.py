"""Columns that tempt into a wrong figure: balances, deposits, lists of refunds, returned pieces, signs turned round."""

import json
from typing import Any

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Person,
    all_orders,
    each_line,
    money,
    one_file,
    plain,
    rows_text,
    with_lines,
)

VOID = {3, 11, 17}
SUM_COUNTED = TOTAL - sum(ORDERS[at].total for at in VOID)


def _rows(name: str, head: str, rows: list[list[Any]], **right: Any) -> Made:
    return one_file(name, head, f"{name}.csv", rows_text(head.split(","), rows), **right)


def running_balance() -> Made:
    balance, rows = 0, []
    for o in ORDERS:
        balance += o.total
        rows.append([o.number, f"{o.moment:%Y-%m-%d}", 20 + o.person.at, plain(o.total), plain(balance)])
    return _rows("running_balance", "Ref No,Date,Customer No,Amount,Balance", rows, **all_orders())


def deposit() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            20 + o.person.at,
            plain(o.total),
            plain(o.total // 2),
            plain(o.total - o.total // 2),
        ]
        for o in ORDERS
    ]
    return _rows(
        "deposit_paid", "Order No,Order Date,Customer No,Order Total,Deposit Paid,Amount Due", rows, **all_orders()
    )


def two_currencies() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y-%m-%d}", 20 + o.person.at, plain(o.total), plain(round(o.total * 1.08))]
        for o in ORDERS
    ]
    return _rows(
        "total_in_two", "Order No,Order Date,Customer No,Total (EUR),Total (USD)", rows, orders=24, customers=10
    )


def split_tender() -> Made:
    rows = []
    for o in ORDERS:
        half = o.total // 3
        rows += [
            [o.number, f"{o.moment:%Y-%m-%d %H:%M}", 20 + o.person.at, "Cash", plain(half)],
            [o.number, f"{o.moment:%Y-%m-%d %H:%M}", 20 + o.person.at, "Card", plain(o.total - half)],
        ]
    return _rows("split_tender", "Receipt No,Time,Customer No,Tender,Amount", rows, **all_orders())


def returned_pieces() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            20 + o.person.at,
            n.sku,
            n.quantity,
            1 if o.at in VOID else 0,
            plain(n.price),
        ]
        for o, n in each_line()
    ]
    return _rows(
        "returned_pieces",
        "Order No,Order Date,Customer No,SKU,Quantity,Returned Quantity,Unit Price",
        rows,
        orders=24,
        total=money(TOTAL - sum(n.price for o, n in each_line() if o.at in VOID)),
        customers=10,
    )


def refunds_in_json() -> Made:
    lines = [
        json.dumps(
            {
                "id": 5000 + o.number,
                "name": f"#{o.number}",
                "created_at": f"{o.moment:%Y-%m-%dT%H:%M:%SZ}",
                "currency": "USD",
                "total_price": plain(o.total),
                "customer": {"id": 20 + o.person.at},
                "financial_status": "partially_refunded" if o.at in VOID else "paid",
                "refunds": [{"id": 1, "amount": "2.00"}] if o.at in VOID else [],
            }
        )
        for o in ORDERS
    ]
    return one_file(
        "refunds_in_json",
        "a list of refunds inside each order",
        "shop_orders.jsonl",
        "\n".join(lines),
        orders=24,
        total=money(TOTAL - 600),
        customers=10,
    )


def turned_signs() -> Made:
    rows = [[o.number, f"{o.moment:%d.%m.%Y}", 20 + o.person.at, plain(-o.total)] for o in ORDERS]
    return _rows("turned_signs", "Belegnr,Buchungsdatum,Kundennr,Betrag", rows, **all_orders())


def padded_keys() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            f" {o.person.email.upper() if o.at % 2 else o.person.email} ",
            plain(o.total),
        ]
        for o in ORDERS
    ]
    return _rows("padded_keys", "Order No,Order Date,E-Mail,Amount", rows, **all_orders())


def zero_keys() -> Made:
    rows = [[f"{o.number:08d}", f"{o.moment:%Y-%m-%d}", f"{o.person.at + 1:05d}", plain(o.total)] for o in ORDERS]
    return _rows("zero_keys", "Order No,Order Date,Customer No,Amount", rows, **all_orders())


def shipping_rows() -> Made:
    rows = []
    for o in ORDERS:
        rows += [
            [o.number, f"{o.moment:%Y-%m-%d}", 20 + o.person.at, n.sku, n.quantity, plain(n.amount)] for n in o.lines
        ]
        rows.append([o.number, f"{o.moment:%Y-%m-%d}", 20 + o.person.at, "SHIPPING", 1, "4.90"])
    return _rows(
        "shipping_rows",
        "Order No,Order Date,Customer No,SKU,Quantity,Amount",
        rows,
        orders=24,
        total=money(TOTAL + 24 * 490),
        customers=10,
    )


def three_states() -> Made:
    words = ["yes", "no", "unknown"]
    rows = [[at, Person(at).given, Person(at).email, words[at % 3]] for at in range(10)]
    return _rows("three_states", "Customer No,First Name,Email,Newsletter", rows, orders=0, accounts=10, granted=4)


def two_consents() -> Made:
    rows = [[at, Person(at).given, Person(at).email, "no", "yes" if at < 3 else "no"] for at in range(10)]
    return _rows(
        "two_consents", "Customer No,First Name,Email,SMS Consent,Email Consent", rows, orders=0, accounts=10, granted=3
    )


def total_on_last_line() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            20 + o.person.at,
            n.sku,
            n.quantity,
            plain(n.price),
            plain(o.total + 100) if n is o.lines[-1] else "",
        ]
        for o, n in each_line()
    ]
    return _rows(
        "total_on_last_line",
        "Order No,Order Date,Customer No,SKU,Quantity,Unit Price,Order Total",
        rows,
        orders=24,
        total=money(TOTAL + 2400),
        customers=10,
        lines=48,
        line_sum=money(TOTAL),
    )


def minor_lines() -> Made:
    lines = [
        json.dumps(
            {
                "id": f"in_{o.number}",
                "object": "invoice",
                "created": int(o.moment.timestamp()),
                "currency": "eur",
                "customer": f"cus_{o.person.at}",
                "total": o.total,
                "lines": [
                    {"product": n.sku, "quantity": n.quantity, "unit_amount": n.price, "amount": n.amount}
                    for n in o.lines
                ],
            }
        )
        for o in ORDERS
    ]
    return one_file(
        "minor_lines", "cents in a list of lines, too", "invoices.jsonl", "\n".join(lines), **with_lines(currency="EUR")
    )


def prices_without_tax() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            20 + o.person.at,
            n.sku,
            n.quantity,
            plain(n.price),
            plain(round(n.amount * 0.2)),
            plain(n.amount + round(n.amount * 0.2)),
        ]
        for o, n in each_line()
    ]
    total = sum(n.amount + round(n.amount * 0.2) for _, n in each_line())
    return _rows(
        "prices_without_tax",
        "Order No,Order Date,Customer No,SKU,Qty,Price excl. VAT,VAT,Line total incl. VAT",
        rows,
        orders=24,
        total=money(total),
        customers=10,
        line_sum=money(total),
    )


def mixed_offsets() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y-%m-%dT%H:%M:%S}{'+01:00' if o.at % 2 else 'Z'}", 20 + o.person.at, plain(o.total)]
        for o in ORDERS
    ]
    return _rows(
        "mixed_offsets",
        "Order No,Order Date,Customer No,Amount",
        rows,
        **all_orders(first_instant="2024-03-01 09:00:00"),
    )


CASES = (
    running_balance,
    deposit,
    two_currencies,
    split_tender,
    returned_pieces,
    refunds_in_json,
    turned_signs,
    padded_keys,
    zero_keys,
    shipping_rows,
    three_states,
    two_consents,
    total_on_last_line,
    minor_lines,
    prices_without_tax,
    mixed_offsets,
)
