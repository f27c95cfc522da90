"""Events with purchases among them, deals, tickets, consents that were never confirmed; cells that are merged; odd files."""

import gzip
import json
from datetime import timedelta
from html import escape
from typing import Any

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Person,
    all_orders,
    money,
    one_file,
    orders_file,
    plain,
    rows_text,
    with_lines,
)
from tests.lakehouse.authoring.made_exports.workbooks import xlsx


def ga4_purchases() -> Made:
    """Events of a warehouse: purchases carry their order and items, others do not."""
    lines = []
    for o in ORDERS:
        base = {
            "event_date": f"{o.moment:%Y%m%d}",
            "user_pseudo_id": f"{o.person.at}.17000",
            "user_id": f"u{o.person.at}",
            "platform": "WEB",
        }
        stamp = int(o.moment.timestamp() * 1_000_000)
        params = [{"key": "page_location", "value": {"string_value": "https://shop.example/"}}]
        items = [
            {"item_id": n.sku, "item_name": n.name, "price": n.price / 100, "quantity": n.quantity} for n in o.lines
        ]
        lines.append(
            {**base, "event_timestamp": str(stamp), "event_name": "page_view", "event_params": params, "items": []}
        )
        lines.append(
            {
                **base,
                "event_timestamp": str(stamp + 5),
                "event_name": "add_to_cart",
                "event_params": params,
                "items": items,
            }
        )
        lines.append(
            {
                **base,
                "event_timestamp": str(stamp + 9),
                "event_name": "purchase",
                "event_params": params,
                "ecommerce": {
                    "transaction_id": f"T{o.number}",
                    "purchase_revenue": o.total / 100,
                    "total_item_quantity": 1,
                },
                "items": items,
            }
        )
    return one_file(
        "ga4_purchases",
        "purchases among events",
        "events_20240331.json",
        "\n".join(json.dumps(line) for line in lines),
        interactions=72,
        orders=24,
        total=money(TOTAL),
        lines=48,
    )


def mixpanel() -> Made:
    lines = []
    for o in ORDERS:
        stamp = int(o.moment.timestamp())
        lines.append(
            {
                "event": "Page Viewed",
                "properties": {
                    "time": stamp,
                    "distinct_id": f"u{o.person.at}",
                    "$insert_id": f"a{o.at}",
                    "$browser": "Chrome",
                },
            }
        )
        lines.append(
            {
                "event": "Order Completed",
                "properties": {
                    "time": stamp + 60,
                    "distinct_id": f"u{o.person.at}",
                    "$insert_id": f"b{o.at}",
                    "order_id": o.number,
                    "revenue": o.total / 100,
                },
            }
        )
    return one_file(
        "mixpanel_raw",
        "events with their properties below",
        "export_2024-03.json",
        "\n".join(json.dumps(line) for line in lines),
        interactions=48,
        orders=24,
        total=money(TOTAL),
    )


def freshdesk() -> Made:
    rows = [
        [
            o.number,
            "Where is my order?",
            ("Open", "Closed", "Pending")[o.at % 3],
            "Low",
            "Email",
            "Question",
            "Agent One",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            f"{o.moment + timedelta(hours=5):%Y-%m-%d %H:%M:%S}",
            "00:15:00",
            "01:30:00",
            o.person.name,
            o.person.email,
            15000 + o.person.at,
        ]
        for o in ORDERS
    ]
    head = "Ticket ID,Subject,Status,Priority,Source,Type,Agent,Created time,Closed time,Time tracked,First response time (in hrs),Full name,Email,Contact ID"
    return one_file(
        "freshdesk",
        "tickets of a help desk",
        "tickets-March-31-2024.csv",
        rows_text(head.split(","), rows),
        orders=0,
        interactions=24,
        accounts=10,
    )


