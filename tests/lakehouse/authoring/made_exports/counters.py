"""Tills and desks: tips, hours past midnight, deposits on bottles, things bought from customers, instalments, folios."""

from datetime import timedelta
from typing import Any

from tests.lakehouse.authoring.made_exports.abroad import COUNTED, VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    all_orders,
    comma,
    each_line,
    lines_file,
    money,
    one_file,
    orders_file,
    plain,
    rows_text,
)


def restaurant_tips() -> Made:
    """Net, service and tax make the bill; tips are the staff's."""
    return orders_file(
        "restaurant_tips",
        "Check No,Business Date,Closed At,Covers,Net Sales,Service Charge,VAT,Gross Total,Tips,Payment Type,Member No",
        lambda o: [
            o.number,
            f"{o.moment:%d/%m/%Y}",
            f"{o.moment:%H:%M}",
            2,
            plain(o.total - o.total // 6 - o.total // 10),
            plain(o.total // 10),
            plain(o.total // 6),
            plain(o.total),
            "3.00",
            "Card",
            f"M{o.person.at:03d}",
        ],
        **all_orders(),
    )


def past_midnight() -> Made:
    """A bar's business day goes on to 26 o'clock."""

    def clock(o: Any) -> str:
        return "25:30" if o.at % 6 == 5 else "24:00" if o.at % 6 == 2 else f"{o.moment:%H:%M}"

    return orders_file(
        "past_midnight",
        "伝票番号,営業日,会計時刻,人数,会員番号,合計金額",
        lambda o: [o.number, f"{o.moment:%Y/%m/%d}", clock(o), 2, f"K{o.person.at:03d}", 100 * o.total // 100],
        "売上伝票_20240331.csv",
        "cp932",
        orders=24,
        total=money(100 * TOTAL),
        customers=10,
    )


def bottle_deposit() -> Made:
    """Deposits are lines of their own, and empties come back below zero."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        base = [f"B{o.number}", f"{o.moment:%d.%m.%Y}", f"{o.moment:%H:%M:%S}", f"KK{o.person.at:04d}"]
        rows += [[*base, n.sku, n.name, n.quantity, comma(n.price), comma(n.amount)] for n in o.lines]
        rows.append([*base, "PF025", "Pfand Einweg", 2, "0,25", "0,50"])
        if o.at % 4 == 0:
            rows.append([*base, "LG025", "Leergut", -4, "0,25", "-1,00"])
    head = "Bon-Nr;Datum;Uhrzeit;Kundenkarte;Artikelnr;Artikel;Menge;Einzelpreis;Gesamtpreis"
    return one_file(
        "bottle_deposit",
        "deposits and empties as lines",
        "bons.csv",
        rows_text(head.split(";"), rows, ";"),
        "cp1252",
        orders=24,
        total=money(TOTAL + 24 * 50 - 6 * 100),
        customers=10,
    )


def second_hand() -> Made:
    """What the shop buys from customers is no sale and no refund."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        rows.append([o.number, f"{o.moment:%d.%m.%Y}", "Verkauf", f"K{o.person.at:03d}", comma(o.total)])
        if o.at in VOID:
            rows.append([9000 + o.number, f"{o.moment:%d.%m.%Y}", "Ankauf", f"K{o.person.at:03d}", comma(-4000)])
    return one_file(
        "second_hand",
        "sold to and bought from customers",
        "kassenjournal.csv",
        rows_text(["Beleg", "Datum", "Vorgang", "Kunde", "Betrag"], rows, ";"),
        total_of_completed=money(TOTAL),
    )


def layaway() -> Made:
    """Several payments make an order's price; each has a number of its own."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        third = o.total // 3
        for at, (kind, part) in enumerate(
            (("Deposit", third), ("Instalment", third), ("Final payment", o.total - 2 * third))
        ):
            rows.append(
                [
                    f"P{3 * o.at + at:04d}",
                    f"LAY{o.number}",
                    f"{o.moment + timedelta(days=at):%d/%m/%Y}",
                    f"C{o.person.at:03d}",
                    kind,
                    plain(part),
                ]
            )
    return one_file(
        "layaway",
        "an order paid in three parts",
        "layaway_payments.csv",
        rows_text(["Payment ID", "Layaway No", "Date", "Customer ID", "Payment Type", "Amount"], rows),
        **all_orders(),
    )


def gift_card_ledger() -> Made:
    """Cards sold, spent and topped up: money on a card is no sale of goods."""
    rows = [
        [
            o.number,
            f"GC-{o.person.at:04d}",
            f"{o.moment:%Y-%m-%d %H:%M}",
            ("Issue", "Redeem", "Reload", "Redeem")[o.at % 4],
            plain(-o.total if o.at % 2 else o.total),
            plain(5000),
        ]
        for o in ORDERS
    ]
    return one_file(
        "gift_card_ledger",
        "cards issued, spent and topped up",
        "gift_card_transactions.csv",
        rows_text(["Transaction ID", "Card Number", "Date", "Transaction Type", "Amount", "Balance"], rows),
        total_of_completed="must ask",
    )


def exchange() -> Made:
    """A receipt takes one thing back and sells another."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        base = [o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", f"L{o.person.at:03d}"]
        rows += [[*base, n.sku, n.name, n.quantity, plain(n.price), plain(n.amount), "Sale"] for n in o.lines]
        if o.at in VOID:
            rows.append([*base, "SKU-009", "Mug", -1, "5.00", "-5.00", "Exchange"])
    return one_file(
        "exchange",
        "taken back and sold on one receipt",
        "receipt_lines.csv",
        rows_text(
            ["Receipt", "Sold At", "Loyalty No", "SKU", "Description", "Qty", "Unit Price", "Line Total", "Line Type"],
            rows,
        ),
        orders=24,
        total=money(TOTAL - 1500),
        customers=10,
        lines=51,
    )


def staff_sales() -> Made:
    """Staff buy, too: all three kinds are sales."""
    return orders_file(
        "staff_sales",
        "Transaction No,Transaction Date,Sale Type,Customer No,Discount,Total",
        lambda o: [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            ("Retail", "Staff", "Trade")[o.at % 3],
            400 + o.person.at,
            "0.00",
            plain(o.total),
        ],
        **all_orders(),
    )


def tender_columns() -> Made:
    """No total: what was paid stands in a column per way of paying."""
    return orders_file(
        "tender_columns",
        "Receipt No,Date,Time,Member,Cash,Card,Voucher",
        lambda o: [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            f"{o.moment:%H:%M}",
            f"M{o.person.at}",
            plain(o.total - o.total // 3) if o.at % 2 else "0.00",
            "0.00" if o.at % 2 else plain(o.total - o.total // 3),
            plain(o.total // 3),
        ],
        **all_orders(),
    )


def hotel_folio() -> Made:
    """Charges are debits; what the guest pays is the credit that clears them."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        base = [
            f"R{o.number}",
            f"G{o.person.at:03d}",
            o.person.name,
            f"{o.moment:%d-%m-%Y}",
            f"{o.moment + timedelta(days=1):%d-%m-%Y}",
        ]
        rows += [[*base, f"{o.moment:%d-%m-%Y}", n.sku, n.name, plain(n.amount), ""] for n in o.lines]
        rows.append([*base, f"{o.moment + timedelta(days=1):%d-%m-%Y}", "PAY", "Visa", "", plain(o.total)])
    head = "Res No,Guest ID,Guest Name,Arrival,Departure,Posting Date,Code,Description,Debit,Credit"
    return one_file(
        "hotel_folio",
        "charges and payments of stays",
        "folio_postings.csv",
        rows_text(head.split(","), rows),
        orders=24,
        total=money(TOTAL),
        customers=10,
    )


def call_records() -> Made:
    """Calls with their length and their price to a hundredth of a cent."""
    return orders_file(
        "call_records",
        "Call ID;A Number;B Number;Start;Duration;Seconds;Tariff;Charge (EUR)",
        lambda o: [
            f"CDR{o.number}",
            f"+491701234{o.person.at:03d}",
            f"+49302200{o.at:03d}",
            f"{o.moment:%d.%m.%Y %H:%M:%S}",
            "00:03:12",
            192,
            "STD",
            f"{o.total / 100:.4f}".replace(".", ","),
        ],
        "cdr_202403.csv",
        **all_orders(),
    )


def meter_readings() -> Made:
    """Kilowatt hours are no money."""
    rows = [
        [
            f"DE000{o.person.at:04d}",
            900 + o.person.at,
            f"{o.moment:%d.%m.%Y}",
            comma(100_000 + o.total),
            comma(o.total),
            "abgelesen",
        ]
        for o in ORDERS
    ]
    return one_file(
        "meter_readings",
        "readings of meters",
        "zaehlerstaende.csv",
        rows_text(["Zählpunkt", "Kundennummer", "Ablesedatum", "Zählerstand", "Verbrauch kWh", "Ableseart"], rows, ";"),
        "cp1252",
        orders=0,
    )


def dentist() -> Made:
    """Fees of visits that took place; the insurer's share and the patient's make the fee."""
    return orders_file(
        "dentist",
        "Appointment ID,Patient ID,Patient Name,DOB,Appointment Date,Start,End,Provider,Treatment,Fee,Insurance Portion,Patient Portion,Status",
        lambda o: [
            o.number,
            f"PT{o.person.at:03d}",
            o.person.name,
            f"{1960 + o.person.at}-05-04",
            f"{o.moment:%m/%d/%Y}",
            f"{o.moment:%I:%M %p}",
            f"{o.moment + timedelta(minutes=30):%I:%M %p}",
            "Dr Molar",
            o.lines[0].name,
            plain(o.total),
            plain(o.total // 2),
            plain(o.total - o.total // 2),
            state(o, "Completed", "No Show"),
        ],
        **COUNTED,
    )


def hour_suffix() -> Made:
    """Hours as tills of North America print them."""
    return orders_file(
        "hour_suffix",
        "Trans#,Trans Date,Trans Time,Store,Reg,Cust ID,Net Amt",
        lambda o: [
            o.number,
            f"{o.moment:%m/%d/%y}",
            f"{o.moment:%I:%M}{'A' if o.moment.hour < 12 else 'P'}",
            12,
            3,
            f"{7000 + o.person.at}",
            plain(o.total),
        ],
        "TLOG0331.csv",
        **all_orders(first_instant="2024-03-01 09:00:00"),
    )


def percent_off() -> Made:
    """The list price, and how many percent were let off; what is left stands nowhere."""
    return lines_file(
        "percent_off",
        "Auftrag;Datum;Kundennr;Artikel;Bezeichnung;Menge;Listenpreis;Rabatt %",
        lambda o, n: [
            f"A{o.number}",
            f"{o.moment:%d.%m.%Y}",
            500 + o.person.at,
            n.sku,
            n.name,
            n.quantity,
            comma(n.price),
            "10" if o.at in VOID else "0",
        ],
        "auftragspositionen.csv",
        orders=24,
        total=money(sum((n.amount * 90 + 50) // 100 if o.at in VOID else n.amount for o, n in each_line())),
        customers=10,
    )


CASES = (
    restaurant_tips,
    past_midnight,
    bottle_deposit,
    second_hand,
    layaway,
    gift_card_ledger,
    exchange,
    staff_sales,
    tender_columns,
    hotel_folio,
    call_records,
    meter_readings,
    dentist,
    hour_suffix,
    percent_off,
)
