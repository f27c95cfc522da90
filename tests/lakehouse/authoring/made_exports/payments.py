"""Lists of payment services, and tills."""

import json

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    all_orders,
    comma,
    money,
    one_file,
    plain,
    rows_text,
)

BACK = {4, 9}  # orders that are paid back, whole
SUM_BACK = sum(ORDERS[at].total for at in BACK)


def stripe_payments() -> Made:
    head = (
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,"
        "Converted Amount Refunded,Converted Currency,Decline Reason,Description,Fee,Refunded date (UTC),"
        "Statement Descriptor,Status,Seller Message,Taxes On Fee,Card ID,Customer ID,Customer Description,"
        "Customer Email,Invoice ID,Transfer"
    )
    rows = [
        [
            f"ch_3Os{o.number}aB",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            plain(o.total),
            plain(o.total) if o.at in BACK else "0.00",
            "usd",
            "true",
            plain(o.total),
            plain(o.total) if o.at in BACK else "0.00",
            "usd",
            "",
            "",
            "0.59",
            "",
            "SHOP",
            "Refunded" if o.at in BACK else "Failed" if o.at == 7 else "Paid",
            "Payment complete.",
            "0.00",
            f"card_1Os{o.at}",
            f"cus_P{o.person.at}xyz",
            o.person.name,
            o.person.email,
            "",
            "",
        ]
        for o in ORDERS
    ]
    return one_file(
        "stripe_payments",
        "payments of Stripe, one failed, two refunded",
        "unified_payments.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(TOTAL - SUM_BACK - ORDERS[7].total),
    )


def stripe_charges() -> Made:
    data = [
        {
            "id": f"ch_3Os{o.number}",
            "object": "charge",
            "amount": o.total,
            "amount_captured": o.total,
            "amount_refunded": 0,
            "created": int(o.moment.timestamp()),
            "currency": "usd",
            "customer": f"cus_P{o.person.at}",
            "paid": True,
            "status": "succeeded",
            "billing_details": {
                "email": o.person.email,
                "name": o.person.name,
                "address": {"city": o.person.city, "postal_code": o.person.postcode},
            },
        }
        for o in ORDERS
    ]
    return one_file(
        "stripe_charges_json",
        "an answer of Stripe's interface: cents, seconds",
        "charges.json",
        json.dumps({"object": "list", "has_more": False, "data": data}),
        **all_orders(first_instant="2024-03-01 09:00:00"),
    )


def adyen() -> Made:
    head = (
        "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation "
        "Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit "
        "(GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC)"
    )
    rows = []
    for o in ORDERS:
        rows.append(
            [
                "Shop",
                "ShopECOM",
                f"88{o.number}00",
                f"{o.number}",
                "visa",
                f"{o.moment:%Y-%m-%d %H:%M:%S}",
                "CET",
                "Settled",
                f"8{o.number}",
                "EUR",
                "",
                plain(o.total),
                "1",
                "EUR",
                "",
                plain(o.total - 10),
                "0.10",
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    "Shop",
                    "ShopECOM",
                    f"88{o.number}00",
                    f"{o.number}",
                    "visa",
                    f"{o.moment:%Y-%m-28 %H:%M:%S}",
                    "CET",
                    "Refunded",
                    f"9{o.number}",
                    "EUR",
                    plain(o.total),
                    "",
                    "1",
                    "EUR",
                    plain(o.total),
                    "",
                    "",
                ]
            )
    rows.append(
        [
            "Shop",
            "ShopECOM",
            "",
            "",
            "",
            "2024-03-30 10:00:00",
            "CET",
            "MerchantPayout",
            "batch 12",
            "EUR",
            plain(90000),
            "",
            "1",
            "EUR",
            plain(90000),
            "",
            "",
        ]
    )
    return one_file(
        "adyen_settlement",
        "settlement details: debit and credit in columns of their own, a payout",
        "settlement_detail_report_batch_12.csv",
        rows_text(head.split(","), rows),
        orders=26,
        total=money(TOTAL - SUM_BACK),
        first_instant="2024-03-01 08:00:00",
        currency="EUR",
    )


