"""What stands apart from the columns that figures are read from: in a sentence, a letter, a sign, a second price."""

import json
from datetime import timedelta

from tests.lakehouse.authoring.made_exports.abroad import BACK, VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    CUSTOMERS,
    LINES,
    ORDERS,
    TOTAL,
    Made,
    Person,
    all_orders,
    comma,
    lines_file,
    money,
    one_file,
    orders_file,
    plain,
    rows_text,
)

LEFT = {"total_of_completed": money(sum(o.total for o in ORDERS if o.at not in VOID))}
NET = {"total": money(TOTAL - sum(o.total for o in ORDERS if o.at in BACK)), "customers": CUSTOMERS}
ASKED = "must ask"


def _with_refunds(name: str, head: str, row, delimiter: str = ",", **more) -> Made:
    """Sales, and behind some of them the row of its refund."""
    rows = [row(o, is_back) for o in ORDERS for is_back in ((False, True) if o.at in BACK else (False,))]
    return one_file(name, head, f"{name}.csv", rows_text(head.split(delimiter), rows, delimiter), **{**NET, **more})


def booking_text() -> Made:
    """What a booking is stands in its text alone."""
    return _with_refunds(
        "booking_text",
        "Entry,Booked,Client No,Narration,Sum",
        lambda o, back: [
            *(f"E{o.number}{'R' if back else ''}", f"{o.moment + timedelta(days=2 * back):%Y-%m-%d}", o.person.at + 70),
            *(f"{'Credit note for invoice' if back else 'Invoice'} {o.number}", plain(o.total)),
        ],
    )


def letters_of_a_scale() -> Made:
    """A till writes V for what it sold and R for what it took back."""
    return _with_refunds(
        "letters_of_a_scale",
        "Bon;Datum;Kundenkarte;VR;Betrag",
        lambda o, back: [
            *(o.number + 500 * back, f"{o.moment:%d.%m.%Y}", f"{880_000 + o.person.at}", "R" if back else "V"),
            comma(o.total),
        ],
        ";",
    )


def sign_apart() -> Made:
    """The sign stands in a column of its own, which is called by it."""
    return _with_refunds(
        "sign_apart",
        "Beleg;Datum;Debitor;+/-;Betrag",
        lambda o, back: [
            *(o.number + 500 * back, f"{o.moment:%d.%m.%Y}", f"D{o.person.at}", "-" if back else "+", comma(o.total)),
        ],
        ";",
    )


def kinds_without_a_name() -> Made:
    """The words tell kinds, whatever the column is called; payouts and fees are neither."""
    return _with_refunds(
        "kinds_without_a_name",
        "balance_id,created_utc,reporting_group,gross,fee,net,customer_email",
        lambda o, back: [
            *(f"tx{o.number}{'r' if back else ''}", f"{o.moment:%Y-%m-%d %H:%M:%S}", "refund" if back else "charge"),
            *(plain(-o.total if back else o.total), "0.30", plain((-1 if back else 1) * o.total - 30), o.person.email),
        ],
    )


def refunds_beside_payments() -> Made:
    """A refund repeats its payment's reference and amount, and says by its state what it is."""
    return _with_refunds(
        "refunds_beside_payments",
        "Transaction No,Date,Member No,Amount,Status,Merchant Ref",
        lambda o, back: [
            *(f"{'9' if back else '1'}00{o.number}", f"{o.moment + timedelta(days=back):%Y-%m-%d}", o.person.at + 40),
            *(plain(o.total), "Refunded" if back else "Paid", f"M-{o.number}"),
        ],
    )


