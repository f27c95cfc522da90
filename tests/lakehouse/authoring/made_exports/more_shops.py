"""Order lists of further shops, accounting programs and services, in further languages."""

import io
import json
import zipfile
from typing import Any

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Order,
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

VOID = {3, 11, 17}
SUM_COUNTED = TOTAL - sum(ORDERS[at].total for at in VOID)
COUNTED = {"total_of_completed": money(SUM_COUNTED)}


def _s(o: Order, good: str, bad: str) -> str:
    return bad if o.at in VOID else good


def opencart() -> Made:
    return orders_file(
        "opencart",
        "order_id,invoice_no,store_name,customer_id,firstname,lastname,email,telephone,total,order_status,currency_code,date_added",
        lambda o: [
            o.number,
            0,
            "Your Store",
            10 + o.person.at,
            o.person.given,
            o.person.surname,
            o.person.email,
            o.person.phone,
            f"{o.total / 100:.4f}",
            _s(o, "Complete", "Canceled"),
            "USD",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
        ],
        **COUNTED,
    )


def shopify_transactions() -> Made:
    return orders_file(
        "shopify_payouts",
        "Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Available On,Amount,Fee,Net,Checkout,Payment Method Name,Currency",
        lambda o: [
            f"{o.moment:%Y-%m-%d %H:%M:%S} +0000",
            "refund" if o.at in VOID else "charge",
            f"#{o.number}",
            "visa",
            "online",
            "paid",
            "2024-03-30",
            "2024-03-30",
            plain(-o.total if o.at in VOID else o.total),
            "0.50",
            plain(o.total - 50),
            f"#{o.number}",
            "card",
            "EUR",
        ],
        "payment_transactions_export_1.csv",
        total=money(2 * SUM_COUNTED - TOTAL),
        orders=24,
    )


def square_transactions() -> Made:
    return orders_file(
        "square_transactions",
        "Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,Source,Card,Card Entry Methods,Cash,Other Tender,Fees,Net Total,Transaction ID,Payment ID,Device Name,Staff Name,Description,Event Type,Location,Customer ID,Customer Name",
        lambda o: [
            f"{o.moment:%m/%d/%Y}",
            f"{o.moment:%H:%M:%S}",
            "Eastern Time (US & Canada)",
            f"${plain(o.total)}",
            "$0.00",
            "$0.00",
            f"${plain(o.total)}",
            "$0.00",
            "$0.80",
            "$1.00",
            "$0.00",
            f"${plain(o.total + 180)}",
            "Register",
            "$1",
            "Tapped",
            "$0.00",
            "$0.00",
            "-$0.50",
            f"${plain(o.total + 130)}",
            f"T{o.number}",
            f"P{o.number}",
            "Till 1",
            "Sam",
            "2 x Tea",
            "Payment",
            "Main",
            f"C{o.person.at}",
            o.person.name,
        ],
        "transactions-2024-03-01-2024-04-01.csv",
        orders=24,
        total=money(TOTAL + 24 * 180),
        customers=10,
        first_instant="2024-03-01 14:00:00",
    )


def woo_analytics() -> Made:
    return orders_file(
        "woo_analytics",
        "Date,Order #,N. Revenue,Status,Customer,Customer type,Product(s),Items sold,Coupon(s),N. Revenue (formatted)",
        lambda o: [
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            o.number,
            plain(o.total),
            _s(o, "completed", "cancelled"),
            o.person.name,
            "returning",
            "2× Tea",
            2,
            "",
            f"${plain(o.total)}",
        ],
        "wc-orders-report-export.csv",
        **COUNTED,
    )


