"""Sections, units, words and months where numbers and days are expected; flags of lines; parts that add up to a total."""

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

from tests.lakehouse.authoring.made_exports.abroad import BACK, VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Person,
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
from tests.lakehouse.authoring.made_exports.workbooks import xlsx

SUM_BACK = sum(ORDERS[at].total for at in BACK)
SUM_VOID = sum(ORDERS[at].total for at in VOID)


def amazon_unified() -> Made:
    """Explanations above, amounts in columns of their own, transfers and fees as rows between."""
    head = "date/time,settlement id,type,order id,sku,description,quantity,marketplace,product sales,product sales tax,shipping credits,promotional rebates,selling fees,fba fees,other,total"
    rows: list[list[Any]] = []
    for o in ORDERS:
        day = f"{o.moment:%b} {o.moment.day}, {o.moment.year} {o.moment:%I:%M:%S %p} PST"
        fee = o.total // 7
        item = [o.lines[0].sku, o.lines[0].name, 1, "amazon.com"]
        rows.append(
            [
                day,
                111,
                "Order",
                f"112-{o.number}-55",
                *item,
                plain(o.total),
                0,
                0,
                0,
                plain(-fee),
                0,
                0,
                plain(o.total - fee),
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    day,
                    111,
                    "Refund",
                    f"112-{o.number}-55",
                    *item,
                    plain(-o.total),
                    0,
                    0,
                    0,
                    plain(fee),
                    0,
                    0,
                    plain(fee - o.total),
                ]
            )
        if o.at % 8 == 7:
            rows.append(
                [day, 111, "Transfer", "", "", "To your account ending in: 123", "", "", 0, 0, 0, 0, 0, 0, 0, "-400.00"]
            )
    rows.append([day, 111, "Service Fee", "", "", "Subscription", "", "", 0, 0, 0, 0, 0, 0, "-39.99", "-39.99"])
    above = '"Includes Amazon Marketplace transactions"\n"All amounts in USD, unless specified"\n"Definitions:"\n"Sales tax collected: Includes sales tax, ""collected"" by us"\n'
    return one_file(
        "amazon_unified",
        "transactions with transfers and fees",
        "2024MarMonthlyUnifiedTransaction.csv",
        above + rows_text(head.split(","), rows),
        orders=27,
        total=money(TOTAL - SUM_BACK),
    )


def bike_rental() -> Made:
    return orders_file(
        "bike_rental",
        "Rental ID,Bike,Member ID,Start Time,End Time,Duration (min),Start Station,End Station,Distance km,Price",
        lambda o: [
            f"RNT{o.number}",
            f"B{o.at % 5}",
            f"M{o.person.at:03d}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            f"{o.moment + timedelta(minutes=25):%Y-%m-%d %H:%M:%S}",
            "25",
            "Dock 1",
            "Dock 2",
            "3.4",
            f"€{plain(o.total)}",
        ],
        **all_orders(currency="EUR"),
    )


def mrr_movements() -> Made:
    """What a contract is worth a month went up or down: nothing was paid."""
    rows = [
        [
            f"{o.moment:%Y-%m-%d}",
            f"cus_{o.person.at}",
            ("New", "Expansion", "Contraction", "Churn")[o.at % 4],
            plain(o.total if o.at % 4 < 2 else -o.total),
            plain(5000),
        ]
        for o in ORDERS
    ]
    return one_file(
        "mrr_movements",
        "moves of recurring revenue",
        "mrr_movements.csv",
        rows_text(["Date", "Customer ID", "Movement Type", "MRR Change", "MRR"], rows),
        total="must ask",
    )


def totals_per_currency() -> Made:
    """Two rows below the table have the sum of each currency."""
    rows: list[list[Any]] = [
        [o.number, f"{o.moment:%Y-%m-%d}", f"C{o.person.at}", plain(o.total), "EUR" if o.at % 2 else "USD"]
        for o in ORDERS
    ]
    sums = {code: sum(o.total for o in ORDERS if (o.at % 2 == 1) == (code == "EUR")) for code in ("EUR", "USD")}
    rows += [["Total EUR", "", "", plain(sums["EUR"]), "EUR"], ["Total USD", "", "", plain(sums["USD"]), "USD"]]
    return one_file(
        "totals_per_currency",
        "a sum of each currency below",
        "sales_by_currency.csv",
        rows_text(["Order No", "Order Date", "Customer No", "Amount", "Currency"], rows),
        orders=24,
        customers=10,
        currencies="['EUR', 'USD']",
    )


