"""Lists that have numbers, days and amounts, and are no sales: offers, carts, payouts, expenses, purchases, summaries."""

from datetime import timedelta
from typing import Any

from tests.lakehouse.authoring.made_exports.abroad import BACK, VOID
from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Person,
    comma,
    each_line,
    money,
    one_file,
    plain,
    rows_text,
)

ASK = "must ask"


def _list(name: str, file: str, head: str, rows: list[list[Any]], delimiter: str = ",", **right: Any) -> Made:
    return one_file(name, name.replace("_", " "), file, rows_text(head.split(delimiter), rows, delimiter), **right)


def till_protocol() -> Made:
    """Receipts of a German till: training is no sale, a cancelled receipt counts nothing."""
    rows = [
        [
            1 + o.at // 6,
            o.number,
            "AVTraining" if o.at == 5 else "Beleg",
            f"{o.moment:%Y-%m-%dT%H:%M:%S}",
            f"{o.moment + timedelta(minutes=1):%Y-%m-%dT%H:%M:%S}",
            comma(o.total),
            f"K{o.person.at}",
            1 if o.at in VOID else 0,
        ]
        for o in ORDERS
    ]
    right = TOTAL - sum(o.total for o in ORDERS if o.at in VOID or o.at == 5)
    return _list(
        "till_protocol",
        "transactions.csv",
        "Z_NR;BON_NR;BON_TYP;BON_START;BON_ENDE;UMS_BRUTTO;KUNDE_ID;BON_STORNO",
        rows,
        ";",
        total_of_completed=money(right),
    )