def shopee() -> Made:
    return lines_file(
        "shopee_orders",
        "Order ID,Order Status,Cancel reason,Tracking Number*,Order Creation Date,Order Paid Time,Product Name,SKU Reference No.,Original Price,Deal Price,Quantity,Product Subtotal,Total Amount,Username (Buyer)",
        lambda o, n: [
            f"2403{o.number}ABC",
            _s(o, "Completed", "Cancelled"),
            "",
            "",
            f"{o.moment:%Y-%m-%d %H:%M}",
            f"{o.moment:%Y-%m-%d %H:%M}",
            n.name,
            n.sku,
            plain(n.price + 100),
            plain(n.price),
            n.quantity,
            plain(n.amount),
            plain(o.total),
            f"user{o.person.at}",
        ],
        "Order.all.20240301_20240331.csv",
        **COUNTED,
    )


def jtl() -> Made:
    return orders_file(
        "jtl_auftraege",
        "Auftragsnummer;Auftragsdatum;Kundennummer;Zahlungsart;Gesamtbetrag Brutto;Gesamtbetrag Netto;Auftragsstatus",
        lambda o: [
            f"AU{o.number}",
            f"{o.moment:%d.%m.%Y}",
            f"K{o.person.at:04d}",
            "Rechnung",
            comma(o.total),
            comma(round(o.total / 1.19)),
            _s(o, "Versendet", "Storniert"),
        ],
        "JTL-Export Aufträge.csv",
        "cp1252",
        **COUNTED,
    )


def french_lines() -> Made:
    return lines_file(
        "commandes_fr",
        "N° commande;Date;Code client;Référence;Libellé;Quantité;PU TTC;Total TTC",
        lambda o, n: [
            o.number,
            f"{o.moment:%d/%m/%Y}",
            f"C{o.person.at:03d}",
            n.sku,
            n.name,
            n.quantity,
            comma(n.price),
            comma(n.amount),
        ],
        "export_ventes_mars.csv",
        "cp1252",
        **with_lines(),
    )


def italian() -> Made:
    return orders_file(
        "ordini_it",
        "Numero Ordine;Data Ordine;Codice Cliente;Totale Ordine;Stato Ordine",
        lambda o: [
            o.number,
            f"{o.moment:%d/%m/%Y %H:%M}",
            o.person.at + 70,
            f"€ {comma(o.total)}",
            _s(o, "Spedito", "Annullato"),
        ],
        **COUNTED,
        currency="EUR",
    )


def spanish() -> Made:
    return orders_file(
        "pedidos_es",
        "Nº Pedido;Fecha de pedido;Cliente;Importe total;Estado",
        lambda o: [
            o.number,
            f"{o.moment:%d-%m-%Y}",
            f"CL{o.person.at}",
            comma(o.total),
            _s(o, "Entregado", "Cancelado"),
        ],
        **COUNTED,
    )


def allegro() -> Made:
    return orders_file(
        "allegro_pl",
        "Numer zamówienia;Data zamówienia;Login kupującego;E-mail;Suma;Waluta;Status płatności",
        lambda o: [
            f"{o.number}-ab",
            f"{o.moment:%d.%m.%Y %H:%M}",
            f"kup{o.person.at}",
            o.person.email,
            comma(o.total),
            "PLN",
            _s(o, "Opłacone", "Anulowane"),
        ],
        **COUNTED,
        currency="PLN",
    )


def fortnox() -> Made:
    return orders_file(
        "fortnox_se",
        "Fakturanr;Fakturadatum;Kundnr;Kundnamn;Totalt;Moms;Valuta;Makulerad",
        lambda o: [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            500 + o.person.at,
            o.person.name,
            comma(o.total).replace(".", " "),
            comma(100),
            "SEK",
            _s(o, "Nej", "Ja"),
        ],
        **COUNTED,
        currency="SEK",
    )


def dutch() -> Made:
    return lines_file(
        "bol_nl",
        "Bestelnummer;Besteldatum;Klantnummer;Artikelnummer;Omschrijving;Aantal;Prijs",
        lambda o, n: [o.number, f"{o.moment:%d-%m-%Y}", 90 + o.person.at, n.sku, n.name, n.quantity, comma(n.price)],
        "bestellingen_maart.csv",
        **with_lines(),
    )


