"""Order exports of shop programs and marketplaces."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    Made,
    comma,
    each_line,
    money,
    one_file,
    plain,
    rows_text,
    with_lines,
)

VOID = {3, 11, 17}  # orders that were called off
COUNTED = [order for order in ORDERS if order.at not in VOID]
SUM_COUNTED = sum(order.total for order in COUNTED)


def _status(at: int, good: str, bad: str) -> str:
    return bad if at in VOID else good


def woocommerce() -> Made:
    head = (
        "Order ID,Order Number,Order Date,Order Status,Customer User ID,Billing First Name,Billing Last "
        "Name,Billing Email Address,Order Shipping,Order Tax,Order Total,Order Currency,Payment Method "
        "Title,Products"
    )
    rows = [
        [
            o.at + 5000,
            o.number,
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            _status(o.at, "wc-completed", "wc-cancelled"),
            0 if o.at % 6 == 5 else 40 + o.person.at,
            o.person.given,
            o.person.surname,
            o.person.email,
            "0.00",
            "0.00",
            plain(o.total),
            "USD",
            "Credit Card",
            "; ".join(f"{n.name} x {n.quantity}" for n in o.lines),
        ]
        for o in ORDERS
    ]
    guests = sum(o.at % 6 == 5 for o in COUNTED)
    return one_file(
        "woo_orders",
        "WooCommerce orders, guests as user 0, cancelled ones",
        "orders-2024-03-31.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(SUM_COUNTED),
        guests=guests,
    )


def magento() -> Made:
    head = (
        "ID,Purchase Point,Purchase Date,Bill-to Name,Ship-to Name,Grand Total (Base),Grand Total "
        "(Purchased),Status,Billing Address,Shipping Address,Shipping Information,Customer Email,Customer "
        "Group,Subtotal,Shipping and Handling,Customer Name,Payment Method,Total Refunded"
    )
    rows = [
        [
            f"{o.number:09d}",
            "Main Website\nMain Website Store\nDefault Store View",
            o.moment.strftime("%b %-d, %Y %-I:%M:%S %p"),
            o.person.name,
            o.person.name,
            plain(o.total),
            plain(o.total),
            _status(o.at, "complete", "canceled"),
            f"Street {o.at},{o.person.city},,{o.person.postcode}",
            "",
            "Flat Rate - Fixed",
            o.person.email,
            "General",
            plain(o.total),
            "0.00",
            o.person.name,
            "checkmo",
            "",
        ]
        for o in ORDERS
    ]
    return one_file(
        "magento_orders",
        "the order grid of Magento",
        "export (3).csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(SUM_COUNTED),
    )


def prestashop() -> Made:
    head = "ID;Référence;Nouveau client;Livraison;Client;Total;Paiement;État;Date"
    rows = [
        [
            o.at + 1,
            f"XKBK{chr(65 + o.at)}AB{o.at:02d}"[:9],
            "Oui" if o.at < 10 else "Non",
            "France",
            f"{o.person.given[0]}. {o.person.surname}",
            f"{comma(o.total)} €",
            "Carte bancaire",
            _status(o.at, "Livré", "Annulé"),
            f"{o.moment:%d/%m/%Y %H:%M:%S}",
        ]
        for o in ORDERS
    ]
    return one_file(
        "prestashop_fr",
        "the order list of PrestaShop in French",
        "order_2024-03-31.csv",
        rows_text(head.split(";"), rows, ";"),
        total_of_completed=money(SUM_COUNTED),
        currency="EUR",
    )


def bigcommerce() -> Made:
    head = (
        "Order ID,Customer ID,Customer Name,Customer Email,Order Date,Order Time,Order Status,Subtotal (inc "
        "tax),Subtotal (ex tax),Tax Total,Shipping Cost (inc tax),Order Total (inc tax),Order Total (ex "
        "tax),Total Quantity,Order Currency Code,Payment Method,Store Credit Redeemed"
    )
    rows = [
        [
            o.number,
            70 + o.person.at,
            o.person.name,
            o.person.email,
            f"{o.moment:%m/%d/%Y}",
            f"{o.moment:%H:%M:%S}",
            _status(o.at, "Completed", "Declined"),
            plain(o.total - 500),
            plain(o.total - 600),
            "1.00",
            "5.00",
            plain(o.total),
            plain(o.total - 100),
            sum(n.quantity for n in o.lines),
            "USD",
            "Card",
            "0.00",
        ]
        for o in ORDERS
    ]
    return one_file(
        "bigcommerce_orders",
        "BigCommerce orders, totals with and without tax",
        "orders-2024-03-31.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(SUM_COUNTED),
    )


def squarespace() -> Made:
    head = (
        "Order ID,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Currency,Subtotal,Shipping,"
        "Taxes,Amount Refunded,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Billing Name,Billing City,Billing Zip"
    )
    rows = []
    for o in ORDERS:
        for i, n in enumerate(o.lines):
            first = i == 0
            when = f"{o.moment:%Y-%m-%d %H:%M:%S} -0500"
            rows.append(
                [
                    f"{o.number:05d}",
                    o.person.email,
                    "PAID" if first else "",
                    when if first else "",
                    "FULFILLED" if first else "",
                    "",
                    "USD" if first else "",
                    plain(o.total) if first else "",
                    "4.00" if first else "",
                    "0.00" if first else "",
                    "0.00" if first else "",
                    plain(o.total + 400) if first else "",
                    "",
                    "0.00" if first else "",
                    "Post" if first else "",
                    when if first else "",
                    n.quantity,
                    n.name,
                    plain(n.price),
                    n.sku,
                    o.person.name if first else "",
                    o.person.city if first else "",
                    o.person.postcode if first else "",
                ]
            )
    total = sum(o.total + 400 for o in ORDERS)
    return one_file(
        "squarespace_orders",
        "what is the order's stands on its first line alone",
        "orders.csv",
        rows_text(head.split(","), rows),
        orders=24,
        total=money(total),
        customers=10,
        lines=48,
        first_instant="2024-03-01 14:00:00",
    )


def wix() -> Made:
    head = (
        "Order number,Date created,Time,Contact email,Note from customer,Item,Variant,SKU,Qty,"
        "Quantity refunded,Price,Weight,Custom text,Deposit amount,Delivery method,Delivery time,"
        "Recipient name,Recipient phone,Shipping rate,Total order tax,Coupon code,Coupon discount,Total,"
        "Currency,Payment status,Fulfillment status"
    )
    rows = [
        [
            o.number,
            o.moment.strftime("%b %-d, %Y"),
            o.moment.strftime("%-I:%M:%S %p"),
            o.person.email,
            "",
            n.name,
            "",
            n.sku,
            n.quantity,
            0,
            plain(n.price),
            "0.5",
            "",
            "",
            "Standard",
            "",
            o.person.name,
            o.person.phone,
            "0",
            "0",
            "",
            "0",
            plain(o.total),
            "EUR",
            "Paid",
            "Fulfilled",
        ]
        for o, n in each_line()
    ]
    return one_file(
        "wix_orders",
        "Wix: a row per item, the order's total on each, date and time apart",
        "orders (1).csv",
        rows_text(head.split(","), rows),
        **with_lines(currency="EUR"),
    )


def shopware() -> Made:
    head = (
        "Bestellnummer;Bestellzeit;Kundennummer;Kunden-E-Mail;Zahlungsstatus;Bestellstatus;Versandkosten;"
        "Gesamtbetrag;Währung"
    )
    rows = [
        [
            f"{o.number}",
            f"{o.moment:%d.%m.%Y, %H:%M}",
            f"{20000 + o.person.at}",
            o.person.email,
            _status(o.at, "Bezahlt", "Offen"),
            _status(o.at, "Abgeschlossen", "Abgebrochen"),
            "4,90",
            comma(o.total),
            "EUR",
        ]
        for o in ORDERS
    ]
    return one_file(
        "shopware_de",
        "Shopware in German, two statuses",
        "Bestellungen_2024-03-31.csv",
        rows_text(head.split(";"), rows, ";"),
        "cp1252",
        total_of_completed=money(SUM_COUNTED),
        currency="EUR",
    )


def partly_refunded() -> Made:
    head = "Order,Created at,Email,Financial Status,Total,Refunded Amount,Currency"
    rows = [
        [
            f"#{o.number}",
            f"{o.moment:%Y-%m-%d %H:%M:%S} +0000",
            o.person.email,
            "refunded" if o.at in VOID else "partially_refunded" if o.at in (5, 9) else "paid",
            plain(o.total),
            plain(o.total if o.at in VOID else 300 if o.at in (5, 9) else 0),
            "USD",
        ]
        for o in ORDERS
    ]
    return one_file(
        "partly_refunded",
        "refunded wholly and partly, with the amount in a column",
        "shop_orders.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(SUM_COUNTED - 600),
    )


CASES = (
    woocommerce,
    magento,
    prestashop,
    bigcommerce,
    squarespace,
    wix,
    shopware,
    partly_refunded,
)
