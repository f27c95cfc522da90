"""Statements of marketplaces and payment services, and orders as their programs hand them out."""

import json
from datetime import timedelta
from typing import Any

from tests.lakehouse.authoring.made_exports.abroad import BACK, COUNTED, VOID, WHOLE, state
from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
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
WITH_BACK = {"orders": 24 + len(BACK), "total": money(TOTAL - SUM_BACK)}


def ebay_several() -> Made:
    """An order of several items has a row with its total and no item, then items without a total."""
    head = "Sales Record Number,Order Number,Buyer Username,Buyer Name,Buyer Email,Item Number,Item Title,Custom Label,Quantity,Sold For,Shipping And Handling,Total Price,Sale Date,Paid On Date"
    rows: list[list[Any]] = []
    for o in ORDERS:
        who = [o.number, f"12-{o.number}-{90000 + o.at}", f"b_{o.person.at}", o.person.name, o.person.email]
        items = [[250000 + int(n.sku[-3:]), n.name, n.sku, n.quantity, f"${plain(n.price)}", "$0.00"] for n in o.lines]
        days = [f"{o.moment:%b-%d-%y}", f"{o.moment:%b-%d-%y}"]
        if len(items) == 1:
            rows.append([*who, *items[0], f"${plain(o.total)}", *days])
        else:
            rows.append(
                [
                    *who,
                    "",
                    "",
                    "",
                    sum(n.quantity for n in o.lines),
                    f"${plain(o.total)}",
                    "$0.00",
                    f"${plain(o.total)}",
                    *days,
                ]
            )
            rows += [[*who[:3], "", "", *item, "", *days] for item in items]
    text = (
        "\n" + rows_text(head.split(","), rows, quote_all=True) + '\n"24","record(s) downloaded"\n"Seller ID : shop"\n'
    )
    return one_file(
        "ebay_several",
        "orders with their items below them",
        "eBay-OrdersReport-Mar-31-2024-10%3A00.csv",
        text,
        **with_lines(),
    )