def turkish() -> Made:
    return orders_file(
        "trendyol_tr",
        "Sipariş Numarası;Sipariş Tarihi;Müşteri No;Satış Tutarı;Sipariş Durumu",
        lambda o: [
            o.number,
            f"{o.moment:%d.%m.%Y %H:%M}",
            o.person.at + 1,
            f"{comma(o.total)} TL",
            _s(o, "Teslim Edildi", "İptal Edildi"),
        ],
        **COUNTED,
        currency="TRY",
    )


def ozon() -> Made:
    return lines_file(
        "ozon_ru",
        "Номер заказа;Принят в обработку;Статус;Артикул;Наименование товара;Количество;Цена;Код валюты",
        lambda o, n: [
            f"0{o.number}-1",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            _s(o, "Доставлен", "Отменён"),
            n.sku,
            n.name,
            n.quantity,
            plain(n.price),
            "RUB",
        ],
        **COUNTED,
        currency="RUB",
    )


def eccube() -> Made:
    return lines_file(
        "eccube_jp",
        "注文ID,注文日,会員ID,商品コード,商品名,価格,数量,支払合計,対応状況",
        lambda o, n: [
            o.number,
            f"{o.moment:%Y/%m/%d %H:%M}",
            o.person.at + 3,
            n.sku,
            f"商品{n.sku[-1]}",
            n.price,
            n.quantity,
            o.total,
            _s(o, "発送済み", "キャンセル"),
        ],
        "order_20240331.csv",
        "cp932",
        total_of_completed=money(SUM_COUNTED * 100),
    )


def cafe24() -> Made:
    return lines_file(
        "cafe24_kr",
        "주문번호,주문일시,주문자ID,상품코드,상품명,판매가,수량,총 결제금액,주문상태",
        lambda o, n: [
            f"20240301-{o.number}",
            f"{o.moment:%Y-%m-%d %H:%M}",
            f"id{o.person.at}",
            n.sku,
            f"상품 {n.sku[-1]}",
            n.price,
            n.quantity,
            o.total,
            _s(o, "배송완료", "취소완료"),
        ],
        "주문목록.csv",
        "cp949",
        total_of_completed=money(SUM_COUNTED * 100),
    )


def douyin() -> Made:
    return lines_file(
        "douyin_orders",
        "主订单编号,子订单编号,选购商品,商品规格,商品数量,商品ID,商家编码,商品单价,订单应付金额,订单提交时间,订单状态,买家昵称",
        lambda o, n: [
            f"69{o.number}\t",
            f"69{o.number}{n.sku[-1]}\t",
            n.name,
            "一件",
            n.quantity,
            f"35{n.sku[-3:]}\t",
            n.sku,
            plain(n.price),
            plain(n.amount),
            f"{o.moment:%Y/%m/%d %H:%M:%S}",
            _s(o, "已完成", "已关闭"),
            f"n{o.person.at}",
        ],
        "1711872000_order.csv",
        **COUNTED,
    )


def youzan() -> Made:
    return orders_file(
        "youzan_orders",
        "订单号,订单状态,订单创建时间,买家付款时间,买家手机号,全部商品名称,订单商品合计,运费,订单实付金额",
        lambda o: [
            f"E2024{o.number}",
            _s(o, "交易完成", "交易关闭"),
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            f"1380000{o.person.at:04d}",
            "茶",
            plain(o.total),
            "0.00",
            plain(o.total),
        ],
        "有赞订单报表.csv",
        "gbk",
        **COUNTED,
    )


