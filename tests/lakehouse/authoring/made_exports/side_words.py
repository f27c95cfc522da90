"""What stands beside the figures and changes them: days of cancelling, wallets, rates, preferences, withdrawn consent."""

from datetime import timedelta

from tests.lakehouse.authoring.made_exports.abroad import VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    PEOPLE,
    TOTAL,
    Made,
    Person,
    all_orders,
    each_line,
    money,
    one_file,
    orders_file,
    plain,
    rows_text,
)

LEFT = sum(o.total for o in ORDERS if o.at not in VOID)
EVERYBODY = [(at, Person(at)) for at in range(len(PEOPLE))]


def cancelled_at() -> Made:
    """A day of cancelling in place of a status."""
    return orders_file(
        "cancelled_at",
        "Order,Created At,Customer ID,Total,Currency,Cancelled At",
        lambda o: [
            *(o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", f"C{o.person.at}", plain(o.total), "EUR"),
            f"{o.moment + timedelta(hours=3):%Y-%m-%d %H:%M:%S}" if o.at in VOID else "",
        ],
        total_of_completed=money(LEFT),
    )


def refunded_on() -> Made:
    """The whole order went back on that day."""
    return orders_file(
        "refunded_on",
        "Invoice No,Invoice Date,Client ID,Grand Total,Refund Date",
        lambda o: [
            o.number,
            f"{o.moment:%d/%m/%Y}",
            f"C{o.person.at}",
            plain(o.total),
            f"{o.moment + timedelta(days=2):%d/%m/%Y}" if o.at in VOID else "",
        ],
        total_of_completed=money(LEFT),
    )


def line_status() -> Made:
    """Some lines of an order were cancelled, and the order's total is without them."""
    head = ["Order ID", "Order Date", "Customer ID", "SKU", "Product", "Quantity", "Unit Price", "Line Status"]
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d}",
            f"C{o.person.at}",
            n.sku,
            n.name,
            n.quantity,
            plain(n.price),
            "Cancelled" if o.at in VOID and n is o.lines[0] else "Shipped",
        ]
        for o, n in each_line()
    ]
    gone = sum(o.lines[0].amount for o in ORDERS if o.at in VOID)
    return one_file(
        "line_status",
        "lines that were cancelled",
        "order_items.csv",
        rows_text(head, rows),
        total_of_completed=money(TOTAL - gone),
    )


