"""Shapes that a program gives its rows: statements, journals of mixed rows, items side by side, nodes within edges."""

import json
from datetime import timedelta

from tests.lakehouse.authoring.made_exports.abroad import VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    CUSTOMERS,
    ORDERS,
    PEOPLE,
    TOTAL,
    Made,
    Person,
    all_orders,
    comma,
    each_line,
    money,
    one_file,
    orders_file,
    plain,
    rows_text,
    with_lines,
)

LEFT = sum(o.total for o in ORDERS if o.at not in VOID)


def bank_statement_de() -> Made:
    """What came in is what customers paid; rent and fees went out."""
    head = [
        "Auftragskonto",
        "Buchungstag",
        "Valutadatum",
        "Buchungstext",
        "Verwendungszweck",
        "Beguenstigter/Zahlungspflichtiger",
        "Kontonummer/IBAN",
        "Betrag",
        "Waehrung",
        "Info",
    ]
    rows = []
    for o in ORDERS:
        day = f"{o.moment:%d.%m.%y}"
        rows.append(
            [
                "DE00123",
                day,
                day,
                "GUTSCHR. UEBERWEISUNG",
                f"RE {o.number}",
                o.person.name,
                f"DE{o.person.at:020d}",
                comma(o.total),
                "EUR",
                "Umsatz gebucht",
            ]
        )
    rows.append(
        [
            "DE00123",
            "28.03.24",
            "28.03.24",
            "LASTSCHRIFT",
            "Miete",
            "Vermieter GmbH",
            f"DE{77:020d}",
            "-900,00",
            "EUR",
            "Umsatz gebucht",
        ]
    )
    return one_file(
        "bank_statement_de",
        "a bank's list: sales come in, rent goes out",
        "20240331-123-umsatz.csv",
        rows_text(head, rows, ";", quote_all=True),
        "cp1252",
        total_of_completed=money(TOTAL),
    )


def items_side_by_side() -> Made:
    """Three items in columns of their own, and the order's total."""
    head = [
        "Order No",
        "Order Date",
        "Customer No",
        "Item 1",
        "Qty 1",
        "Price 1",
        "Item 2",
        "Qty 2",
        "Price 2",
        "Item 3",
        "Qty 3",
        "Price 3",
        "Order Total",
    ]
    rows = []
    for o in ORDERS:
        cells: list[object] = []
        for at in range(3):
            cells += (
                [o.lines[at].name, o.lines[at].quantity, plain(o.lines[at].price)]
                if at < len(o.lines)
                else ["", "", ""]
            )
        rows.append([o.number, f"{o.moment:%Y-%m-%d}", f"C{o.person.at:03d}", *cells, plain(o.total)])
    return one_file(
        "items_side_by_side",
        "items in columns beside each other",
        "orders_wide.csv",
        rows_text(head, rows),
        **all_orders(),
    )


def day_in_preamble() -> Made:
    """A till's day: the date stands above the header, rows have times."""
    day = ORDERS[0].moment
    head = ["Receipt", "Time", "Item", "Qty", "Amount"]
    rows = [
        [o.number, f"{8 + o.at // 4:02d}:{o.at % 60:02d}", n.name, n.quantity, plain(n.amount)] for o, n in each_line()
    ]
    text = f"Daily sales journal\nDate: {day:%Y-%m-%d}\nShop: Harbour\n\n" + rows_text(head, rows)
    return one_file(
        "day_in_preamble",
        "times below, the date above the header",
        "journal_0301.csv",
        text,
        orders=24,
        total=money(TOTAL),
        days=1,
    )