def later_rebate() -> Made:
    """What was let off after the invoice is in no amount."""
    less = sum(o.total // 10 for o in ORDERS if o.at in BACK)
    return orders_file(
        "later_rebate",
        "Rechnung;Datum;Kunde;Betrag;Rabatt nachträglich",
        lambda o: [
            *(o.number, f"{o.moment:%d.%m.%Y}", f"K-{o.person.at:03d}", comma(o.total)),
            comma(o.total // 10) if o.at in BACK else "",
        ],
        **all_orders(total=money(TOTAL - less)),
    )


def money_on_some_rows() -> Made:
    """Money on a few rows that nobody can place is asked for."""
    return orders_file(
        "money_on_some_rows",
        "Order No,Order Date,Customer No,Amount,Kulanz",
        lambda o: [
            *(o.number, f"{o.moment:%Y-%m-%d}", o.person.at + 60, plain(o.total)),
            plain(o.total // 5) if o.at in BACK else "",
        ],
        total=ASKED,
    )


def wholesale_and_retail() -> Made:
    """What the shop pays stands beside what it will sell for."""
    return lines_file(
        "wholesale_and_retail",
        "Order Date,Order Number,Account No,Product Name,SKU,Quantity,Retail Price,Wholesale Price",
        lambda o, n: [
            *(f"{o.moment:%Y-%m-%d}", f"B{o.number}", f"R{o.person.at:03d}", n.name, n.sku, n.quantity),
            *(plain(2 * n.price), plain(n.price)),
        ],
        **all_orders(lines=LINES),
    )


def deposit_alone() -> Made:
    """A deposit that is given back is in what was charged: the fee is what was sold."""
    return orders_file(
        "deposit_alone",
        "Contract No,Customer ID,Date,Fee,Security Deposit,Total Charged",
        lambda o: [
            *(f"R{o.number}", o.person.at + 10, f"{o.moment:%Y-%m-%d}", plain(o.total), "50.00", plain(o.total + 5000)),
        ],
        **all_orders(),
    )


def deposit_inside() -> Made:
    """A deposit in a total of several parts is asked for."""
    return orders_file(
        "deposit_inside",
        "Contract No,Customer ID,Date,Fee,Late Fee,Security Deposit,Total Charged",
        lambda o: [
            *(f"R{o.number}", o.person.at + 10, f"{o.moment:%Y-%m-%d}", plain(o.total), "5.00", "50.00"),
            plain(o.total + 5500),
        ],
        total=ASKED,
    )


def tax_by_flag() -> Made:
    """Whether a price has its tax inside is said row by row: asked."""
    return orders_file(
        "tax_by_flag",
        "Order No,Order Date,Customer No,Amount,Tax included",
        lambda o: [
            *(o.number, f"{o.moment:%Y-%m-%d}", o.person.at + 30, plain(o.total), "yes" if o.at % 3 else "no"),
        ],
        total=ASKED,
    )


def types_of_gifts() -> Made:
    """A pledge and its payments are told by words that nobody knows: asked."""
    return orders_file(
        "types_of_gifts",
        "Gift Number,Constituent ID,Gift Date,Gift Type,Gift Amount",
        lambda o: [
            *(o.number, f"C-{o.person.at}", f"{o.moment:%m/%d/%Y}", ("Pledge", "Pay-Cash", "Cash")[o.at % 3]),
            plain(o.total),
        ],
        total=ASKED,
    )


def signs_in_the_header() -> Made:
    """Columns whose names are signs: the header is one all the same."""
    return orders_file(
        "signs_in_the_header",
        "№,Order No,Order Date,Customer No,Amount",
        lambda o: [o.at + 1, o.number, f"{o.moment:%Y-%m-%d}", o.person.at + 20, plain(o.total)],
        **all_orders(),
    )


def merged_orders() -> Made:
    """States of several words; an order that was merged into another stands in that one."""
    words = ["Cancelled (Non-Paying Buyer)", "Merged", "Refund Sent", "Cancelled (Item Unavailable)"]
    void = dict(zip(sorted(VOID), words * len(VOID), strict=False))
    return orders_file(
        "merged_orders",
        "buyer,order_num,order_date,status,total",
        lambda o: [
            *(f"u_{o.person.at}", f"77-{o.number}", f"{o.moment:%Y-%m-%d %H:%M}"),
            *(void.get(o.at, ("Payment Received", "Shipped")[o.at % 2]), plain(o.total)),
        ],
        **LEFT,
    )


def called_off_by_letters() -> Made:
    """Y was called off, C is the document that called it off; both are above zero."""
    rows = [
        [number, f"{o.moment:%Y%m%d}", f"C{o.person.at:05d}", plain(o.total), letter]
        for o in ORDERS
        for number, letter in (((o.number, "Y"), (o.number + 500, "C")) if o.at in VOID else ((o.number, "N"),))
    ]
    head = ["DocNum", "DocDate", "CardCode", "DocTotal", "CANCELED"]
    return one_file("called_off_by_letters", "letters", "OINV.csv", rows_text(head, rows), **LEFT)


def payments_of_equal_halves() -> Made:
    """An order that was paid in two equal parts has two payments, and no total on each row; what failed is none."""
    rows = []
    for o in ORDERS:
        half = o.total // 2
        parts = [half, o.total - half] if o.at % 4 == 1 else [o.total]
        moment = f"{o.moment:%d-%b-%Y %I:%M %p}"
        rows += [
            [moment, f"P{o.number}{i}", f"O{o.number}", o.person.at + 50, "SUCCESS", plain(a)]
            for i, a in enumerate(parts)
        ]
        rows += [[moment, f"P{o.number}X", f"O{o.number}", o.person.at + 50, "FAIL", plain(o.total)]] * (o.at in VOID)
    head = ["Payment Date", "Payment ID", "Order ID", "Customer ID", "Result", "Amount"]
    return one_file("payments_of_equal_halves", "payments", "payments.csv", rows_text(head, rows), **all_orders())


def instalments_to_come() -> Made:
    """What is only scheduled was not paid."""
    rows = [
        [
            *(f"B{o.number}", o.person.email, f"{k + 1} of 3", f"{o.moment + timedelta(days=k):%Y-%m-%d}"),
            plain(o.total),
            word,
        ]
        for o in ORDERS
        for k, word in enumerate(("Paid", "Paid", "Scheduled"))
    ]
    head = ["Booking Ref", "Learner Email", "Instalment", "Due Date", "Amount", "Payment Status"]
    right = {"orders": 24, "total_of_completed": money(2 * TOTAL), "customers": CUSTOMERS}
    return one_file("instalments_to_come", "instalments", "instalments.csv", rows_text(head, rows), **right)


def exponents() -> Made:
    """Minor units with the number of their decimals beside them."""
    return orders_file(
        "exponents",
        "Order Code,Date,Shopper Email,Currency,Exponent,Amount",
        lambda o: [f"W-{o.number}", f"{o.moment:%Y-%m-%d %H:%M:%S}", o.person.email, "USD", 2, o.total],
        **all_orders(currency="USD"),
    )


def day_in_three() -> Made:
    """Year, month and day in columns of their own."""
    return orders_file(
        "day_in_three",
        "Ticket,Year,Month,Day,Member,Paid",
        lambda o: [o.number, o.moment.year, o.moment.month, o.moment.day, f"M{o.person.at:04d}", plain(o.total)],
        **all_orders(days=24),
    )


def footnotes() -> Made:
    """Stars behind some amounts, explained in the last line."""
    rows = [
        [o.number, f"{o.moment:%d %B %Y}", o.person.at + 300, plain(o.total) + ("*" if o.at in BACK else "")]
        for o in ORDERS
    ]
    rows.append(["* provisional, to be confirmed", "", "", ""])
    head = ["Invoice no.", "Invoice date", "Customer no.", "Amount USD"]
    return one_file("footnotes", "stars", "invoices.csv", rows_text(head, rows), **all_orders())


def refunds_by_a_flag() -> Made:
    """A flag of refunds whose rows are below zero already: they count."""
    return _with_refunds(
        "refunds_by_a_flag",
        "Receipt,Date,Customer No,Amount,Refund",
        lambda o, back: [
            *(o.number + 500 * back, f"{o.moment:%Y-%m-%d}", o.person.at + 20, plain(-o.total if back else o.total)),
            "true" if back else "false",
        ],
    )


def whole_amounts_of_a_program() -> Made:
    """A program's whole amounts in a currency with hundredths may be hundredths: asked."""
    purchases = [
        {
            "number": o.number,
            "timestamp": f"{o.moment:%Y-%m-%dT%H:%M:%S.000+0000}",
            "currency": "SEK",
            "amount": o.total,
        }
        for o in ORDERS
    ]
    text = json.dumps({"purchases": purchases})
    return one_file("whole_amounts_of_a_program", "whole amounts", "purchases.json", text, total=ASKED)


def erased_people() -> Made:
    """Orders of people who were erased stand under one address that is nobody's."""
    gone = {o.at for o in ORDERS if o.at % 5 == 3}
    return orders_file(
        "erased_people",
        "order_id,created,customer_email,total",
        lambda o: [
            *(o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}"),
            *("anonymised@anonymised.invalid" if o.at in gone else o.person.email, plain(o.total)),
        ],
        orders=24,
        guests=len(gone),
    )


def units_by_codes() -> Made:
    """A column of currency codes with a name that nobody knows."""
    return orders_file(
        "units_by_codes",
        "Belegnr;Belegdatum;Debitor;Betrag;HWhg",
        lambda o: [o.number, f"{o.moment:%d.%m.%Y}", f"D{o.person.at}", comma(o.total), "EUR"],
        **all_orders(currency="EUR"),
    )


def _people(name: str, head: list[str], row, **right) -> Made:
    rows = [row(Person(at), at) for at in range(10)]
    return one_file(name, head[-1], f"{name}.csv", rows_text(head, rows), orders=0, accounts=10, **right)


def consent_in_vietnamese() -> Made:
    head = ["Mã khách hàng", "Họ và tên", "Email", "Đồng ý nhận quảng cáo"]
    return _people(
        "consent_in_vietnamese",
        head,
        lambda p, at: [f"KH{at}", p.name, p.email, "Không" if at % 2 else "Có"],
        granted=5,
    )


def consent_in_arabic() -> Made:
    head = ["رقم العميل", "الاسم", "البريد الإلكتروني", "الموافقة على الرسائل التسويقية"]
    return _people(
        "consent_in_arabic", head, lambda p, at: [5000 + at, p.name, p.email, "لا" if at % 2 else "نعم"], granted=5
    )


def consent_in_a_survey() -> Made:
    """A question of a survey, answered in a sentence."""
    head = ["#", "How likely are you to recommend us?", "Your e-mail address", "May we contact you with offers?"]
    return _people(
        "consent_in_a_survey",
        head,
        lambda p, at: [f"r{at}", 10 - at % 4, p.email, "Yes, please" if at % 2 else "No, thank you"],
        granted=5,
    )


def two_answers() -> Made:
    """Two words in a language that nobody told us: asked."""
    head = ["Customer No", "First Name", "Last Name", "Email", "Reklamlar"]
    return _people(
        "two_answers",
        head,
        lambda p, at: [50 + at, p.given, p.surname, p.email, "bəli" if at % 2 else "xeyr"],
        granted=ASKED,
    )


def log_newest_first() -> Made:
    """A log of opting in and out, its newest row first: each person's newest row counts, wherever it stands."""
    start = ORDERS[0].moment
    events = [(start + timedelta(hours=at), Person(at), "Opt-in") for at in range(10)]
    events += [(start + timedelta(days=9, hours=at), Person(at), "Opt-out") for at in range(4)]
    rows = [
        [f"{moment:%Y-%m-%d %H:%M:%S}", person.email, word, "web"]
        for moment, person, word in sorted(events, key=lambda event: event[0], reverse=True)
    ]
    text = rows_text(["Timestamp", "Email", "Action", "Source"], rows)
    return one_file("log_newest_first", "a log", "consent_log.csv", text, orders=0, accounts=10, granted=6, opted_out=4)


def ratings_of_tickets() -> Made:
    """Ratings of a help desk's tickets are no orders."""
    return orders_file(
        "ratings_of_tickets",
        "Ticket ID,Requester email,Satisfaction score,Satisfaction comment,Rated at,Assignee",
        lambda o: [
            *(
                o.number,
                o.person.email,
                ("Good", "Bad", "Offered")[o.at % 3],
                "",
                f"{o.moment:%Y-%m-%dT%H:%M:%SZ}",
                "Kim",
            ),
        ],
        orders=0,
        interactions=24,
    )


def invoices_and_payments() -> Made:
    """A payment beside its invoice is no further sale."""
    rows = []
    for o in ORDERS:
        kind = "Invoice" if o.at % 2 else "Sales Receipt"
        row = [f"{o.moment:%m/%d/%Y}", kind, o.number, f"C{o.person.at}", plain(o.total)]
        rows += [row, [*row[:1], "Payment", o.number + 2000, *row[3:]]] if o.at % 2 else [row]
    head = ["Date", "Transaction Type", "Num", "Customer ID", "Amount"]
    right = {"orders": 24, "total_of_completed": money(TOTAL), "customers": CUSTOMERS}
    return one_file("invoices_and_payments", "invoices", "transactions.csv", rows_text(head, rows), **right)


def pence_in_the_header() -> Made:
    """One letter in the header says that amounts are hundredths."""
    return orders_file(
        "pence_in_the_header",
        "Till,Receipt,Date,Card No,Amount (p)",
        lambda o: [1, o.number, f"{o.moment:%d/%m/%Y %H:%M}", f"CD{o.person.at:05d}", o.total],
        **all_orders(),
    )


def states_as_numbers() -> Made:
    """Nobody knows which number is called off: asked."""
    return orders_file(
        "states_as_numbers",
        "OrderID,OrderDate,CustomerID,OrderTotal,OrderStatusId",
        lambda o: [o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", o.person.at, plain(o.total), state(o, "30", "40")],
        total=ASKED,
    )


def channels_by_letters() -> Made:
    """Channels that people allowed, by letters: asked."""
    head = ["Contact ID", "Name", "E-mail", "Channels allowed"]
    return _people(
        "channels_by_letters", head, lambda p, at: [100 + at, p.name, p.email, ("EPS", "P", "")[at % 3]], granted=ASKED
    )


CASES = (
    booking_text, letters_of_a_scale, sign_apart, kinds_without_a_name, refunds_beside_payments, later_rebate,
    money_on_some_rows, wholesale_and_retail, deposit_alone, deposit_inside, tax_by_flag, types_of_gifts,
    signs_in_the_header,
    merged_orders, called_off_by_letters, payments_of_equal_halves, instalments_to_come, exponents, day_in_three,
    footnotes, refunds_by_a_flag, whole_amounts_of_a_program, erased_people, units_by_codes, consent_in_vietnamese,
    consent_in_arabic, consent_in_a_survey, two_answers, log_newest_first, ratings_of_tickets,
    invoices_and_payments, pence_in_the_header, states_as_numbers, channels_by_letters,
)  # fmt: skip
