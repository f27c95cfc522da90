"""What was given back, and who is nobody, in the forms that programs have for it."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    all_orders,
    comma,
    each_line,
    money,
    one_file,
    plain,
    rows_text,
)

WIDE = ["Order No", "Order Date", "Customer No", "Amount"]

BACK = {4, 9, 16}

SUM_BACK = sum(ORDERS[at].total for at in BACK)

LESS = {"total": money(TOTAL - 2 * SUM_BACK)}


def refund_positive_typed() -> Made:
    rows = [[o.number, f"{o.moment:%Y-%m-%d}", 100 + o.person.at, "Verkauf", plain(o.total)] for o in ORDERS]
    rows += [
        [ORDERS[at].number, "2024-03-29", 100 + ORDERS[at].person.at, "Retoure", plain(ORDERS[at].total)]
        for at in sorted(BACK)
    ]
    return one_file(
        "refund_positive",
        "what is given back is positive, with a type",
        "umsatz.csv",
        rows_text(["Belegnummer", "Belegdatum", "Kundennummer", "Vorgangsart", "Betrag"], rows),
        orders=27,
        total=money(TOTAL - SUM_BACK),
        customers=10,
    )


def refund_negative_lines() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y-%m-%d}", 100 + o.person.at, n.sku, n.quantity, plain(n.amount)]
        for o, n in each_line()
    ]
    rows += [
        [ORDERS[at].number, "2024-03-29", 100 + ORDERS[at].person.at, n.sku, -n.quantity, plain(-n.amount)]
        for at in sorted(BACK)
        for n in ORDERS[at].lines
    ]
    return one_file(
        "refund_negative_lines",
        "lines below zero under the sale's number, days later",
        "lines.csv",
        rows_text(["Order No", "Order Date", "Customer No", "SKU", "Quantity", "Amount"], rows),
        orders=27,
        total=money(TOTAL - SUM_BACK),
        customers=10,
    )


def credit_notes() -> Made:
    rows = [
        [f"INV-{o.number}", "Invoice", f"{o.moment:%d/%m/%Y}", 100 + o.person.at, plain(o.total), "Paid"]
        for o in ORDERS
    ]
    rows += [
        [f"CN-{90 + at}", "Credit Note", "29/03/2024", 100 + ORDERS[at].person.at, plain(ORDERS[at].total), "Paid"]
        for at in sorted(BACK)
    ]
    return one_file(
        "credit_notes",
        "invoices and credit notes, positive both",
        "SalesInvoices-2024.csv",
        rows_text(["InvoiceNumber", "Type", "InvoiceDate", "ContactNumber", "Total", "Status"], rows),
        orders=27,
        total=money(TOTAL - SUM_BACK),
        customers=10,
    )


def debit_credit() -> Made:
    rows = [
        [o.number, f"{o.moment:%d.%m.%Y}", 100 + o.person.at, plain(o.total), "H" if o.at in BACK else "S", "EUR"]
        for o in ORDERS
    ]
    return one_file(
        "soll_haben",
        "Soll and Haben: credits of a customer are given back",
        "buchungen.csv",
        rows_text(["Belegnummer", "Belegdatum", "Kundennummer", "Betrag", "Soll/Haben", "Währung"], rows),
        **all_orders(total=money(TOTAL - 2 * SUM_BACK)),
    )


def refund_status_negative() -> Made:
    rows = [[o.number, f"{o.moment:%Y-%m-%d}", 100 + o.person.at, plain(o.total), "completed"] for o in ORDERS]
    rows += [
        [5000 + at, "2024-03-29", 100 + ORDERS[at].person.at, plain(-ORDERS[at].total), "refunded"]
        for at in sorted(BACK)
    ]
    return one_file(
        "refund_status_negative",
        "rows below zero whose status says refunded",
        "transactions_2024.csv",
        rows_text(["Order No", "Order Date", "Customer No", "Amount", "Status"], rows),
        orders=27,
        total=money(TOTAL - SUM_BACK),
        customers=10,
    )


def nobody() -> Made:
    words = ["Guest", "Laufkunde", "(not set)", "\\N", "0", "散客", "Walk-in", "-"]
    rows = [
        [o.number, f"{o.moment:%Y-%m-%d}", words[o.at // 3] if o.at % 3 == 0 else f"C{o.person.at}", plain(o.total)]
        for o in ORDERS
    ]
    return one_file(
        "nobody_words",
        "words for nobody of many languages",
        "guests.csv",
        rows_text(WIDE, rows),
        orders=24,
        total=money(TOTAL),
        guests=8,
    )


def stripped_zeros() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y-%m-%d}", o.person.at + 40, f"{o.person.at + 1067:d}", plain(o.total)] for o in ORDERS
    ]
    return one_file(
        "zip_stripped",
        "postcodes without their zero",
        "stripped.csv",
        rows_text(["Order No", "Order Date", "Customer No", "Zip", "Amount"], rows),
        **all_orders(),
    )


def order_ids_rounded() -> Made:
    rows = [["2.04E+12", f"{o.moment:%Y-%m-%d %H:%M:%S}", 100 + o.person.at, plain(o.total)] for o in ORDERS]
    return one_file(
        "order_ids_rounded",
        "order numbers that a spreadsheet rounded to one",
        "rounded.csv",
        rows_text(WIDE, rows),
        **all_orders(),
    )


def names_in_state() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y-%m-%d}", 100 + o.person.at, plain(o.total), "processing" if o.at % 2 else "complete"]
        for o in ORDERS
    ]
    return one_file(
        "state_is_status",
        "state that says processing is no address",
        "magento_sql.csv",
        rows_text(["increment_id", "created_at", "customer_id", "grand_total", "state"], rows),
        **all_orders(accounts=10),
    )


def gross_net_tax() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%d.%m.%Y}",
            100 + o.person.at,
            comma(round(o.total / 1.19)),
            "19 %",
            comma(o.total - round(o.total / 1.19)),
            comma(o.total),
        ]
        for o in ORDERS
    ]
    return one_file(
        "net_tax_gross",
        "net, rate, tax and gross",
        "rechnungen_netto.csv",
        rows_text(["Rechnungsnr", "Datum", "Kundennr", "Netto", "MwSt-Satz", "MwSt", "Brutto"], rows, ";"),
        **all_orders(),
    )


def unit_and_line_discount() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            100 + o.person.at,
            n.sku,
            n.quantity,
            plain(n.price),
            "1.00",
            plain(n.amount - 100),
        ]
        for o, n in each_line()
    ]
    return one_file(
        "line_discount",
        "price, discount and the line's total after it",
        "lines_discount.csv",
        rows_text(
            ["Order No", "Order Date", "Customer No", "SKU", "Qty", "Unit Price", "Discount", "Line Total"], rows
        ),
        orders=24,
        total=money(TOTAL - 100 * len(rows)),
        customers=10,
        lines=48,
        line_sum=money(TOTAL - 100 * len(rows)),
    )


CASES = (
    refund_positive_typed,
    refund_negative_lines,
    credit_notes,
    debit_credit,
    refund_status_negative,
    nobody,
    stripped_zeros,
    order_ids_rounded,
    names_in_state,
    gross_net_tax,
    unit_and_line_discount,
)