def pos_abbreviations() -> Made:
    """Numbers start again at each store and day; all columns are abbreviated."""
    rows = [
        [
            f"{o.moment:%m/%d/%Y}",
            f"{o.moment:%H%M}",
            101 + o.at % 3,
            1,
            7 + o.at % 2,
            f"88{o.person.at:06d}",
            f"00{n.sku[-3:]}",
            n.name,
            n.quantity,
            plain(n.amount),
        ]
        for o, n in each_line()
    ]
    head = "TRX_DT,TRX_TM,STR_NBR,REG_NBR,TRX_NBR,LYL_CRD_NBR,UPC,ITM_DSC,QTY,EXT_AMT"
    return one_file(
        "pos_abbreviations", "a chain's lines", "pos_dtl.csv", rows_text(head.split(","), rows), **with_lines()
    )


def order_types() -> Made:
    return orders_file(
        "order_types",
        "Order #,Placed,Order Type,Phone,Items,Subtotal,Tax,Tip,Total",
        lambda o: [
            o.number,
            f"{o.moment:%m/%d/%Y %I:%M %p}",
            ("Delivery", "Pickup", "Dine-in")[o.at % 3],
            f"(212) 555-01{o.person.at:02d}",
            len(o.lines),
            plain(o.total - o.total // 10),
            plain(o.total // 10),
            "0.00",
            plain(o.total),
        ],
        **all_orders(),
    )


def json_columns() -> Made:
    """Names of columns once, then rows without them."""
    document = {
        "columns": ["order_id", "order_date", "customer_id", "amount"],
        "rows": [[o.number, f"{o.moment:%Y-%m-%d}", f"C{o.person.at}", o.total / 100] for o in ORDERS],
    }
    return one_file("json_columns", "columns named once", "query_result.json", json.dumps(document), **all_orders())


def refunds_section() -> Made:
    """Below the sales a second table, with the same header, has what was given back, above zero."""
    head = ["Order No", "Date", "Customer No", "Amount"]
    sold = rows_text(head, [[o.number, f"{o.moment:%Y-%m-%d}", f"C{o.person.at}", plain(o.total)] for o in ORDERS])
    back = rows_text(
        head,
        [[ORDERS[at].number, "2024-03-30", f"C{ORDERS[at].person.at}", plain(ORDERS[at].total)] for at in sorted(BACK)],
    )
    return one_file(
        "refunds_section",
        "two tables in one file",
        "sales_and_refunds.csv",
        f"Sales\n{sold}\nRefunds\n{back}",
        total=money(TOTAL - SUM_BACK),
    )


def quantity_with_units() -> Made:
    return lines_file(
        "quantity_with_units",
        "Bill No,Bill Date,Customer Code,Item Code,Item,Qty,Rate",
        lambda o, n: [
            o.number,
            f"{o.moment:%d-%m-%Y}",
            f"CC{o.person.at:03d}",
            n.sku,
            n.name,
            f"{n.quantity} pcs",
            plain(n.price),
        ],
        **with_lines(),
    )


def thousands_of_euro() -> Made:
    """Amounts count thousands."""
    return orders_file(
        "thousands_of_euro",
        "Auftragsnr;Auftragsdatum;Kundennr;Kunde;Auftragswert (TEUR)",
        lambda o: [
            o.number,
            f"{o.moment:%d.%m.%Y}",
            10_000 + o.person.at,
            o.person.name,
            f"{o.total / 100:.2f}".replace(".", ","),
        ],
        "auftraege.csv",
        orders=24,
        total=money(1000 * TOTAL),
        customers=10,
    )


def returned_flag() -> Made:
    """Which lines came back says a letter."""
    return lines_file(
        "returned_flag",
        "Order Number,Order Date,Customer Number,Article,Size,Quantity,Price,Returned",
        lambda o, n: [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            300 + o.person.at,
            n.sku,
            "M",
            n.quantity,
            plain(n.price),
            "Y" if o.at in BACK else "N",
        ],
        total=money(TOTAL - SUM_BACK),
    )


def free_words() -> Made:
    """Nothing to pay is said in a word."""
    return orders_file(
        "free_words",
        "Booking Ref,Booked On,Member No,Class,Price",
        lambda o: [
            f"BK-{o.number}",
            f"{o.moment:%d/%m/%Y}",
            f"M{o.person.at:03d}",
            "Yoga",
            "Free" if o.at in VOID else f"£{plain(o.total)}",
        ],
        orders=24,
        total=money(TOTAL - SUM_VOID),
        customers=10,
        currency="GBP",
    )


def kaspi() -> Made:
    return orders_file(
        "kaspi",
        "№ заказа;Дата поступления заказа;Название товара в Kaspi Магазине;Артикул;Количество;Сумма;Стоимость доставки для продавца;Статус;ФИО покупателя;Телефон",
        lambda o: [
            f"2501{o.number}",
            f"{o.moment:%d.%m.%Y}",
            o.lines[0].name,
            o.lines[0].sku,
            1,
            o.total,
            0,
            state(o, "Выдан", "Отменен"),
            f"Покупатель {o.person.at}",
            f"7701123450{o.person.at}",
        ],
        "ActiveOrders.csv",
        total_of_completed=money(100 * (TOTAL - SUM_VOID)),
    )


def lithuanian() -> Made:
    return lines_file(
        "lithuanian",
        "Užsakymo nr.;Užsakymo data;Pirkėjo kodas;Pirkėjas;Prekės kodas;Prekė;Kiekis;Kaina;Suma su PVM",
        lambda o, n: [
            f"U{o.number}",
            f"{o.moment:%Y.%m.%d}",
            f"P{o.person.at:03d}",
            f"Žiūrėnas {o.person.surname}",
            n.sku,
            n.name,
            n.quantity,
            comma(n.price),
            comma(n.amount),
        ],
        "uzsakymai.csv",
        "cp1257",
        **with_lines(),
    )


def zip_xlsx() -> Made:
    rows = [
        ["Order No", "Order Date", "Customer No", "Amount"],
        *([o.number, o.moment, f"C{o.person.at}", o.total / 100] for o in ORDERS),
    ]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("orders.xlsx", xlsx({"Orders": rows}))
    return one_file("zip_xlsx", "a workbook in an archive", "orders_export.zip", out.getvalue(), **all_orders())


def billing_month() -> Made:
    """The month alone."""
    rows = [[f"INV{o.number}", "03/2024", f"A{o.person.at:03d}", plain(o.total)] for o in ORDERS]
    return one_file(
        "billing_month",
        "bills of a month",
        "billing.csv",
        rows_text(["Invoice No", "Billing Month", "Account No", "Amount"], rows),
        **all_orders(),
    )


def paid_with_points() -> Made:
    """What the points were worth and what was paid make the price."""
    return orders_file(
        "paid_with_points",
        "Order ID,Order Time,Member ID,Order Amount,Points Used,Points Value,Amount Paid",
        lambda o: [
            o.number,
            f"{o.moment:%Y-%m-%d %H:%M}",
            f"M{o.person.at:03d}",
            plain(o.total),
            100,
            "1.00",
            plain(o.total - 100),
        ],
        orders=24,
        customers=10,
    )


def consent_matrix() -> Made:
    rows = [
        [800 + at, Person(at).given, Person(at).surname, Person(at).email, int(at % 3 == 0), int(at % 2), 1]
        for at in range(10)
    ]
    return one_file(
        "consent_matrix",
        "consents by channel",
        "kundenstamm.csv",
        rows_text(
            [
                "Kundennr",
                "Vorname",
                "Nachname",
                "E-Mail",
                "Einwilligung E-Mail",
                "Einwilligung Telefon",
                "Einwilligung Post",
            ],
            rows,
            ";",
        ),
        orders=0,
        accounts=10,
        granted=4,
    )


def shipping_on_first_line() -> Made:
    """Lines with their price, and what shipping and a voucher changed, on the first line."""
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            f"K{o.person.at}",
            n.sku,
            n.quantity,
            plain(n.price),
            "4.90" if n is o.lines[0] else "",
            "2.00" if n is o.lines[0] else "",
        ]
        for o, n in each_line()
    ]
    return one_file(
        "shipping_on_first_line",
        "shipping and voucher once an order",
        "positions.csv",
        rows_text(
            ["Order No", "Order Date", "Customer No", "SKU", "Qty", "Unit Price", "Shipping", "Voucher Discount"], rows
        ),
        orders=24,
        total=money(TOTAL + 24 * (490 - 200)),
        customers=10,
    )


