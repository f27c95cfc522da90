"""Exports of trades that are no shops: stays, meals, contracts, premiums, gifts, tickets, and books of companies."""

import json

from tests.lakehouse.authoring.made_exports.abroad import BACK, COUNTED, LESS, VOID, state
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
    with_lines,
)


def hotel() -> Made:
    return orders_file(
        "hotel_stays",
        "Confirmation No,Guest Name,Guest Email,Booked On,Arrival,Departure,Nights,Room Type,Rate,Total Amount,Status",
        lambda o: [
            f"HX{o.number}",
            o.person.name,
            o.person.email,
            f"{o.moment:%d-%b-%Y}",
            "05-Apr-2024",
            "06-Apr-2024",
            1,
            "DBL",
            plain(o.total),
            plain(o.total),
            state(o, "Checked Out", "Cancelled"),
        ],
        **COUNTED,
    )


def delivery_orders() -> Made:
    return orders_file(
        "delivery_orders",
        "Order ID,Restaurant name,Order placed at,Order status,Subtotal,Delivery fee,Service fee,Order total,Commission,Net payout,Customer ID",
        lambda o: [
            f"#{o.number}",
            "Trattoria",
            f"{o.moment:%b %d, %Y %I:%M %p}",
            state(o, "Delivered", "Cancelled"),
            plain(o.total - 300),
            "2.00",
            "1.00",
            plain(o.total),
            plain(o.total // 4),
            plain(o.total - o.total // 4),
            f"cust-{o.person.at}",
        ],
        **COUNTED,
    )


def subscription_invoices() -> Made:
    return orders_file(
        "subscription_invoices",
        "Invoice Number,Subscription Id,Customer Id,Customer Email,Invoice Date,Status,Currency,Sub Total,Tax,Total,Amount Paid,Amount Due",
        lambda o: [
            f"SUB-{o.number}",
            f"s{o.person.at}",
            f"cu_{o.person.at}",
            o.person.email,
            f"{o.moment:%Y-%m-%dT%H:%M:%SZ}",
            state(o, "Paid", "Voided"),
            "USD",
            plain(o.total - o.total // 6),
            plain(o.total // 6),
            plain(o.total),
            plain(0 if o.at in VOID else o.total),
            "0.00",
        ],
        **COUNTED,
    )


def telecom_bills() -> Made:
    return orders_file(
        "telecom_bills",
        "MSISDN|ACCOUNT_NO|BILL_CYCLE|INVOICE_NO|INVOICE_DT|AMT_EXCL_TAX|TAX_AMT|AMT_INCL_TAX",
        lambda o: [
            f"4917012340{o.person.at:02d}",
            70_000 + o.person.at,
            "01",
            o.number,
            f"{o.moment:%Y%m%d}",
            plain(o.total - o.total // 6),
            plain(o.total // 6),
            plain(o.total),
        ],
        "bill_run_202403.txt",
        **all_orders(),
    )


def premiums() -> Made:
    return orders_file(
        "premiums_de",
        "Belegnummer;Policennummer;Kundennummer;Versicherungsnehmer;Buchungsdatum;Vorgang;Nettoprämie;Versicherungsteuer;Bruttoprämie",
        lambda o: [
            o.number,
            f"KFZ-{4000 + o.person.at}",
            4000 + o.person.at,
            o.person.name,
            f"{o.moment:%d.%m.%Y}",
            "Storno" if o.at in BACK else "Prämie",
            comma((-1 if o.at in BACK else 1) * (o.total - o.total // 6)),
            comma((-1 if o.at in BACK else 1) * (o.total // 6)),
            comma((-1 if o.at in BACK else 1) * o.total),
        ],
        "praemien.csv",
        "cp1252",
        orders=24,
        total=LESS,
        customers=10,
    )


def donations() -> Made:
    return orders_file(
        "donations",
        "Donation ID,Donation Date,First name,Last name,Email,Amount,Currency,Fund,Recurring,Gift Aid,Status",
        lambda o: [
            f"D{o.number}",
            f"{o.moment:%m/%d/%Y %I:%M:%S %p}",
            o.person.given,
            o.person.surname,
            o.person.email,
            f"£{plain(o.total)}",
            "GBP",
            "General",
            "Yes",
            "No",
            state(o, "Succeeded", "Failed"),
        ],
        **COUNTED,
    )


def parking() -> Made:
    return orders_file(
        "parking",
        "Ticket No;Entry;Exit;Licence Plate;Site;Fee;Payment",
        lambda o: [
            f"{o.number}",
            f"{o.moment:%d.%m.%Y %H:%M}",
            f"{o.moment:%d.%m.%Y} 23:00",
            f"HH-AB {100 + o.person.at}",
            "P1",
            f"{comma(o.total)} €",
            "Card",
        ],
        orders=24,
        total=money(TOTAL),
    )


def pharmacy() -> Made:
    return lines_file(
        "pharmacy_de",
        "Belegnr;Datum;Uhrzeit;PZN;Bezeichnung;Menge;VK;Gesamt;Kundenkarte",
        lambda o, n: [
            o.number,
            f"{o.moment:%d.%m.%y}",
            f"{o.moment:%H:%M}",
            f"0{n.sku[-3:]}4711",
            n.name,
            n.quantity,
            comma(n.price),
            comma(n.amount),
            f"KK{o.person.at:05d}",
        ],
        **with_lines(),
    )


def cinema() -> Made:
    return orders_file(
        "cinema_tickets",
        "Booking Ref,Purchased At,Showtime,Film,Tickets,Price Per Ticket,Booking Fee,Total Paid,Member No",
        lambda o: [
            f"BK{o.number}",
            f"{o.moment:%d/%m/%Y %H:%M}",
            "30/04/2024 20:15",
            "Nosferatu",
            2,
            plain(o.total // 2),
            "0.00",
            plain(o.total),
            f"M-{o.person.at}",
        ],
        **all_orders(),
    )


def salon() -> Made:
    return orders_file(
        "salon",
        "Appt. ref,Client,Client email,Service,Scheduled date,Status,Gross sales,Discounts,Refunds,Net sales",
        lambda o: [
            f"A{o.number}",
            o.person.name,
            o.person.email,
            "Haircut",
            f"{o.moment:%d %b %Y, %H:%M}",
            state(o, "Completed", "No-show"),
            plain(o.total),
            "0.00",
            "0.00",
            plain(0 if o.at in VOID else o.total),
        ],
        **COUNTED,
    )


def sap_billing() -> Made:
    return orders_file(
        "sap_billing",
        "Bill.Doc.|BillT|Billing Date|Sold-to pt|Net value|Tax amount|Curr.",
        lambda o: [
            f"00900{o.number}",
            "G2" if o.at in BACK else "F2",
            f"{o.moment:%d.%m.%Y}",
            f"00001000{o.person.at:02d}",
            comma(o.total) + ("-" if o.at in BACK else ""),
            "0,00",
            "EUR",
        ],
        "VBRK.txt",
        orders=24,
        total=LESS,
        customers=10,
    )


def netsuite() -> Made:
    return orders_file(
        "netsuite",
        "Internal ID,Type,Date,Document Number,Name,Memo,Amount,Status",
        lambda o: [
            55_000 + o.at,
            "Credit Memo" if o.at in BACK else "Invoice",
            f"{o.moment.month}/{o.moment.day}/{o.moment.year}",
            f"{'CM' if o.at in BACK else 'INV'}{o.number}",
            f"C{100 + o.person.at} {o.person.name}",
            "",
            f"({plain(o.total)})" if o.at in BACK else plain(o.total),
            "Fully Applied" if o.at in BACK else "Paid In Full",
        ],
        "TransactionSearchResults.csv",
        orders=24,
        total=LESS,
        customers=10,
    )


def quickbooks_detail() -> Made:
    """A report with the customer as a row of its own above their lines, and a total below."""
    head = "Date,Transaction Type,Num,Product/Service,Quantity,Sales Price,Amount,Balance"
    rows = []
    for at in range(10):
        lines = [(o, n) for o, n in each_line() if o.person.at == at]
        rows.append([lines[0][0].person.name, *[""] * 8])
        rows += [
            ["", f"{o.moment:%m/%d/%Y}", "Invoice", o.number, n.name, n.quantity, plain(n.price), plain(n.amount), ""]
            for o, n in lines
        ]
        rows.append(
            [f"Total for {lines[0][0].person.name}", *[""] * 6, f"${sum(n.amount for _, n in lines) / 100:,.2f}", ""]
        )
    rows.append(["TOTAL", *[""] * 6, f"${TOTAL / 100:,.2f}", ""])
    text = 'Sales by Customer Detail\nAcme Inc\n"March 1-31, 2024"\n\n' + rows_text(["", *head.split(",")], rows)
    return one_file(
        "quickbooks_detail",
        "customers as rows above their lines",
        "Sales_by_Customer_Detail.csv",
        text,
        orders=24,
        total=money(TOTAL),
    )


def xero() -> Made:
    return lines_file(
        "xero",
        "*ContactName,EmailAddress,*InvoiceNumber,Reference,*InvoiceDate,*DueDate,Total,InventoryItemCode,*Description,*Quantity,*UnitAmount,LineAmount,*AccountCode,*TaxType,TaxAmount,Currency,Type,Status",
        lambda o, n: [
            o.person.name,
            o.person.email,
            f"INV-{o.number}",
            "",
            f"{o.moment:%d/%m/%Y}",
            "30/04/2024",
            plain(o.total),
            n.sku,
            n.name,
            f"{n.quantity}.0000",
            f"{n.price / 100:.4f}",
            plain(n.amount),
            200,
            "No VAT",
            "0.00",
            "GBP",
            "Sales invoice",
            state(o, "Paid", "Voided"),
        ],
        **COUNTED,
    )


def fuel() -> Made:
    return orders_file(
        "fuel",
        "Beleg;Zeitpunkt;Säule;Sorte;Liter;Preis/l;Betrag;Kartennr",
        lambda o: [
            o.number,
            f"{o.moment:%d.%m.%Y %H:%M:%S}",
            3,
            "Diesel",
            f"{o.total / 179.9:.2f}".replace(".", ","),
            "1,799",
            comma(o.total),
            f"7005{o.person.at:04d}",
        ],
        "tankdaten.csv",
        "cp1252",
        **all_orders(),
    )


def wash_events() -> Made:
    lines = [
        json.dumps(
            {
                "event": "payment.succeeded",
                "event_ts": int(o.moment.timestamp()) * 1000,
                "data": {
                    "payment_id": f"p-{o.number}",
                    "user": {"id": f"u{o.person.at}", "email": o.person.email},
                    "amount": {"value": o.total, "currency": "EUR"},
                },
            }
        )
        for o in ORDERS
    ]
    return one_file(
        "wash_events",
        "payments of an app: minor units below amount",
        "payments.jsonl",
        "\n".join(lines),
        orders=24,
        total=money(TOTAL),
        customers=10,
    )


def taxi() -> Made:
    return orders_file(
        "taxi",
        "Trip ID,Rider ID,Request time,Drop-off time,Base fare,Tolls,Tip,Total fare,Currency,Trip status",
        lambda o: [
            f"t-{o.number}",
            f"r{o.person.at}",
            f"{o.moment:%Y-%m-%dT%H:%M:%S}+01:00",
            f"{o.moment:%Y-%m-%dT%H}:59:59+01:00",
            plain(o.total - 200),
            "1.00",
            "1.00",
            plain(o.total),
            "EUR",
            state(o, "completed", "rider_cancelled"),
        ],
        **COUNTED,
    )


def canteen() -> Made:
    rows = []
    for o in ORDERS:
        card = f"S{o.person.at:03d}"
        if o.at % 3 == 0:
            rows.append([f"{o.moment:%d.%m.%Y} 07:00", f"L{o.number}", card, "Aufladung", "100,00"])
        rows.append([f"{o.moment:%d.%m.%Y %H:%M}", f"E{o.number}", card, "Einkauf", f"-{comma(o.total)}"])
    head = ["Zeitpunkt", "Buchungsnr", "Kartennummer", "Buchungsart", "Betrag"]
    return one_file(
        "canteen",
        "a prepaid card: top-ups above zero, purchases below",
        "buchungen.csv",
        rows_text(head, rows, ";"),
        orders=24,
        total=money(TOTAL),
    )


def wholesale_order() -> Made:
    return lines_file(
        "wholesale_lines",
        "Auftrag;Pos;Auftragsdatum;Kunde;Matchcode;Artikel;Bezeichnung;Menge;ME;Preis;PE;Rabatt %;Pos.-Wert;Währung",
        lambda o, n: [
            o.number,
            10 * (1 + o.lines.index(n)),
            f"{o.moment:%d.%m.%Y}",
            10_000 + o.person.at,
            o.person.surname.upper(),
            n.sku,
            n.name,
            f"{n.quantity},000",
            "ST",
            comma(n.price * 100),
            100,
            "0,0",
            comma(n.amount),
            "EUR",
        ],
        "auftragspositionen.csv",
        "cp1252",
        **with_lines(),
    )


CASES = (
    hotel,
    delivery_orders,
    subscription_invoices,
    telecom_bills,
    premiums,
    donations,
    pharmacy,
    cinema,
    salon,
    sap_billing,
    netsuite,
    quickbooks_detail,
    xero,
    fuel,
    taxi,
    canteen,
    parking,
    wholesale_order,
    wash_events,
)
