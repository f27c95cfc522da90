"""Stores of apps, subscriptions, tickets, lodging, delivery, donations and audiences, as their services export them."""

from datetime import timedelta

from tests.lakehouse.authoring.made_exports.abroad import BACK, VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    CUSTOMERS,
    ORDERS,
    PEOPLE,
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

LEFT = sum(o.total for o in ORDERS if o.at not in VOID)


def gumroad() -> Made:
    return orders_file(
        "gumroad",
        "Purchase ID,Item Name,Buyer Name,Purchase Email,Buyer Email,Do not contact?,Purchase Date,Purchase Time (UTC timezone),Subtotal ($),Taxes ($),Shipping ($),Sale Price ($),Fees ($),Net Total ($),Tax Included in Price?,Street Address,City,Zip,State,Country,Referrer,Refunded?,Partial Refund ($),Fully Refunded?,Disputed?,Dispute Won?,Variants,Discount Code",
        lambda o: [
            *(f"p-{o.number}==", o.lines[0].name, o.person.name, o.person.email, o.person.email, 0),
            *(f"{o.moment:%Y-%m-%d}", f"{o.moment:%H:%M:%S} UTC", plain(o.total), "0.0", "0.0", plain(o.total)),
            *(plain(o.total // 10), plain(o.total - o.total // 10), 0, "", o.person.city, o.person.postcode, ""),
            *(o.person.country, "direct", 0, "0.0", 0, 0, 0, "", ""),
        ],
        **all_orders(),
    )


def eventbrite() -> Made:
    """One row per attendee; each ticket has its own price."""
    return lines_file(
        "eventbrite",
        "Order #,Order Date,First Name,Last Name,Email,Quantity,Ticket Type,Attendee #,Event Name,Currency,Ticket Price,Fees Paid,Eventbrite Fees,Payment Processing,Total Paid,Attendee Status,Order Type",
        lambda o, n: [
            *(f"88{o.number}", f"{o.moment:%Y-%m-%d %H:%M:%S}+00:00", o.person.given, o.person.surname),
            *(o.person.email, n.quantity, n.name, f"{o.number}{n.sku[-1]}", "Spring Fair", "GBP", plain(n.price)),
            *("0.00", "0.00", "0.00", plain(n.amount), "Attending", "Eventbrite Completed"),
        ],
        **with_lines(),
    )


def app_store() -> Made:
    """Units and what a customer pays for one; refunds are negative units."""
    rows = [
        [
            *("APPLE", "US", n.sku, "Example Ltd", n.name, "1.0", "1F", n.quantity, plain(n.price * 7 // 10)),
            *(f"{o.moment:%m/%d/%Y}", f"{o.moment:%m/%d/%Y}", "EUR", "DE", "EUR", f"99{n.sku[-3:]}", plain(n.price)),
        ]
        for o, n in each_line()
    ]
    head = "Provider\tProvider Country\tSKU\tDeveloper\tTitle\tVersion\tProduct Type Identifier\tUnits\tDeveloper Proceeds\tBegin Date\tEnd Date\tCustomer Currency\tCountry Code\tCurrency of Proceeds\tApple Identifier\tCustomer Price"
    return one_file(
        "app_store_sales",
        "a day's units of a store: what a customer pays is for one unit",
        "S_D_80012345_20240331.txt",
        rows_text(head.split("\t"), rows, "\t"),
        orders=len(rows),
        line_sum=money(TOTAL),
    )


def kickstarter() -> Made:
    return orders_file(
        "kickstarter",
        "Backer Number,Backer UID,Backer Name,Email,Shipping Country,Shipping Amount,Reward Title,Backing Minimum,Reward ID,Pledge Amount,Pledged At,Rewards Sent?,Pledged Status,Notes",
        lambda o: [
            *(o.at + 1, 5_000_000 + o.person.at, o.person.name, o.person.email, o.person.country, "$0.00 USD"),
            *(o.lines[0].name, f"${plain(o.lines[0].amount)} USD", 7_000 + o.at, f"${plain(o.total)} USD"),
            *(f"{o.moment:%Y/%m/%d, %H:%M}", "", "collected", ""),
        ],
        **all_orders(),
    )


def airbnb() -> Made:
    """Payout rows between reservations carry what was sent to the bank, not what was earned."""
    head = "Date,Type,Confirmation Code,Start Date,Nights,Guest,Listing,Details,Reference,Currency,Amount,Paid Out,Service Fee,Cleaning Fee,Gross Earnings"
    rows: list[list[object]] = []
    for o in ORDERS:
        day = f"{o.moment:%m/%d/%Y}"
        fee = o.total * 3 // 100
        rows.append(
            [
                day,
                "Payout",
                "",
                "",
                "",
                "",
                "",
                "Transfer to IBAN",
                f"G-{o.number}",
                "EUR",
                "",
                plain(o.total - fee),
                "",
                "",
                "",
            ]
        )
        rows.append(
            [
                *(day, "Reservation", f"HM{o.number}XX", f"{o.moment + timedelta(days=9):%m/%d/%Y}", 2, o.person.name),
                *("Loft", "", "", "EUR", plain(o.total - fee), "", plain(fee), "0.00", plain(o.total)),
            ]
        )
    return one_file(
        "airbnb",
        "reservations between payouts",
        "airbnb_01_2024-12_2024.csv",
        rows_text(head.split(","), rows),
        orders=24,
        total=money(TOTAL),
    )


def booking() -> Made:
    return orders_file(
        "booking_com",
        "Book number;Booked by;Guest name(s);Check-in;Check-out;Booked on;Status;Rooms;People;Price;Commission %;Commission amount;Payment status;Booker country",
        lambda o: [
            *(
                f"39{o.number}",
                f"{o.person.surname}, {o.person.given}",
                o.person.name,
                f"{o.moment + timedelta(days=20):%Y-%m-%d}",
            ),
            *(
                f"{o.moment + timedelta(days=22):%Y-%m-%d}",
                f"{o.moment:%Y-%m-%d %H:%M:%S}",
                state(o, "ok", "cancelled_by_guest"),
            ),
            *(1, 2, f"{plain(o.total)} EUR", 15, f"{plain(o.total * 15 // 100)} EUR", "", o.person.country.lower()),
        ],
        total_of_completed=money(LEFT),
    )


def deliveroo() -> Made:
    return orders_file(
        "delivery_payout",
        "Restaurant,Order ID,Order date,Order time,Status,Order value (£),Commission (£),VAT on commission (£),Adjustment (£),Payout (£)",
        lambda o: [
            *("Leeds", o.number * 10 + 7, f"{o.moment:%d/%m/%Y}", f"{o.moment:%H:%M}", "Completed", plain(o.total)),
            *(plain(-o.total * 3 // 10), plain(-o.total * 6 // 100), "0.00", plain(o.total - o.total * 36 // 100)),
        ],
        orders=24,
        total=money(TOTAL),
    )


def chargebee() -> Made:
    return orders_file(
        "chargebee_invoices",
        "Invoice Number,Customer Id,Subscription Id,Customer Email,Invoice Date,Due Date,Status,Currency,Sub Total,Discount,Tax Total,Amount,Amount Paid,Amount Due,Credits Applied,Recurring",
        lambda o: [
            *(f"INV-{o.number}", f"cb_{o.person.at:03d}", f"sub_{o.person.at}", o.person.email),
            *(f"{o.moment:%d-%b-%Y %H:%M}", f"{o.moment:%d-%b-%Y %H:%M}", state(o, "Paid", "Voided"), "EUR"),
            *(
                plain(o.total),
                "0.00",
                "0.00",
                plain(o.total),
                plain(0 if o.at in VOID else o.total),
                "0.00",
                "0.00",
                "true",
            ),
        ],
        total_of_completed=money(LEFT),
    )


def gocardless() -> Made:
    """Amounts in units, fees beside them, the state of each collection."""
    return orders_file(
        "gocardless",
        "id,created_at,charge_date,amount,description,currency,status,amount_refunded,reference,links.mandate,customers.id,customers.email,customers.given_name,customers.family_name",
        lambda o: [
            *(f"PM{o.number:010d}", f"{o.moment:%Y-%m-%dT%H:%M:%S}.000Z", f"{o.moment + timedelta(days=3):%Y-%m-%d}"),
            *(plain(o.total), "Membership", "GBP", state(o, "paid_out", "failed"), "0.00", "", f"MD{o.person.at}"),
            *(f"CU{o.person.at:05d}", o.person.email, o.person.given, o.person.surname),
        ],
        total_of_completed=money(LEFT),
    )


def paddle() -> Made:
    """Earnings beside gross, in another currency than the customer's."""
    return orders_file(
        "paddle_transactions",
        "Transaction ID,Transaction Date (UTC),Type,Product,Customer Email,Customer Country,Payment Method,Currency,Gross,Tax,Net,Fee,Earnings,Balance Currency,Balance Earnings",
        lambda o: [
            *(
                f"txn_{o.number}",
                f"{o.moment:%d %B %Y %H:%M:%S}",
                "Sale",
                o.lines[0].name,
                o.person.email,
                o.person.country,
            ),
            *("card", "USD", plain(o.total), plain(o.total // 6), plain(o.total - o.total // 6), plain(o.total // 20)),
            *(
                plain(o.total - o.total // 6 - o.total // 20),
                "GBP",
                plain((o.total - o.total // 6 - o.total // 20) * 79 // 100),
            ),
        ],
        orders=24,
        total=money(TOTAL),
        customers=CUSTOMERS,
    )


def salesforce_report() -> Made:
    """Closed deals; a report ends with its name and who ran it."""
    rows = [
        [
            o.person.name,
            f"0065g0000{o.number}",
            f"Deal {o.number}",
            state(o, "Closed Won", "Closed Lost"),
            plain(o.total),
            "EUR",
            f"{o.moment:%d/%m/%Y}",
            "100" if o.at not in VOID else "0",
        ]
        for o in ORDERS
    ]
    head = [
        "Account Name",
        "Opportunity ID",
        "Opportunity Name",
        "Stage",
        "Amount",
        "Amount Currency",
        "Close Date",
        "Probability (%)",
    ]
    text = rows_text(head, rows, quote_all=True)
    text += '\n\n"Closed deals"\n"Copyright (c) 2000-2024 example.com, inc. All rights reserved."\n"Confidential Information - Do Not Distribute"\n"Generated By:  Sales Manager  31/03/2024 10:02"\n"Example Ltd"\n'
    return one_file(
        "salesforce_report", "deals with the report's footer", "report1711873.csv", text, total_of_completed=money(LEFT)
    )


def brevo() -> Made:
    rows = [
        [
            7 + at,
            p.email,
            p.surname,
            p.given,
            f"4915112340{at:03d}",
            f"{'' if at % 3 else '01-03-2024'}",
            "FALSE" if at % 2 else "TRUE",
        ]
        for at, p in ((at, Person(at)) for at in range(len(PEOPLE)))
    ]
    head = ["CONTACT ID", "EMAIL", "NACHNAME", "VORNAME", "SMS", "DOUBLE_OPT-IN_DATE", "EMAIL BLACKLISTED"]
    return one_file(
        "brevo_contacts",
        "who is blacklisted gets nothing",
        "contacts.csv",
        rows_text(head, rows, ";"),
        accounts=10,
        granted=2,
    )


def zettle_se() -> Made:
    def kronor(hundredths: int) -> str:
        return f"{hundredths / 100:.2f}".replace(".", ",")

    return lines_file(
        "zettle_se",
        "Datum;Tid;Kvittonummer;Produkt;Variant;Artikelnummer;Antal;Moms (%);Pris;Rabatt;Summa inkl moms;Moms;Kassör",
        lambda o, n: [
            *(
                f"{o.moment:%Y-%m-%d}",
                f"{o.moment:%H:%M}",
                o.number,
                n.name,
                "",
                n.sku,
                n.quantity,
                "25,0",
                kronor(n.price),
            ),
            *("0,00", kronor(n.amount), kronor(n.amount - n.amount * 100 // 125), "Anna"),
        ],
        "Kvittorader.csv",
        "cp1252",
        orders=24,
        total=money(TOTAL),
        lines=len(each_line()),
        line_sum=money(TOTAL),
    )


def tmall() -> Made:
    """Order numbers in a formula; what the buyer pays and what was paid."""
    return orders_file(
        "tmall_orders",
        "订单编号,买家会员名,买家支付宝账号,买家应付货款,买家应付邮费,总金额,返点积分,买家实际支付金额,订单状态,收货人姓名,收货地址,联系手机,订单创建时间,订单付款时间,宝贝标题,宝贝种类,店铺名称,订单关闭原因,退款金额",
        lambda o: [
            *(
                f'="21{o.number:016d}"',
                f"tb{o.person.at:06d}",
                f"138****{o.person.at:04d}",
                plain(o.total),
                "0.00",
                plain(o.total),
            ),
            *(
                "0",
                plain(0 if o.at in VOID else o.total),
                state(o, "交易成功", "交易关闭"),
                f"王{o.person.at}",
                "浙江省 杭州市",
            ),
            *(f"'1380013{o.person.at:04d}", f"{o.moment:%Y-%m-%d %H:%M:%S}", f"{o.moment:%Y-%m-%d %H:%M:%S}"),
            *(o.lines[0].name, len(o.lines), "示例旗舰店", "订单未关闭", "0.00"),
        ],
        "ExportOrderList202403.csv",
        "gb18030",
        total_of_completed=money(LEFT),
    )


def unionpay() -> Made:
    """A bank's settlement: a preamble with the merchant, then trades with the fee, refunds as a kind of trade."""
    head = "交易日期,交易时间,终端号,卡号,交易类型,交易金额,手续费,结算金额,参考号"
    rows = []
    for o in ORDERS:
        sign = -1 if o.at in BACK else 1
        fee = o.total * 38 // 10_000
        rows.append(
            [
                *(f"{o.moment:%Y%m%d}", f"{o.moment:%H%M%S}", "T0001", f"622202******{o.person.at:04d}"),
                *(
                    "退货" if o.at in BACK else "消费",
                    plain(sign * o.total),
                    plain(sign * fee),
                    plain(sign * (o.total - fee)),
                    f"{o.number:012d}",
                ),
            ]
        )
    text = "商户名称:示例商店\n商户号:898310000000001\n对账日期:2024-03-31\n\n" + rows_text(head.split(","), rows)
    net = sum((-1 if o.at in BACK else 1) * o.total for o in ORDERS)
    return one_file(
        "unionpay_bill", "a till's card trades", "对账单20240331.csv", text, "gbk", orders=24, total=money(net)
    )


def forms_survey() -> Made:
    """Answers of a form: the questions are the header."""
    rows = [
        [f"{o.moment:%m/%d/%Y %H:%M:%S}", o.person.email, 1 + o.at % 5, "Delivery was fine", state(o, "Yes", "No")]
        for o in ORDERS
    ]
    head = [
        "Timestamp",
        "Email Address",
        "How satisfied are you with your last order, from 1 to 5?",
        "What could we do better?",
        "May we contact you about this?",
    ]
    return one_file(
        "forms_survey",
        "answers of a form",
        "Customer survey (Responses) - Form Responses 1.csv",
        rows_text(head, rows),
        feedback=24,
        orders=0,
    )


def patreon() -> Made:
    rows = [
        [
            p.name,
            p.email,
            "",
            "Active patron" if at % 4 else "Former patron",
            "No",
            f"${plain(PAID[at])}",
            "$5.00",
            "monthly",
            "Friend",
            f"{2024}-03-{at + 1:02d} 10:11:12",
            f"2024-03-{at + 1:02d} 10:11:12",
            8000 + at,
        ]
        for at, p in ((at, Person(at)) for at in range(len(PEOPLE)))
    ]
    head = [
        "Name",
        "Email",
        "Discord",
        "Patron Status",
        "Follows You",
        "Lifetime Amount",
        "Pledge Amount",
        "Charge Frequency",
        "Tier",
        "Patronage Since Date",
        "Last Charge Date",
        "User ID",
    ]
    return one_file(
        "patreon_members",
        "members with what they gave in all: no orders",
        "Members_8001.csv",
        rows_text(head, rows),
        accounts=10,
        orders=0,
    )


PAID = {at: sum(o.total for o in ORDERS if o.person.at == at) for at in range(len(PEOPLE))}


def smile_points() -> Made:
    """A ledger of points: no money in it."""
    rows = [
        [
            o.number,
            o.person.email,
            f"{o.moment:%Y-%m-%d %H:%M:%S} UTC",
            o.total // 100,
            "Points earned for order",
            500 + o.at,
        ]
        for o in ORDERS
    ]
    head = ["ID", "Customer email", "Created at", "Points change", "Description", "Points balance"]
    return one_file(
        "points_ledger", "points are no money", "points_activity.csv", rows_text(head, rows), orders=0, interactions=24
    )


def jtl_wawi() -> Made:
    """German ERP list with a sum row at its end and gross beside net."""
    rows = [
        [
            o.number,
            f"{o.moment:%d.%m.%Y}",
            10_000 + o.person.at,
            o.person.name,
            comma(round(o.total / 1.19)),
            comma(o.total - round(o.total / 1.19)),
            comma(o.total),
            "EUR",
            "Rechnung",
        ]
        for o in ORDERS
    ]
    rows.append(["Summe", "", "", "", comma(sum(round(o.total / 1.19) for o in ORDERS)), "", comma(TOTAL), "", ""])
    head = ["Belegnr.", "Belegdatum", "Kundennr.", "Kunde", "Netto", "MwSt", "Brutto", "Währung", "Belegart"]
    return one_file(
        "erp_list_de",
        "net, tax and gross with a sum",
        "Belege.csv",
        rows_text(head, rows, ";"),
        "cp1252",
        **all_orders(),
    )


CASES = (
    gumroad, eventbrite, app_store, kickstarter, airbnb, booking, deliveroo, chargebee, gocardless, paddle,
    salesforce_report, brevo, zettle_se, tmall, unionpay, forms_survey, patreon, smile_points, jtl_wawi,
)  # fmt: skip