def customer_ledger() -> Made:
    """Each customer's account: invoices and credit notes on one side, what they paid on the other, on later days."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        who = [f"D{o.person.at:03d}", o.person.name]
        rows.append([*who, f"{o.moment:%d/%m/%Y}", "Invoice", f"INV{o.number}", plain(o.total), "", ""])
        if o.at % 3:
            rows.append(
                [*who, f"{o.moment + timedelta(days=5):%d/%m/%Y}", "Payment", f"PAY{o.number}", "", plain(o.total), ""]
            )
        elif o.at in BACK:
            rows.append(
                [
                    *who,
                    f"{o.moment + timedelta(days=2):%d/%m/%Y}",
                    "Credit Note",
                    f"CRN{o.number}",
                    "",
                    plain(o.total),
                    "",
                ]
            )
    return one_file(
        "customer_ledger",
        "what customers owe and paid",
        "debtors_ledger.csv",
        rows_text(["Account", "Name", "Date", "Type", "Reference", "Debit", "Credit", "Balance"], rows),
        total=money(TOTAL - ORDERS[9].total),
    )


CASES = (
    amazon_unified,
    bike_rental,
    mrr_movements,
    totals_per_currency,
    pos_abbreviations,
    order_types,
    json_columns,
    refunds_section,
    quantity_with_units,
    thousands_of_euro,
    returned_flag,
    free_words,
    kaspi,
    lithuanian,
    zip_xlsx,
    billing_month,
    paid_with_points,
    consent_matrix,
    shipping_on_first_line,
    customer_ledger,
)