def etsy_statement() -> Made:
    """A month's statement: sales, refunds, fees, labels and deposits; a sale's number stands in its title."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        day = f"{o.moment:%B} {o.moment.day}, {o.moment.year}"
        rows.append(
            [
                day,
                "Sale",
                f"Payment for Order #{o.number}",
                f"Order #{o.number}",
                "USD",
                f"${plain(o.total)}",
                "--",
                f"${plain(o.total)}",
                "--",
            ]
        )
        fee = f"-${plain(o.total // 15)}"
        rows.append([day, "Fee", "Transaction fee: shelf", f"Order #{o.number}", "USD", "--", fee, fee, "--"])
        if o.at in BACK:
            rows.append(
                [
                    day,
                    "Refund",
                    f"Refund for Order #{o.number}",
                    f"Order #{o.number}",
                    "USD",
                    f"-${plain(o.total)}",
                    "--",
                    f"-${plain(o.total)}",
                    "--",
                ]
            )
    rows.append(["March 30, 2024", "Deposit", "$500.00 sent to your bank account", "", "USD", "--", "--", "--", "--"])
    return one_file(
        "etsy_statement",
        "a statement with sales, fees and refunds",
        "etsy_statement_2024_3.csv",
        rows_text(["Date", "Type", "Title", "Info", "Currency", "Amount", "Fees & Taxes", "Net", "Tax Details"], rows),
        **WITH_BACK,
    )


def stripe_balance() -> Made:
    rows: list[list[Any]] = []
    for o in ORDERS:
        day, later = f"{o.moment:%Y-%m-%d %H:%M:%S}", f"{o.moment + timedelta(days=2):%Y-%m-%d %H:%M:%S}"
        fee = o.total // 30
        rows.append(
            [
                f"txn_1{o.number}",
                "charge",
                f"ch_1{o.number}",
                plain(o.total),
                plain(fee),
                plain(o.total - fee),
                "usd",
                day,
                later,
                f"Order {o.number}",
                f"cus_{o.person.at}",
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    f"txn_2{o.number}",
                    "refund",
                    f"re_1{o.number}",
                    plain(-o.total),
                    "0.00",
                    plain(-o.total),
                    "usd",
                    later,
                    later,
                    f"REFUND FOR CHARGE (Order {o.number})",
                    f"cus_{o.person.at}",
                ]
            )
        if o.at % 7 == 6:
            rows.append(
                [
                    f"txn_3{o.number}",
                    "payout",
                    f"po_1{o.number}",
                    "-300.00",
                    "0.00",
                    "-300.00",
                    "usd",
                    later,
                    later,
                    "STRIPE PAYOUT",
                    "",
                ]
            )
    rows.append(
        [
            "txn_49",
            "stripe_fee",
            "",
            "-2.00",
            "0.00",
            "-2.00",
            "usd",
            "2024-03-30 00:00:00",
            "2024-03-30 00:00:00",
            "Radar",
            "",
        ]
    )
    return one_file(
        "stripe_balance",
        "balance history with payouts",
        "balance_history.csv",
        rows_text(
            [
                "id",
                "Type",
                "Source",
                "Amount",
                "Fee",
                "Net",
                "Currency",
                "Created (UTC)",
                "Available On (UTC)",
                "Description",
                "Customer ID",
            ],
            rows,
        ),
        **WITH_BACK,
    )


def adyen_settlement() -> Made:
    head = "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number"
    rows: list[list[Any]] = []
    for o in ORDERS:
        base = [
            "Shop",
            "ShopEU",
            f"88{o.number}00{o.at:02d}",
            f"W{o.number}",
            "visa",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            "CET",
        ]
        rows.append(
            [
                *base,
                "Settled",
                f"77{o.number}",
                "EUR",
                "",
                plain(o.total),
                "1",
                "EUR",
                "",
                plain(o.total - 30),
                "",
                "0.10",
                "0.10",
                "0.10",
                12,
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    *base,
                    "Refunded",
                    f"78{o.number}",
                    "EUR",
                    plain(o.total),
                    "",
                    "1",
                    "EUR",
                    plain(o.total),
                    "",
                    "",
                    "",
                    "",
                    "",
                    12,
                ]
            )
    rows.append(
        [
            "Shop",
            "ShopEU",
            "",
            "",
            "",
            "2024-03-30 00:00:00",
            "CET",
            "MerchantPayout",
            "",
            "EUR",
            "",
            "",
            "",
            "EUR",
            "900.00",
            "",
            "",
            "",
            "",
            "",
            12,
        ]
    )
    return one_file(
        "adyen_settled_refunded",
        "settled and refunded in two columns",
        "settlement_detail_report_batch_12.csv",
        rows_text(head.split(","), rows),
        **WITH_BACK,
    )


def coupang() -> Made:
    """EUC-KR; won; what was paid for each line."""
    return lines_file(
        "coupang",
        "번호,묶음배송번호,주문번호,택배사,주문일,등록상품명,옵션ID,구매수(수량),옵션판매가(판매가),결제액,구매자,구매자전화번호,우편번호,수취인 주소",
        lambda o, n: [
            1,
            70_000 + o.at,
            f"2800{o.number}",
            "CJ대한통운",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            n.name,
            n.sku,
            n.quantity,
            f"{n.price:,}",
            f"{n.amount:,}",
            f"김{o.person.at}",
            f"0501-1234-00{o.person.at:02d}",
            "06236",
            "서울특별시 강남구",
        ],
        "DeliveryList(2024-03-31).csv",
        "euc-kr",
        **WHOLE,
        lines=48,
        customers=10,
    )


def mercado_libre() -> Made:
    """A workbook with groups above the header; what the marketplace keeps stands beside; a sale called off has both."""
    months = ["", "enero", "febrero", "marzo"]
    head = [
        "# de venta",
        "Fecha de venta",
        "Estado",
        "Unidades",
        "Ingresos por productos (MXN)",
        "Cargo por venta e impuestos (MXN)",
        "Costos de envío (MXN)",
        "Anulaciones y reembolsos (MXN)",
        "Total (MXN)",
        "SKU",
        "Título de la publicación",
        "Precio unitario de venta",
        "Comprador",
    ]
    rows: list[list[Any]] = [
        ["Ventas MX"],
        ["Estado de tus ventas al 31 de marzo"],
        [],
        ["Ventas", None, None, None, None, None, None, None, None, "Publicaciones", None, None, "Compradores"],
        head,
    ]
    for o in ORDERS:
        n, off = o.lines[0], o.at in VOID
        rows.append(
            [
                f"20000{o.number}",
                f"{o.moment.day} de {months[o.moment.month]} de {o.moment.year} {o.moment:%H:%M} hs.",
                "Venta cancelada" if off else "Entregado",
                n.quantity,
                n.amount / 100,
                -(n.amount // 10) / 100 if not off else 0,
                0,
                -n.amount / 100 if off else 0,
                0 if off else (n.amount - n.amount // 10) / 100,
                n.sku,
                n.name,
                n.price / 100,
                o.person.name,
            ]
        )
    right = sum(o.lines[0].amount for o in ORDERS if o.at not in VOID)
    return one_file(
        "mercado_libre",
        "sales beside charges and cancellations",
        "20240331_Ventas_MX_Mercado_Libre.xlsx",
        xlsx({"Ventas MX": rows}),
        total_of_completed=money(right),
    )


def otto() -> Made:
    """One position per piece, each with its price as an object; the order has no total."""
    orders = [
        {
            "salesOrderId": f"so-{o.number}",
            "orderNumber": f"b{o.number}",
            "orderDate": f"{o.moment:%Y-%m-%dT%H:%M:%S.000+0000}",
            "positionItems": [
                {
                    "positionItemId": f"{o.number}-{at}-{piece}",
                    "fulfillmentStatus": "SENT",
                    "itemValueGrossPrice": {"amount": n.price / 100, "currency": "EUR"},
                    "product": {"sku": n.sku, "productTitle": n.name, "vatRate": 19.0},
                }
                for at, n in enumerate(o.lines)
                for piece in range(n.quantity)
            ],
            "invoiceAddress": {
                "firstName": o.person.given,
                "lastName": o.person.surname,
                "city": o.person.city,
                "zipCode": o.person.postcode,
                "countryCode": "DEU",
            },
        }
        for o in ORDERS
    ]
    return one_file(
        "otto",
        "a position for each piece",
        "orders.json",
        json.dumps({"resources": orders, "links": []}),
        orders=24,
        total=money(TOTAL),
        line_sum=money(TOTAL),
        currency="EUR",
    )


def tiktok() -> Made:
    """A row of explanations below the header; a tab behind every value; the order's amount on each of its lines."""
    head = [
        "Order ID",
        "Order Status",
        "Order Substatus",
        "Cancelation/Return Type",
        "SKU ID",
        "Seller SKU",
        "Product Name",
        "Quantity",
        "Sku Quantity of return",
        "SKU Unit Original Price",
        "SKU Subtotal Before Discount",
        "SKU Seller Discount",
        "SKU Subtotal After Discount",
        "Shipping Fee After Discount",
        "Taxes",
        "Order Amount",
        "Order Refund Amount",
        "Created Time",
        "Paid Time",
        "Buyer Username",
    ]
    words = [
        "Platform unique order ID.",
        "Current order status.",
        "Substatus of order.",
        "Cancel or Return",
        "Platform unique SKU ID.",
        "Merchant's SKU.",
        "Product name.",
        "Quantity bought.",
        "Pieces sent back.",
        "Price of one piece.",
        "Price of all pieces.",
        "Discount of the seller.",
        "What is left.",
        "Shipping paid by the buyer.",
        "Taxes.",
        "What the buyer pays.",
        "What was given back.",
        "Time of the order.",
        "Time of payment.",
        "Name of the buyer.",
    ]
    rows: list[list[Any]] = [words]
    for o, n in each_line():
        cells = [
            f"57{o.number}00000000{o.at:02d}",
            state(o, "Completed", "Canceled"),
            state(o, "Completed", "Canceled"),
            state(o, "", "Cancel"),
            f"17{n.sku[-3:]}",
            n.sku,
            n.name,
            n.quantity,
            0,
            f"USD {plain(n.price)}",
            f"USD {plain(n.amount)}",
            "USD 0.00",
            f"USD {plain(n.amount)}",
            "USD 0.00",
            "USD 0.00",
            f"USD {plain(o.total)}",
            "USD 0.00",
            f"{o.moment:%m/%d/%Y %I:%M:%S %p}",
            f"{o.moment:%m/%d/%Y %I:%M:%S %p}",
            f"buyer{o.person.at}",
        ]
        rows.append([f"{cell}\t" for cell in cells])
    return one_file(
        "tiktok_shop",
        "a row of explanations below the header",
        "All order-2024-03-31-10_00.csv",
        rows_text(head, rows),
        "utf-8-sig",
        **COUNTED,
    )