def pipedrive() -> Made:
    """Deals won, lost and open; only won ones are sales."""
    rows = [
        [
            o.number,
            f"Deal {o.number}",
            plain(o.total),
            "EUR",
            ("Won", "Lost", "Open", "Won")[o.at % 4],
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            f"{o.moment + timedelta(days=1):%Y-%m-%d %H:%M:%S}" if o.at % 4 in (0, 3) else "",
            o.person.name,
            90 + o.person.at,
        ]
        for o in ORDERS
    ]
    head = "Deal - ID,Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Contact person,Person - ID"
    return one_file(
        "pipedrive",
        "deals in all states",
        "deals-1234567-89.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(sum(o.total for o in ORDERS if o.at % 4 in (0, 3))),
    )


def zoho_contacts() -> Made:
    rows = [
        [
            f"zcrm_{4000 + at}",
            Person(at).given,
            Person(at).surname,
            Person(at).email,
            Person(at).phone,
            "true" if at % 2 else "false",
            "2024-03-01 09:00:00",
            Person(at).city,
            Person(at).country,
        ]
        for at in range(10)
    ]
    return one_file(
        "zoho_contacts",
        "who opted out",
        "Contacts_2024_03_31.csv",
        rows_text(
            [
                "Record Id",
                "First Name",
                "Last Name",
                "Email",
                "Mobile",
                "Email Opt Out",
                "Created Time",
                "Mailing City",
                "Mailing Country",
            ],
            rows,
        ),
        orders=0,
        accounts=10,
        persons=10,
        granted=5,
        opted_out=5,
    )


def double_opt_in() -> Made:
    """Who never confirmed has not agreed; who left later has not, either."""
    rows = []
    for at in range(10):
        confirmed = "02.02.2024 10:00" if at < 7 else ""
        left = "20.02.2024 08:00" if 4 <= at < 7 else ""
        rows.append([Person(at).email, Person(at).given, Person(at).surname, "01.02.2024 09:00", confirmed, left])
    return one_file(
        "double_opt_in",
        "signed up, confirmed, left",
        "newsletter_empfaenger.csv",
        rows_text(["E-Mail", "Vorname", "Nachname", "Angemeldet am", "Bestätigt am", "Abgemeldet am"], rows, ";"),
        orders=0,
        accounts=10,
        granted=4,
    )


def audience_words() -> Made:
    words = [
        "subscribed",
        "unsubscribed",
        "cleaned",
        "non-subscribed",
        "pending",
        "subscribed",
        "transactional",
        "subscribed",
        "bounced",
        "subscribed",
    ]
    rows = [[700 + at, Person(at).email, Person(at).given, Person(at).surname, words[at]] for at in range(10)]
    return one_file(
        "audience_words",
        "six states of a subscription",
        "audience.csv",
        rows_text(["Contact ID", "Email Address", "First Name", "Last Name", "Email Marketing Status"], rows),
        orders=0,
        accounts=10,
        granted=4,
    )


def loyalty_hu() -> Made:
    rows = [
        [
            f"TK{at:05d}",
            Person(at).surname,
            Person(at).given,
            Person(at).email,
            f"19{60 + at}.03.12.",
            Person(at).city,
            "1 250" if at % 2 else "0",
            "igen" if at % 2 else "nem",
        ]
        for at in range(10)
    ]
    return one_file(
        "loyalty_hu",
        "a loyalty card's members",
        "törzsvásárlók.csv",
        rows_text(
            [
                "Kártyaszám",
                "Vezetéknév",
                "Keresztnév",
                "E-mail",
                "Születési dátum",
                "Város",
                "Pontegyenleg",
                "Hírlevél",
            ],
            rows,
            ";",
        ),
        "cp1250",
        orders=0,
        accounts=10,
        persons=10,
        granted=5,
    )