def razorpay() -> Made:
    return orders_file(
        "razorpay",
        "id,entity,amount,currency,status,order_id,method,amount_refunded,email,contact,fee,tax,created_at",
        lambda o: [
            f"pay_{o.number}xY",
            "payment",
            plain(o.total),
            "INR",
            _s(o, "captured", "failed"),
            f"order_{o.number}",
            "upi",
            "0.00",
            o.person.email,
            f"+91900000{o.person.at:04d}",
            "1.00",
            "0.10",
            f"{o.moment:%d/%m/%Y %H:%M:%S}",
        ],
        "payments_march.csv",
        **COUNTED,
        currency="INR",
    )


def braintree() -> Made:
    return orders_file(
        "braintree",
        "Transaction ID,Transaction Type,Transaction Status,Created Datetime,Created Timezone,Settlement Date,Amount Authorized,Amount Submitted For Settlement,Currency ISO Code,Order ID,Customer ID,Customer Email",
        lambda o: [
            f"bt{o.number}",
            "sale",
            _s(o, "settled", "voided"),
            f"{o.moment:%m/%d/%Y %H:%M:%S}",
            "UTC",
            f"{o.moment:%m/%d/%Y}",
            plain(o.total),
            "" if o.at in VOID else plain(o.total),
            "USD",
            o.number,
            f"cu{o.person.at}",
            o.person.email,
        ],
        "transaction_search.csv",
        **COUNTED,
    )


def navision() -> Made:
    rows = [
        [
            "Invoice",
            f"PSI{o.number}",
            f"{o.moment:%d/%m/%Y}",
            f"C{o.person.at:05d}",
            n.sku,
            n.name,
            n.quantity,
            plain(n.price),
            plain(n.amount),
            "19",
        ]
        for o, n in each_line()
    ]
    rows += [
        [
            "Credit Memo",
            f"PSC{ORDERS[at].number}",
            "30/03/2024",
            f"C{ORDERS[at].person.at:05d}",
            n.sku,
            n.name,
            n.quantity,
            plain(n.price),
            plain(n.amount),
            "19",
        ]
        for at in sorted(VOID)
        for n in ORDERS[at].lines
    ]
    head = "Document Type,Document No.,Posting Date,Sell-to Customer No.,No.,Description,Quantity,Unit Price Excl. VAT,Line Amount,VAT %"
    return one_file(
        "navision_lines",
        "posted sales lines: invoices and credit memos, positive both",
        "Posted Sales Lines.csv",
        rows_text(head.split(","), rows),
        orders=27,
        total=money(SUM_COUNTED),
        customers=10,
    )


def business_one() -> Made:
    return lines_file(
        "sap_b1",
        "DocNum,DocDate,CardCode,CardName,ItemCode,Dscription,Quantity,LineTotal,DocCur",
        lambda o, n: [
            o.number,
            f"{o.moment:%Y%m%d}",
            f"C{o.person.at:04d}",
            o.person.name,
            n.sku,
            n.name,
            f"{n.quantity}.000",
            f"{n.amount / 100:.2f}0000",
            "EUR",
        ],
        **with_lines(currency="EUR"),
    )


def odoo() -> Made:
    head = "Order Reference,Order Date,Customer,Customer/Email,Order Lines/Product,Order Lines/Quantity,Order Lines/Unit Price,Order Lines/Subtotal,Total,Status"
    rows = []
    for o in ORDERS:
        for i, n in enumerate(o.lines):
            own = (
                [f"S{o.number:05d}", f"{o.moment:%Y-%m-%d %H:%M:%S}", o.person.name, o.person.email]
                if i == 0
                else [""] * 4
            )
            rows.append(
                [
                    *own,
                    f"[{n.sku}] {n.name}",
                    f"{n.quantity}.0",
                    plain(n.price),
                    plain(n.amount),
                    plain(o.total) if i == 0 else "",
                    "Sales Order" if i == 0 else "",
                ]
            )
    return one_file(
        "odoo_orders",
        "an order's own values stand on its first line alone, its number too",
        "sale.order.csv",
        rows_text(head.split(","), rows, quote_all=True),
        orders=24,
        total=money(TOTAL),
        customers=10,
    )