def day_in_name() -> Made:
    """A till writes a file each day: its name has the day, its rows have times."""
    head = ["Bon", "Uhrzeit", "Artikel", "Anzahl", "Betrag"]
    files = {}
    for day in range(1, 4):
        orders = [o for o in ORDERS if o.at // 8 == day - 1]
        rows = [
            [o.number, f"{8 + o.at // 4:02d}:{o.at % 60:02d}", n.name, n.quantity, comma(n.amount)]
            for o in orders
            for n in o.lines
        ]
        files[f"2024-03-{day:02d}/kasse_202403{day:02d}.csv"] = rows_text(head, rows, ";").encode("cp1252")
    return Made(
        "day_in_name",
        "the day stands in the file's name alone",
        files,
        {"orders": 24, "total": money(TOTAL), "days": 3},
    )


def till_journal() -> Made:
    """Items, their sum and how it was paid, all as rows of one kind or another."""
    head = ["Date", "Time", "Receipt No", "Row Type", "Article", "Text", "Qty", "Amount"]
    rows = []
    for o in ORDERS:
        at = [f"{o.moment:%d/%m/%Y}", f"{o.moment:%H:%M}", o.number]
        rows += [[*at, "ITEM", n.sku, n.name, n.quantity, plain(n.amount)] for n in o.lines]
        rows.append([*at, "TOTAL", "", "Total", "", plain(o.total)])
        rows.append([*at, "PAYMENT", "", "Card", "", plain(o.total)])
    return one_file(
        "till_journal",
        "rows of items, totals and payments",
        "journal.csv",
        rows_text(head, rows),
        orders=24,
        total=money(TOTAL),
        lines=len(each_line()),
        line_sum=money(TOTAL),
    )


def graphql_edges() -> Made:
    nodes = [
        {
            "node": {
                "id": f"gid://shop/Order/{o.number}",
                "name": f"#{o.number}",
                "createdAt": f"{o.moment:%Y-%m-%dT%H:%M:%SZ}",
                "totalPriceSet": {"shopMoney": {"amount": plain(o.total), "currencyCode": "EUR"}},
                "customer": {"id": f"gid://shop/Customer/{o.person.at}", "email": o.person.email},
                "lineItems": {
                    "edges": [
                        {
                            "node": {
                                "sku": n.sku,
                                "title": n.name,
                                "quantity": n.quantity,
                                "originalUnitPriceSet": {
                                    "shopMoney": {"amount": plain(n.price), "currencyCode": "EUR"}
                                },
                            }
                        }
                        for n in o.lines
                    ]
                },
            }
        }
        for o in ORDERS
    ]
    text = json.dumps({"data": {"orders": {"edges": nodes, "pageInfo": {"hasNextPage": False}}}})
    return one_file("graphql_edges", "an answer of nodes within edges", "orders.json", text, **all_orders())


def square_api() -> Made:
    """Hundredths with their currency inside each amount."""
    lines = [
        json.dumps(
            {
                "id": f"sq{o.number}",
                "created_at": f"{o.moment:%Y-%m-%dT%H:%M:%S.000Z}",
                "state": "COMPLETED",
                "customer_id": f"CU{o.person.at:04d}",
                "total_money": {"amount": o.total, "currency": "USD"},
                "total_tax_money": {"amount": 0, "currency": "USD"},
                "line_items": [
                    {
                        "uid": f"{o.number}{n.sku}",
                        "name": n.name,
                        "quantity": str(n.quantity),
                        "base_price_money": {"amount": n.price, "currency": "USD"},
                        "total_money": {"amount": n.amount, "currency": "USD"},
                    }
                    for n in o.lines
                ],
            }
        )
        for o in ORDERS
    ]
    return one_file(
        "square_api",
        "an interface's orders, amounts in hundredths",
        "orders.jsonl",
        "\n".join(lines) + "\n",
        **with_lines(),
    )


def hubspot_deals() -> Made:
    return orders_file(
        "hubspot_deals",
        "Record ID,Deal Name,Deal Stage,Close Date,Amount,Currency,Deal owner,Associated Contact IDs,Associated Contact",
        lambda o: [
            *(
                1_500_000 + o.at,
                f"Deal {o.number}",
                state(o, "Closed Won", "Closed Lost"),
                f"{o.moment:%Y-%m-%d %H:%M}",
            ),
            *(plain(o.total), "EUR", "Owner One", 800 + o.person.at, f"{o.person.name} ({o.person.email})"),
        ],
        total_of_completed=money(LEFT),
    )


def helpdesk() -> Made:
    """Tickets: what customers said, no sales."""
    rows = [
        [
            9_000 + o.at,
            state(o, "Solved", "Open"),
            "Normal",
            f"Question {o.at}",
            o.person.name,
            o.person.email,
            f"{o.moment:%Y-%m-%d %H:%M}",
            f"{o.moment + timedelta(hours=5):%Y-%m-%d %H:%M}",
            ("Good", "Bad", "")[o.at % 3],
            ("web", "email", "phone")[o.at % 3],
        ]
        for o in ORDERS
    ]
    head = [
        "Ticket ID",
        "Status",
        "Priority",
        "Subject",
        "Requester",
        "Requester email",
        "Created at",
        "Solved at",
        "Satisfaction Score",
        "Via",
    ]
    return one_file(
        "helpdesk_tickets", "tickets are no orders", "tickets-31-mar-2024.csv", rows_text(head, rows), orders=0
    )


def call_log() -> Made:
    rows = [
        [
            f"{o.moment:%d/%m/%Y %H:%M:%S}",
            o.person.phone,
            "+441130000000",
            ("inbound", "outbound")[o.at % 2],
            30 + o.at * 7,
            "answered",
        ]
        for o in ORDERS
    ]
    head = ["Call start", "From", "To", "Direction", "Duration (s)", "Result"]
    return one_file("call_log", "calls are no orders", "calls.csv", rows_text(head, rows), orders=0)


def months_across() -> Made:
    """What each customer spent per month, months as columns: no orders can be read from it."""
    rows = [
        [
            f"C{at:03d}",
            Person(at).name,
            *(plain(sum(o.total for o in ORDERS if o.person.at == at) // 3) for _ in range(3)),
        ]
        for at in range(len(PEOPLE))
    ]
    head = ["Customer No", "Customer", "Jan 2024", "Feb 2024", "Mar 2024"]
    return one_file(
        "months_across", "months as columns", "sales_by_month.csv", rows_text(head, rows), orders=0, accounts=10
    )


def card_with_points() -> Made:
    return orders_file(
        "card_with_points",
        "Card No,Txn Date,Txn Time,Store,Receipt,Net Spend,Points Earned,Points Redeemed,Points Balance",
        lambda o: [
            *(f"6334{o.person.at:012d}", f"{o.moment:%d-%m-%Y}", f"{o.moment:%H:%M}", "0042", o.number, plain(o.total)),
            *(o.total // 100, 0, 500 + o.at),
        ],
        **all_orders(),
    )


def till_customers() -> Made:
    rows = [
        [
            f"REF{at}",
            p.given,
            p.surname,
            p.email,
            p.phone,
            ("subscribed", "unsubscribed", "unknown")[at % 3],
            f"2024-03-{at + 1:02d}",
            f"2024-03-{at + 5:02d}",
            1 + at % 3,
            f"${plain(1000 + at)}",
        ]
        for at, p in ((at, Person(at)) for at in range(len(PEOPLE)))
    ]
    head = [
        "Reference ID",
        "First Name",
        "Last Name",
        "Email Address",
        "Phone Number",
        "Email Subscription Status",
        "First Visit",
        "Last Visit",
        "Transaction Count",
        "Lifetime Spend",
    ]
    return one_file(
        "till_customers",
        "people with what they spent in all",
        "export-20240331.csv",
        rows_text(head, rows),
        accounts=10,
        granted=4,
        orders=0,
    )


def returns_by_quantity() -> Made:
    """A return is a line of negative pieces at the same price, under its own number."""
    head = ["Bon", "Datum", "Kundennummer", "Artikelnummer", "Artikel", "Menge", "Einzelpreis"]
    rows = [
        [o.number, f"{o.moment:%d.%m.%Y}", f"K{o.person.at:03d}", n.sku, n.name, n.quantity, comma(n.price)]
        for o, n in each_line()
    ]
    back = ORDERS[4]
    rows += [
        [2004, "30.03.2024", f"K{back.person.at:03d}", n.sku, n.name, -n.quantity, comma(n.price)] for n in back.lines
    ]
    return one_file(
        "returns_by_quantity",
        "pieces below zero come back",
        "bons.csv",
        rows_text(head, rows, ";"),
        orders=25,
        total=money(TOTAL - back.total),
        customers=CUSTOMERS,
    )


CASES = (
    bank_statement_de, items_side_by_side, day_in_preamble, day_in_name, till_journal, graphql_edges, square_api, hubspot_deals,
    helpdesk, call_log, months_across, card_with_points, till_customers, returns_by_quantity,
)  # fmt: skip
