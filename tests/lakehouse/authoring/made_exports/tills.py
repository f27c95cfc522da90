"""Sales of tills."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    comma,
    each_line,
    money,
    one_file,
    plain,
    rows_text,
    with_lines,
)

BACK = {4, 9}  # orders that are paid back, whole

SUM_BACK = sum(ORDERS[at].total for at in BACK)


def sumup() -> Made:
    head = (
        "Email,Date,Transaction ID,Transaction Type,Status,Card Type,Last 4 Digits,Process as,Payment Method,"
        "Entry Mode,Auth code,Description,Total,Tax Amount,Tip Amount,Fee,Payout,Payout Date,Payout ID,"
        "Reference"
    )
    rows = []
    for o in ORDERS:
        rows.append(
            [
                "owner@example.com",
                f"{o.moment:%Y-%m-%d %H:%M:%S}",
                f"TX{o.number}",
                "Sale",
                "Successful",
                "VISA",
                f"{4000 + o.at}",
                "CREDIT",
                "Card",
                "chip",
                "",
                "",
                plain(o.total),
                "0.0",
                "0.0",
                "0.17",
                plain(o.total - 17),
                "2024-03-31",
                "",
                "",
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    "owner@example.com",
                    f"{o.moment:%Y-%m-28 %H:%M:%S}",
                    f"TX9{o.number}",
                    "Refund",
                    "Refunded",
                    "VISA",
                    f"{4000 + o.at}",
                    "CREDIT",
                    "Card",
                    "chip",
                    "",
                    "",
                    plain(-o.total),
                    "0.0",
                    "0.0",
                    "0",
                    plain(-o.total),
                    "2024-03-31",
                    "",
                    "",
                ]
            )
    return one_file(
        "sumup_sales",
        "a card reader: refunds below zero, whose status says Refunded",
        "SumUp_report_2024-03.csv",
        rows_text(head.split(","), rows),
        orders=26,
        total=money(TOTAL - SUM_BACK),
        customers=0,
    )


def lightspeed() -> Made:
    head = "Date,Sale ID,Employee,Customer,Customer ID,Description,System ID,Qty,Retail,Subtotal,Discounts,Total"
    rows = [
        [
            o.moment.strftime("%b %-d, %Y, %-I:%M %p"),
            o.number,
            "Sam",
            o.person.name,
            300 + o.person.at,
            n.name,
            f"2100{n.sku[-3:]}",
            n.quantity,
            f"${plain(n.price)}",
            f"${plain(n.amount)}",
            "$0.00",
            f"${plain(n.amount)}",
        ]
        for o, n in each_line()
    ]
    text = rows_text(head.split(","), rows) + rows_text(
        [],
        [
            [
                "Total",
                "",
                "",
                "",
                "",
                "",
                "",
                sum(n.quantity for _, n in each_line()),
                "",
                f"${money(TOTAL)}",
                "$0.00",
                f"${money(TOTAL)}",
            ]
        ],
    )
    return one_file(
        "lightspeed_lines",
        "sales lines of a till, dollar signs, a total below",
        "listings_sales_2024.csv",
        text,
        **with_lines(),
    )


def clover() -> Made:
    head = (
        "Order Date,Order ID,Order Number,Order Employee Name,Note,Currency,Tax Amount,Tip,Service "
        "Charge,Discount,Order Total,Payments Total,Payment Note,Refunds Total,Manual Refunds "
        "Total,Tender,Credit Card Auth Code,Order Payment State"
    )
    rows = [
        [
            o.moment.strftime("%d-%b-%Y %I:%M %p EST"),
            f"6XQ{o.number}ABC",
            "",
            "Sam",
            "",
            "USD",
            "0.80",
            "0.00",
            "",
            "0.00",
            plain(o.total),
            plain(o.total),
            "",
            plain(o.total) if o.at in BACK else "0.00",
            "0.00",
            "Cash",
            "",
            "Paid" if o.at != 7 else "Open",
        ]
        for o in ORDERS
    ]
    return one_file(
        "clover_orders",
        "orders of a till with a zone in the time, refunds in a column",
        "Orders-20240301_0000_EST-20240331_2359_EDT.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(TOTAL - SUM_BACK - ORDERS[7].total),
        first_instant="2024-03-01 14:00:00",
    )


def vend() -> Made:
    head = (
        "Date,Receipt Number,Line Type,Customer Code,Customer Name,Note,Quantity,Subtotal,Sales Tax,Discount,"
        "Loyalty,Total,Paid,Details,Register,User,Status,Sku"
    )
    rows = []
    for o in ORDERS:
        key = [f"{o.moment:%Y-%m-%d %H:%M:%S}", o.number]
        free, at = ["0.00"] * 3, ["Main Register", "Sam", ""]
        who = [f"{o.person.given}-1", o.person.name, ""]
        rows.append(
            [
                *key,
                "Sale",
                *who,
                sum(n.quantity for n in o.lines),
                plain(o.total),
                "0.00",
                "0.00",
                "0.00",
                plain(o.total),
                plain(o.total),
                "",
                "Main Register",
                "Sam",
                "CLOSED",
                "",
            ]
        )
        rows += [
            [*key, "Sale Line", "", "", "", n.quantity, plain(n.amount), *free, plain(n.amount), "", n.name, *at, n.sku]
            for n in o.lines
        ]
        rows.append(
            [
                *key,
                "Payment",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                plain(o.total),
                "Cash",
                "Main Register",
                "Sam",
                "",
                "",
            ]
        )
    return one_file(
        "vend_sales",
        "a till that tells each sale, its lines and its payment in rows of their own",
        "vend-sales_history-2024-03-31.csv",
        rows_text(head.split(","), rows),
        **with_lines(),
    )


def bons() -> Made:
    head = "Bon-Nr.;Datum;Uhrzeit;Kasse;Kundenkarte;Betrag"
    rows = [
        [
            1 + o.at % 4,
            f"{o.moment:%d.%m.%y}" if o.at < 99 else "",
            f"{o.moment:%H:%M}",
            f"Kasse {1 + o.at // 4 % 2}",
            f"{4000 + o.person.at}",
            comma(o.total),
        ]
        for o in ORDERS
    ]
    rows += [
        [
            1 + o.at % 4,
            f"{o.moment:%d.%m.%y}",
            "20:15",
            f"Kasse {2 - o.at // 4 % 2}",
            f"{4000 + o.person.at}",
            comma(o.total),
        ]
        for o in ORDERS
    ]
    return one_file(
        "bons_restart",
        "receipts that start again each day at each till",
        "kassenjournal_0324.csv",
        rows_text(head.split(";"), rows, ";"),
        orders=48,
        total=money(2 * TOTAL),
        customers=10,
    )


def tickets() -> Made:
    head = (
        "Order no.,Order date,Purchaser first name,Purchaser last name,Purchaser email,Attendee no.,Ticket "
        "type,Ticket quantity,Attendee status,Currency,Total paid"
    )
    rows = []
    for i, (o, n) in enumerate(each_line()):
        rows.append(
            [
                7000000000 + o.number,
                o.moment.strftime("%b %-d, %Y"),
                o.person.given,
                o.person.surname,
                o.person.email,
                8000000000 + i,
                n.name,
                1,
                "Attending",
                "USD",
                plain(n.price),
            ]
        )
    total = sum(n.price for _, n in each_line())
    return one_file(
        "event_tickets",
        "attendees of an event: one row per ticket, each with its price",
        "Attendee Summary Report.csv",
        rows_text(head.split(","), rows),
        orders=24,
        total=money(total),
        customers=10,
    )


def toast() -> Made:
    head = (
        "Location,Order Id,Order #,Opened,# of Guests,Tab Names,Server,Table,Revenue Center,Dining Area,"
        "Service,Dining Options,Discount Amount,Amount,Tax,Tip,Gratuity,Total,Voided,Paid,Closed,"
        "Duration (Opened to Paid),Order Source"
    )
    rows = [
        [
            "Main St",
            160000000 + o.number,
            1 + o.at % 3,
            o.moment.strftime("%-m/%-d/%y %-I:%M %p"),
            2,
            "",
            "Sam",
            4,
            "",
            "",
            "Lunch",
            "Dine In",
            "0.00",
            plain(o.total),
            "1.00",
            "2.00",
            "0.00",
            plain(o.total + 300),
            "false",
            "",
            "",
            "0:40:00",
            "In Store",
        ]
        for o in ORDERS
    ]
    return one_file(
        "toast_orders",
        "a restaurant's till: amount, tax and tip make the total",
        "OrderDetails_2024_03_01-2024_03_31.csv",
        rows_text(head.split(","), rows),
        orders=24,
        total=money(TOTAL + 24 * 300),
        customers=0,
    )


CASES = (
    sumup,
    lightspeed,
    clover,
    vend,
    bons,
    tickets,
    toast,
)