def zoho() -> Made:
    return lines_file(
        "zoho_invoices",
        "Invoice Date,Invoice ID,Invoice Number,Invoice Status,Customer ID,Customer Name,Due Date,Currency Code,Item Name,Quantity,Item Price,Item Total,SubTotal,Total,Balance",
        lambda o, n: [
            f"{o.moment:%Y-%m-%d}",
            46000 + o.number,
            f"INV-{o.number:06d}",
            _s(o, "Closed", "Void"),
            46100 + o.person.at,
            o.person.name,
            "2024-04-30",
            "USD",
            n.name,
            n.quantity,
            plain(n.price),
            plain(n.amount),
            plain(o.total),
            plain(o.total),
            "0.00",
        ],
        "Invoice.csv",
        **COUNTED,
    )


def loyverse() -> Made:
    rows = [
        [
            f"{o.moment:%-m/%-d/%y %-I:%M %p}",
            f"1-{o.number}",
            "Sale",
            "Drinks",
            n.sku,
            n.name,
            n.quantity,
            plain(n.amount),
            "0.00",
            plain(n.amount),
            "0.00",
            "Store",
            o.person.name,
            f"cust{o.person.at}@example.com",
        ]
        for o, n in each_line()
    ]
    rows += [
        [
            "3/30/24 9:00 AM",
            f"1-9{ORDERS[at].number}",
            "Refund",
            "Drinks",
            n.sku,
            n.name,
            -n.quantity,
            plain(-n.amount),
            "0.00",
            plain(-n.amount),
            "0.00",
            "Store",
            "",
            f"cust{ORDERS[at].person.at}@example.com",
        ]
        for at in sorted(VOID)
        for n in ORDERS[at].lines
    ]
    head = "Date,Receipt number,Receipt type,Category,SKU,Item,Quantity,Gross sales,Discounts,Net sales,Taxes,POS,Customer name,Customer contacts"
    return one_file(
        "loyverse",
        "receipts by item, refunds below zero",
        "receipts-by-item-2024-03-01-2024-03-31.csv",
        rows_text(head.split(","), rows),
        orders=27,
        total=money(SUM_COUNTED),
        customers=10,
    )


def weights() -> Made:
    return lines_file(
        "weights_de",
        "Belegnummer;Datum;Kundennummer;Artikel;Menge;Einheit;Preis;Summe",
        lambda o, n: [
            o.number,
            f"{o.moment:%d.%m.%Y %H:%M}",
            40 + o.person.at,
            n.name,
            f"{n.quantity},350",
            "kg",
            comma(n.price),
            comma(n.amount),
        ],
        orders=24,
        total=money(TOTAL),
        customers=10,
        lines=48,
    )


def keyed_json() -> Made:
    data = {
        str(o.number): {
            "order_number": o.number,
            "date": f"{o.moment:%Y-%m-%dT%H:%M:%SZ}",
            "customer_id": o.person.at + 1,
            "total": plain(o.total),
        }
        for o in ORDERS
    }
    return one_file(
        "json_by_key",
        "orders as an object whose keys are their numbers",
        "orders_by_id.json",
        json.dumps(data),
        **all_orders(),
    )


def wrapped_json() -> Made:
    lines = [
        json.dumps(
            {
                "topic": "orders/create",
                "shop": "s",
                "payload": {
                    "id": o.number,
                    "created_at": f"{o.moment:%Y-%m-%dT%H:%M:%S}+01:00",
                    "total_price": plain(o.total),
                    "currency": "EUR",
                    "customer": {"id": o.person.at + 1},
                },
            }
        )
        for o in ORDERS
    ]
    return one_file(
        "json_wrapped",
        "messages whose payload is the order",
        "webhooks.jsonl",
        "\n".join(lines),
        **all_orders(currency="EUR", first_instant="2024-03-01 08:00:00"),
    )