def mollie() -> Made:
    head = "Datum,Betaalmethode,Valuta,Bedrag,Status,ID,Omschrijving,Consument naam,Bedrag teruggestort"
    rows = [
        [
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            "iDEAL",
            "EUR",
            plain(o.total),
            "expired" if o.at in BACK else "paid",
            f"tr_{o.number}aX",
            f"Bestelling {o.number}",
            o.person.name,
            "0.00",
        ]
        for o in ORDERS
    ]
    return one_file(
        "mollie_nl",
        "payments of Mollie in Dutch, two expired",
        "mollie-betalingen-2024-03.csv",
        rows_text(head.split(","), rows, quote_all=True),
        total_of_completed=money(TOTAL - SUM_BACK),
        currency="EUR",
    )


def paypal_german() -> Made:
    head = [
        "Datum",
        "Uhrzeit",
        "Zeitzone",
        "Name",
        "Typ",
        "Status",
        "Währung",
        "Brutto",
        "Gebühr",
        "Netto",
        "Absender E-Mail-Adresse",
        "Empfänger E-Mail-Adresse",
        "Transaktionscode",
        "Zugehöriger Transaktionscode",
        "Guthaben",
    ]
    rows = []
    for o in ORDERS:
        row = [f"{o.moment:%d.%m.%Y}", f"{o.moment:%H:%M:%S}", "CET", o.person.name]
        mail = [o.person.email, "shop@example.com"]
        rows.append(
            [
                *row,
                "PayPal Express-Zahlung",
                "Abgeschlossen",
                "EUR",
                comma(o.total),
                "-0,50",
                comma(o.total - 50),
                *mail,
                f"7AB{o.number}",
                "",
                "",
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    *row[:3],
                    o.person.name,
                    "Rückzahlung",
                    "Abgeschlossen",
                    "EUR",
                    f"-{comma(o.total)}",
                    "0,00",
                    f"-{comma(o.total)}",
                    *reversed(mail),
                    f"8AB{o.number}",
                    f"7AB{o.number}",
                    "",
                ]
            )
    rows.append(
        [
            "30.03.2024",
            "10:00:00",
            "CET",
            "",
            "Allgemeine Abbuchung",
            "Abgeschlossen",
            "EUR",
            "-500,00",
            "0,00",
            "-500,00",
            "",
            "",
            "9AB1",
            "",
            "",
        ]
    )
    return one_file(
        "paypal_de",
        "PayPal in German: refunds and a withdrawal",
        "Download.CSV",
        "\ufeff" + rows_text(head, rows, quote_all=True),
        orders=26,
        total=money(TOTAL - SUM_BACK),
        currency="EUR",
        first_instant="2024-03-01 08:00:00",
    )


def klarna() -> Made:
    head = (
        "short_order_id,order_id,sale_date,type,amount,currency_code,merchant_reference1,capture_date,"
        "payout_date,tax_amount"
    )
    rows = []
    for o in ORDERS:
        key = [f"K{o.number}", f"a1b2-{o.number}", f"{o.moment:%Y-%m-%dT%H:%M:%SZ}"]
        rest = ["SEK", f"{o.number}", f"{o.moment:%Y-%m-%dT%H:%M:%SZ}", "2024-03-31", ""]
        rows.append([*key, "SALE", plain(o.total), *rest])
        rows.append([*key, "FEE", "-1.20", *rest])
        if o.at in BACK:
            rows.append([*key, "RETURN", f"-{plain(o.total)}", *rest])
    return one_file(
        "klarna_settlement",
        "a settlement of Klarna: sales, fees and returns under one order",
        "klarna_2024-03-31.csv",
        rows_text(head.split(","), rows),
        orders=26,
        total=money(TOTAL - SUM_BACK),
        currency="SEK",
    )


CASES = (
    stripe_payments,
    stripe_charges,
    adyen,
    mollie,
    paypal_german,
    klarna,
)