def recurly() -> Made:
    """Credit invoices are below zero; failed ones were never paid."""
    head = "id,invoice_number,type,origin,account_code,account_email,created_at,due_on,closed_at,currency,subtotal,discount,tax,total,balance,status"
    rows: list[list[Any]] = []
    for o in ORDERS:
        when = f"{o.moment:%Y-%m-%dT%H:%M:%SZ}"
        rows.append(
            [
                f"i{o.number}",
                o.number,
                "charge",
                "renewal",
                f"acc-{o.person.at}",
                o.person.email,
                when,
                f"{o.moment:%Y-%m-%d}",
                when,
                "USD",
                plain(o.total - o.total // 6),
                "0.0",
                plain(o.total // 6),
                plain(o.total),
                "0.0",
                state(o, "paid", "failed"),
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    f"c{o.number}",
                    5000 + o.number,
                    "credit",
                    "refund",
                    f"acc-{o.person.at}",
                    o.person.email,
                    when,
                    f"{o.moment:%Y-%m-%d}",
                    when,
                    "USD",
                    plain(o.total // 6 - o.total),
                    "0.0",
                    plain(-(o.total // 6)),
                    plain(-o.total),
                    "0.0",
                    "closed",
                ]
            )
    left = TOTAL - sum(ORDERS[at].total for at in VOID) - SUM_BACK
    return one_file(
        "recurly",
        "charge and credit invoices",
        "invoices_summary.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(left),
    )


def woo_rest() -> Made:
    """The shop's time and the same in UTC; customer 0 is a guest."""
    orders = [
        {
            "id": o.number,
            "parent_id": 0,
            "number": str(o.number),
            "status": "completed",
            "currency": "EUR",
            "date_created": f"{o.moment + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}",
            "date_created_gmt": f"{o.moment:%Y-%m-%dT%H:%M:%S}",
            "discount_total": "0.00",
            "shipping_total": "0.00",
            "total": plain(o.total),
            "total_tax": "0.00",
            "prices_include_tax": True,
            "customer_id": 0 if o.at % 8 == 5 else 30 + o.person.at,
            "billing": {
                "first_name": o.person.given,
                "last_name": o.person.surname,
                "city": o.person.city,
                "postcode": o.person.postcode,
                "country": o.person.country,
                "email": o.person.email,
            },
            "line_items": [
                {
                    "id": 10 * o.number + at,
                    "name": n.name,
                    "product_id": int(n.sku[-3:]),
                    "quantity": n.quantity,
                    "subtotal": plain(n.amount),
                    "total": plain(n.amount),
                    "total_tax": "0.00",
                    "sku": n.sku,
                    "price": n.price / 100,
                }
                for at, n in enumerate(o.lines)
            ],
            "tax_lines": [],
            "shipping_lines": [],
            "refunds": [],
        }
        for o in ORDERS
    ]
    return one_file(
        "woo_rest",
        "orders of an interface, with the time in UTC beside",
        "orders.json",
        json.dumps(orders),
        orders=24,
        total=money(TOTAL),
        lines=48,
        line_sum=money(TOTAL),
        first_instant="2024-03-01 09:00:00",
    )


def dine_in() -> Made:
    """What the bill came to, what was let off, what was paid."""
    return orders_file(
        "dine_in",
        "账单号,桌台号,人数,开台时间,结账时间,应收金额,优惠金额,实收金额,会员卡号,账单状态",
        lambda o: [
            f"ZD{o.number}",
            f"A{o.at % 9 + 1:02d}",
            2,
            f"{o.moment:%Y/%m/%d %H:%M}",
            f"{o.moment + timedelta(minutes=50):%Y/%m/%d %H:%M}",
            plain(o.total + 500),
            "5.00",
            plain(o.total),
            f"VIP{o.person.at:04d}",
            state(o, "已结账", "已撤单"),
        ],
        "账单明细20240331.csv",
        "gbk",
        **COUNTED,
    )


CASES = (
    ebay_several,
    etsy_statement,
    stripe_balance,
    adyen_settlement,
    coupang,
    mercado_libre,
    otto,
    tiktok,
    recurly,
    woo_rest,
    dine_in,
)