def merged_cells() -> Made:
    """An order's cells are merged over its lines: only the first line has them."""
    rows: list[list[Any]] = [["Order No", "Date", "Customer No", "SKU", "Product", "Qty", "Unit Price", "Line Total"]]
    for o in ORDERS:
        for at, n in enumerate(o.lines):
            rows.append(
                [
                    *([o.number, o.moment, 100 + o.person.at] if at == 0 else [None] * 3),
                    n.sku,
                    n.name,
                    n.quantity,
                    n.price / 100,
                    n.amount / 100,
                ]
            )
    return one_file(
        "merged_cells",
        "an order's cells on its first line alone",
        "order_lines.xlsx",
        xlsx({"Orders": rows}),
        **with_lines(),
    )


def row_spans() -> Made:
    """A table of a page: an order's cells span the rows of its lines."""
    head = ["订单编号", "买家会员名", "订单创建时间", "商品标题", "数量", "单价", "买家实付金额"]
    body = ""
    for o in ORDERS:
        for at, n in enumerate(o.lines):
            span = f' rowspan="{len(o.lines)}"'
            first = (
                f"<td{span}>{o.number}</td><td{span}>买家{o.person.at}</td><td{span}>{o.moment:%Y-%m-%d %H:%M:%S}</td>"
                if at == 0
                else ""
            )
            last = f"<td{span}>{plain(o.total)}</td>" if at == 0 else ""
            body += f"<tr>{first}<td>{escape(n.name)}</td><td>{n.quantity}</td><td>{plain(n.price)}</td>{last}</tr>\n"
    text = f"<html><head><meta http-equiv='Content-Type' content='text/html; charset=gbk'></head><body><table><tr>{''.join(f'<th>{h}</th>' for h in head)}</tr>{body}</table></body></html>"
    return one_file("row_spans", "cells that span rows", "订单列表.xls", text, "gbk", **with_lines())


def json_ld() -> Made:
    graph = [
        {
            "@type": "Order",
            "orderNumber": str(o.number),
            "orderDate": f"{o.moment:%Y-%m-%dT%H:%M:%SZ}",
            "priceCurrency": "EUR",
            "price": plain(o.total),
            "orderStatus": "https://schema.org/OrderDelivered",
            "customer": {"@type": "Person", "name": o.person.name, "email": o.person.email},
            "orderedItem": [
                {
                    "@type": "OrderItem",
                    "orderQuantity": n.quantity,
                    "orderedItem": {
                        "@type": "Product",
                        "sku": n.sku,
                        "name": n.name,
                        "offers": {"@type": "Offer", "price": plain(n.price)},
                    },
                }
                for n in o.lines
            ],
        }
        for o in ORDERS
    ]
    return one_file(
        "json_ld",
        "linked data of orders",
        "orders.jsonld",
        json.dumps({"@context": "https://schema.org", "@graph": graph}),
        **with_lines(),
    )


def gz_utf16() -> Made:
    rows = [[o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", f"C{o.person.at}", plain(o.total)] for o in ORDERS]
    data = gzip.compress(
        rows_text(["Order Number", "Created", "Customer Id", "Grand Total"], rows, "\t").encode("utf-16"), mtime=0
    )
    return one_file("gz_utf16", "packed, and in two bytes a letter", "orders.tsv.gz", data, **all_orders())


def mac_roman() -> Made:
    """Accents as an old Macintosh writes them."""
    names = {1: "Lefèvre", 3: "Béranger", 5: "Gaëlle", 7: "François"}
    return orders_file(
        "mac_roman",
        "N° commande;Date;N° client;Nom;Prénom;Ville;Montant TTC",
        lambda o: [
            o.number,
            f"{o.moment:%d/%m/%Y}",
            300 + o.person.at,
            names.get(o.person.at, o.person.surname),
            o.person.given,
            "Besançon",
            plain(o.total).replace(".", ","),
        ],
        "commandes.csv",
        "mac_roman",
        **all_orders(surname="Lefèvre"),
    )


CASES = (
    ga4_purchases,
    mixpanel,
    freshdesk,
    pipedrive,
    zoho_contacts,
    double_opt_in,
    audience_words,
    loyalty_hu,
    merged_cells,
    row_spans,
    json_ld,
    gz_utf16,
    mac_roman,
)