def entries_fr() -> Made:
    """Double entries: what the customer owes is the debit, what was sold and its tax the credits."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        base = ["VE", "Ventes", o.number, f"{o.moment:%Y%m%d}"]
        net = o.total - o.total // 6
        rows.append(
            [
                *base,
                "411000",
                "Clients",
                f"C{o.person.at:03d}",
                o.person.name,
                f"F{o.number}",
                "Facture",
                plain(o.total).replace(".", ","),
                "0,00",
            ]
        )
        rows.append(
            [*base, "707000", "Ventes", "", "", f"F{o.number}", "Facture", "0,00", plain(net).replace(".", ",")]
        )
        rows.append(
            [*base, "445710", "TVA", "", "", f"F{o.number}", "Facture", "0,00", plain(o.total // 6).replace(".", ",")]
        )
    return _list(
        "entries_fr",
        "123456789FEC20241231.txt",
        "JournalCode|JournalLib|EcritureNum|EcritureDate|CompteNum|CompteLib|CompAuxNum|CompAuxLib|PieceRef|EcritureLib|Debit|Credit",
        rows,
        "|",
        orders=24,
        total=money(TOTAL),
        customers=10,
    )


def item_summary() -> Made:
    skus = {n.sku: n.name for _, n in each_line()}
    rows = [
        [
            name,
            sku,
            sum(n.quantity for _, n in each_line() if n.sku == sku),
            plain(sum(n.amount for _, n in each_line() if n.sku == sku)),
            "0.00",
        ]
        for sku, name in skus.items()
    ]
    return _list(
        "item_summary",
        "items-2024-03-01-2024-04-01.csv",
        "Item Name,SKU,Items Sold,Gross Sales,Refunds",
        rows,
        orders=0,
    )


def daily_summary() -> Made:
    rows = [[f"{o.moment:%Y-%m-%d}", 3, plain(o.total), "0.00", plain(o.total)] for o in ORDERS]
    return _list("daily_summary", "sales_by_day.csv", "Day,Orders,Gross sales,Refunds,Net sales", rows, total=ASK)


def customer_summary() -> Made:
    rows = [
        [400 + at, Person(at).name, Person(at).email, "2023-05-01", f"2024-03-{at + 1:02d}", 3 + at, plain(10_000 + at)]
        for at in range(10)
    ]
    return _list(
        "customer_summary",
        "customers_ltv.csv",
        "Customer ID,Name,Email,First Purchase,Last Purchase,Number of Purchases,Lifetime Value",
        rows,
        orders=0,
        accounts=10,
        persons=10,
    )


def price_list() -> Made:
    skus = sorted({(n.sku, n.name, n.price) for _, n in each_line()})
    rows = [[sku, name, plain(price), "2024-01-15 10:00:00", 25, "active"] for sku, name, price in skus]
    return _list(
        "price_list", "products_export.csv", "SKU,Title,Price,Created At,Inventory Quantity,Status", rows, orders=0
    )


def stock_moves() -> Made:
    rows = [
        [
            f"{o.moment:%Y-%m-%d %H:%M}",
            n.sku,
            n.name,
            ("Sale", "Receipt", "Adjustment")[o.at % 3],
            n.quantity,
            plain(n.price),
        ]
        for o, n in each_line()
    ]
    return _list(
        "stock_moves", "inventory_movements.csv", "Date,SKU,Product,Movement Type,Quantity,Unit Cost", rows, total=ASK
    )


def purchase_orders() -> Made:
    rows = [
        [
            f"PO{o.number}",
            f"S{o.person.at:02d}",
            f"{o.person.surname} Wholesale",
            f"{o.moment:%Y-%m-%d}",
            "Received",
            plain(o.total),
        ]
        for o in ORDERS
    ]
    return _list(
        "purchase_orders",
        "purchase_orders.csv",
        "PO Number,Supplier ID,Supplier,Order Date,Status,Total",
        rows,
        total=ASK,
    )


def expenses() -> Made:
    rows = [[o.number, f"{o.moment:%d/%m/%Y}", "Office Depot", "Supplies", plain(o.total), "EUR"] for o in ORDERS]
    return _list("expenses", "expenses.csv", "Expense No,Expense Date,Vendor,Category,Amount,Currency", rows, total=ASK)


def shipments() -> Made:
    rows = [[f"SH{o.number}", o.number, f"{o.moment:%Y-%m-%d}", "DHL", f"JD{o.number}", "4.90"] for o in ORDERS]
    return _list(
        "shipments",
        "shipments.csv",
        "Shipment No,Order No,Ship Date,Carrier,Tracking Number,Shipping Cost",
        rows,
        total=ASK,
    )


def refunds_alone() -> Made:
    """All rows give back, and none says so but the names."""
    rows = [
        [f"R{o.number}", o.number, f"{o.moment:%Y-%m-%d}", 20 + o.person.at, plain(o.total), "Damaged"]
        for o in ORDERS
        if o.at in BACK or o.at % 2
    ]
    return _list(
        "refunds_alone",
        "refunds.csv",
        "Refund ID,Order ID,Refund Date,Customer ID,Refund Amount,Reason",
        rows,
        total=money(-sum(o.total for o in ORDERS if o.at in BACK or o.at % 2)),
    )


def offers() -> Made:
    rows = [[f"AN{o.number}", f"{o.moment:%d.%m.%Y}", 500 + o.person.at, o.person.name, comma(o.total)] for o in ORDERS]
    return _list("offers", "Angebote.csv", "Angebotsnr;Angebotsdatum;Kundennr;Kunde;Gesamtbetrag", rows, ";", total=ASK)


def abandoned_carts() -> Made:
    rows = [
        [
            f"cart_{o.number}",
            f"{o.moment:%Y-%m-%d %H:%M:%S}",
            o.person.email,
            len(o.lines),
            plain(o.total),
            "https://shop.example/recover",
        ]
        for o in ORDERS
    ]
    return _list(
        "abandoned_carts",
        "abandoned_checkouts.csv",
        "Cart ID,Created At,Email,Items,Cart Total,Recovery URL",
        rows,
        total=ASK,
    )


def payouts() -> Made:
    rows = [[f"po_{o.number}", f"{o.moment:%Y-%m-%d}", "paid", plain(o.total), "EUR", "STRIPE", "DE89"] for o in ORDERS]
    return _list(
        "payouts", "payouts.csv", "Payout ID,Arrival Date,Status,Amount,Currency,Method,Destination", rows, total=ASK
    )


def subscriptions() -> Made:
    rows = [
        [
            f"sub_{o.number}",
            f"cus_{o.person.at}",
            "Pro",
            f"{o.moment:%Y-%m-%d}",
            f"{o.moment + timedelta(days=365):%Y-%m-%d}",
            "active",
            plain(o.total),
            "month",
        ]
        for o in ORDERS
    ]
    return _list(
        "subscriptions",
        "subscriptions.csv",
        "Subscription ID,Customer ID,Plan,Start Date,Renewal Date,Status,Plan Amount,Interval",
        rows,
        total=ASK,
    )


CASES = (
    till_protocol,
    entries_fr,
    item_summary,
    daily_summary,
    customer_summary,
    price_list,
    stock_moves,
    purchase_orders,
    expenses,
    shipments,
    refunds_alone,
    offers,
    abandoned_carts,
    payouts,
    subscriptions,
)