def base_currency() -> Made:
    """The amount in the customer's currency, and in the shop's."""
    rate = {"GB": ("GBP", 79), "US": ("USD", 108), "CZ": ("CZK", 2500)}
    return orders_file(
        "base_currency",
        "Order Number,Order Date,Customer Email,Country,Order Currency,Order Total,Exchange Rate,Base Currency,Base Total",
        lambda o: [
            *(o.number, f"{o.moment:%Y-%m-%d %H:%M}", o.person.email, o.person.country),
            *(
                rate.get(o.person.country, ("EUR", 100))[0],
                plain(o.total * rate.get(o.person.country, ("EUR", 100))[1] // 100),
            ),
            *(f"{rate.get(o.person.country, ('EUR', 100))[1] / 100:.4f}", "EUR", plain(o.total)),
        ],
        orders=24,
        customers=10,
        currencies=["CZK", "EUR", "GBP", "USD"],
    )


def items_in_words() -> Made:
    return orders_file(
        "items_in_words",
        "Order #,Placed,Customer,Email,Items,Item count,Subtotal,Delivery fee,Total,Status",
        lambda o: [
            *(o.number, f"{o.moment:%d %b %Y %I:%M %p}", o.person.name, o.person.email),
            "; ".join(f"{n.quantity} x {n.name}" for n in o.lines),
            *(
                sum(n.quantity for n in o.lines),
                plain(o.total),
                "2.50",
                plain(o.total + 250),
                state(o, "Delivered", "Cancelled"),
            ),
        ],
        total_of_completed=money(LEFT + 250 * (24 - len(VOID))),
    )


def wallet() -> Made:
    """A canteen's card: money that is loaded is no sale, what is spent stands below zero."""
    head = ["Txn ID", "Timestamp", "Card holder", "Type", "Amount", "Balance after"]
    rows = []
    for o in ORDERS:
        rows.append(
            [f"T{o.at}a", f"{o.moment:%Y-%m-%d %H:%M:%S}", f"CH{o.person.at:03d}", "Top-up", "200.00", "200.00"]
        )
        rows.append(
            [
                f"T{o.at}b",
                f"{o.moment + timedelta(minutes=9):%Y-%m-%d %H:%M:%S}",
                f"CH{o.person.at:03d}",
                "Purchase",
                plain(-o.total),
                "0.00",
            ]
        )
    return one_file(
        "wallet", "a wallet's moves", "wallet.csv", rows_text(head, rows), orders=24, total=money(TOTAL), customers=10
    )


def consent_withdrawn() -> Made:
    """Consent given on one day and taken back on a later one."""
    head = ["Contact ID", "First Name", "Last Name", "Email", "Consent Date", "Consent Withdrawn Date"]
    rows = [
        [f"C{at}", p.given, p.surname, p.email, f"2024-01-{at + 1:02d}", f"2024-02-{at + 1:02d}" if at % 3 == 0 else ""]
        for at, p in EVERYBODY
    ]
    return one_file(
        "consent_withdrawn",
        "consent that was taken back",
        "contacts.csv",
        rows_text(head, rows),
        accounts=10,
        granted=6,
    )


def preferences() -> Made:
    """Ways in which a person wants to hear from us, in one cell; none is none."""
    words = ("Email; SMS", "None", "Post", "Email")
    head = ["Member No", "Name", "Email", "Contact preferences"]
    rows = [[f"M{at}", p.name, p.email, words[at % 4]] for at, p in EVERYBODY]
    return one_file("preferences", "ways of contact in one cell", "members.csv", rows_text(head, rows), accounts=10)


def do_not_contact() -> Made:
    head = ["Contact", "First name", "Last name", "Email", "Newsletter", "Do Not Contact"]
    rows = [
        [f"C{at}", p.given, p.surname, p.email, "Yes" if at % 2 == 0 else "No", "TRUE" if at % 4 == 0 else "FALSE"]
        for at, p in EVERYBODY
    ]
    return one_file(
        "do_not_contact",
        "a newsletter that was ordered by who must not be contacted",
        "crm_contacts.csv",
        rows_text(head, rows),
        accounts=10,
        granted=2,
    )


def consent_per_channel() -> Made:
    head = ["Customer No", "First name", "Last name", "E-mail", "Mobile", "Email opt-in", "SMS opt-in", "Post opt-in"]
    rows = [
        [f"C{at}", p.given, p.surname, p.email, p.phone, "Y" if at % 2 else "N", "Y" if at % 3 else "N", "N"]
        for at, p in EVERYBODY
    ]
    return one_file(
        "consent_per_channel", "an answer for each channel", "customers.csv", rows_text(head, rows), accounts=10
    )


def quotes_and_orders() -> Made:
    """Offers that nobody has taken stand among the orders."""
    head = ["Doc No", "Doc Type", "Date", "Customer No", "Net", "VAT", "Gross"]
    rows = [
        [
            o.number,
            "Order",
            f"{o.moment:%Y-%m-%d}",
            f"C{o.person.at}",
            plain(o.total - o.total // 6),
            plain(o.total // 6),
            plain(o.total),
        ]
        for o in ORDERS
    ]
    rows += [
        [
            5000 + o.at,
            "Quote",
            f"{o.moment:%Y-%m-%d}",
            f"C{o.person.at}",
            plain(o.total * 2),
            "0.00",
            plain(o.total * 2),
        ]
        for o in ORDERS[:6]
    ]
    return one_file("quotes_and_orders", "offers beside orders", "documents.csv", rows_text(head, rows), **all_orders())


CASES = (
    cancelled_at, refunded_on, line_status, base_currency, items_in_words, wallet, consent_withdrawn, preferences,
    do_not_contact, consent_per_channel, quotes_and_orders,
)  # fmt: skip