def ods() -> Made:
    head = ["Order No", "Order Date", "Customer No", "SKU", "Quantity", "Amount"]

    def cell(value: Any) -> str:
        if isinstance(value, (int, float)):
            return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value}</text:p></table:table-cell>'
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'

    def day(o: Order) -> str:
        return f'<table:table-cell office:value-type="date" office:date-value="{o.moment:%Y-%m-%dT%H:%M:%S}"><text:p>x</text:p></table:table-cell>'

    rows = ["".join(map(cell, head))] + [
        cell(o.number) + day(o) + "".join(map(cell, [100 + o.person.at, n.sku, n.quantity, n.amount / 100]))
        for o, n in each_line()
    ]
    body = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    names = "".join(f' xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"' for n in ("office", "table", "text"))
    content = f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names} office:version="1.2"><office:body><office:spreadsheet><table:table table:name="Tabelle1">{body}</table:table></office:spreadsheet></office:body></office:document-content>'
    manifest = '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
        made.writestr("META-INF/manifest.xml", manifest)
    return one_file(
        "ods_sheet",
        "a spreadsheet of LibreOffice",
        "Verkauf März.ods",
        out.getvalue(),
        **with_lines(first_instant="2024-03-01 09:00:00"),
    )


def refunds_column() -> Made:
    return orders_file(
        "refunds_negative_column",
        "Order,Date,Customer,Gross,Refunds,Currency",
        lambda o: [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            o.person.at + 20,
            plain(o.total),
            plain(-300) if o.at in VOID else "0.00",
            "EUR",
        ],
        orders=24,
        total=money(TOTAL - 900),
        customers=10,
    )


def percent() -> Made:
    return lines_file(
        "discount_percent",
        "Order No,Order Date,Customer No,SKU,Qty,Unit Price,Discount %,Line Amount",
        lambda o, n: [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            o.person.at + 5,
            n.sku,
            n.quantity,
            plain(2 * n.price),
            "50",
            plain(n.amount),
        ],
        **with_lines(),
    )


def pos_lines_negative_qty() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y-%m-%d %H:%M}", o.person.at + 5, n.sku, n.quantity, plain(n.price)]
        for o, n in each_line()
    ]
    rows += [
        [f"{9000 + at}", "2024-03-30 12:00", ORDERS[at].person.at + 5, n.sku, -n.quantity, plain(n.price)]
        for at in sorted(VOID)
        for n in ORDERS[at].lines
    ]
    return one_file(
        "negative_quantity",
        "what comes back has a quantity below zero",
        "pos_lines.csv",
        rows_text(["Receipt", "Time", "Customer", "PLU", "Qty", "Price"], rows),
        orders=27,
        total=money(SUM_COUNTED),
        customers=10,
    )


def test_orders() -> Made:
    return orders_file(
        "test_flag",
        "Order No,Created,Customer,Total,Test order",
        lambda o: [o.number, f"{o.moment:%Y-%m-%d %H:%M}", o.person.at + 5, plain(o.total), _s(o, "no", "yes")],
        note="test orders are named",
    )


def paid_flag() -> Made:
    return orders_file(
        "paid_flag",
        "Rechnung,Datum,Kunde,Betrag,Bezahlt",
        lambda o: [o.number, f"{o.moment:%d.%m.%Y}", o.person.at + 5, plain(o.total), _s(o, "ja", "nein")],
        **COUNTED,
    )


CASES = (
    opencart,
    shopify_transactions,
    square_transactions,
    woo_analytics,
    shopee,
    jtl,
    french_lines,
    italian,
    spanish,
    allegro,
    fortnox,
    dutch,
    turkish,
    ozon,
    eccube,
    cafe24,
    douyin,
    youzan,
    razorpay,
    braintree,
    navision,
    business_one,
    odoo,
    zoho,
    loyverse,
    weights,
    keyed_json,
    wrapped_json,
    ods,
    refunds_column,
    percent,
    pos_lines_negative_qty,
    test_orders,
    paid_flag,
)
