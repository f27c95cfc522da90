"""Columns, rows and words that figures hang on and that are easily overlooked."""

import json
from datetime import timedelta

from tests.lakehouse.authoring.made_exports.abroad import BACK, VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    CUSTOMERS,
    LINES,
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

LEFT = {"total_of_completed": money(sum(o.total for o in ORDERS if o.at not in VOID))}
NET = {"orders": 24, "total": money(sum((-1 if o.at in BACK else 1) * o.total for o in ORDERS))}


def airregi() -> Made:
    """A till's list says in a column of two words which receipts were called off, and has no word for those that count."""
    return orders_file(
        "airregi",
        "会計番号,会計日,会計時刻,店舗名,担当者,取消区分,客数,合計金額,内消費税,支払方法",
        lambda o: [
            *(f"R{o.number:07d}", f"{o.moment:%Y/%m/%d}", f"{o.moment:%H:%M}", "渋谷店", "山田"),
            *(state(o, "通常", "取消"), 1 + o.at % 4, plain(o.total), plain(o.total // 11), "現金"),
        ],
        "会計明細.csv",
        "cp932",
        **LEFT,
    )


def two_states_of_pinduoduo() -> Made:
    """Two columns of states whose names have no letter of ours: the rules of both hold."""
    return orders_file(
        "pinduoduo_states",
        "商品,订单号,订单状态,用户实付金额(元),商品数量(件),支付时间,商品id,售后状态",
        lambda o: [
            *(o.lines[0].name, f"240301-{o.number}\t", {3: "已取消", 11: "已发货，退款成功"}.get(o.at, "已收货")),
            *(plain(o.total), o.lines[0].quantity, f"{o.moment:%Y-%m-%d %H:%M:%S}\t", o.lines[0].sku),
            "退款成功" if o.at in (11, 17) else "无售后或售后取消",
        ],
        **LEFT,
    )


def claims_in_korea() -> Made:
    """Goods that came back by a column of claims that is empty on all other rows."""
    return orders_file(
        "korean_claims",
        "주문번호,주문일시,주문상태,구매자ID,총 주문금액,클레임상태",
        lambda o: [
            *(f"2024{o.number}", f"{o.moment:%Y-%m-%d %H:%M:%S}", "구매확정", f"b{o.person.at}"),
            *(plain(o.total), state(o, "", "반품완료")),
        ],
        "스마트스토어_주문.csv",
        "cp949",
        **LEFT,
    )


def dynamics_invoices() -> Made:
    """Names that end in a point: `No.` numbers the invoice, and `Sell-to Customer No.` its customer."""
    return orders_file(
        "dynamics_posted_invoices",
        "No.;Sell-to Customer No.;Sell-to Customer Name;Posting Date;Currency Code;Amount;Amount Including VAT",
        lambda o: [
            *(f"PS-INV10{o.number}", 10_000 + 10 * o.person.at, f"{o.person.surname} Ltd", f"{o.moment:%d-%m-%Y}"),
            *("EUR", plain(round(o.total / 1.19)), plain(o.total)),
        ],
        **all_orders(),
    )


def sage_journal() -> Made:
    """The tax is no amount of an order, whatever words stand before it; a credit note is told by its kind."""
    return orders_file(
        "sage_journal",
        "N° pièce;Type;Date pièce;Code client;Montant HT;Montant TVA;Montant TTC;Devise",
        lambda o: [
            *(("AV" if o.at in BACK else "FA") + f"{o.number:06d}", "Avoir" if o.at in BACK else "Facture"),
            *(f"{o.moment:%d/%m/%Y}", f"CL{o.person.at:04d}", comma(o.total - o.total // 6), comma(o.total // 6)),
            *(comma(o.total), "EUR"),
        ],
        **NET,
    )


def counter_customers() -> Made:
    """Words of a counter for nobody."""
    nobody = ("Consumidor final", "Cliente mostrador", "S/N", "PÚBLICO EN GENERAL")
    guests = [o for o in ORDERS if o.at % 4 == 0]
    return orders_file(
        "counter_customers",
        "Folio,Fecha,Cliente,Total,Moneda",
        lambda o: [
            *(f"F-{o.number}", f"{o.moment:%d/%m/%Y %H:%M}"),
            *(nobody[o.at // 4 % 4] if o in guests else f"CTE-{o.person.at:03d}", plain(o.total), "MXN"),
        ],
        orders=24,
        guests=len(guests),
    )


def one_address_for_guests() -> Made:
    """An address that a shop writes where it has none is no customer: asked, since nobody can know."""
    guests = [o for o in ORDERS if o.at % 3 == 0]
    return orders_file(
        "one_address_for_guests",
        "order,created,email,grand_total,currency",
        lambda o: [
            *(f"W{o.number}", f"{o.moment:%Y-%m-%dT%H:%M:%S}"),
            *("noemail@example.com" if o in guests else o.person.email, plain(o.total), "EUR"),
        ],
        orders=24,
        guests=len(guests),
    )


def two_amounts_two_currencies() -> Made:
    """An amount in the customer's currency beside one that was converted: each with its own currency."""
    return orders_file(
        "two_amounts_two_currencies",
        "Transaction ref,Completed at,Client ID,Local amount,Local currency,Amount (GBP)",
        lambda o: [
            *(f"TRX{o.number}", f"{o.moment:%Y-%m-%dT%H:%M:%S+00:00}", f"CL{o.person.at}"),
            *(plain(o.total), ("EUR", "USD")[o.at % 2], plain(o.total * 8 // 10)),
        ],
        orders=24,
        total=money(sum(o.total * 8 // 10 for o in ORDERS)),
        currency="GBP",
    )


def footer_of_ebay() -> Made:
    """Rows below the list that say how many it has are nobody's order, and ` from ` is no buyer."""
    head = (
        "Sales Record Number,Order Number,Buyer Username,Buyer Email,Item Number,Item Title,Quantity,Sold For,Sale Date"
    )
    width = len(head.split(","))
    rows = [
        [
            *(100 + o.at, f"10-{o.number}-4", f"buyer_{o.person.at}", o.person.email, f"11{n.sku[-3:]}", n.name),
            *(n.quantity, f"${plain(n.price)}", f"{o.moment:%b-%d-%y}"),
        ]
        for o, n in each_line()
    ]
    foot = [[""] * width, [LINES, "record(s) downloaded", " from ", "Mar-01-24", " to ", "Mar-31-24", "", "", ""]]
    text = rows_text(head.split(","), [*rows, *foot, ["Seller ID : tea_shop", *[""] * (width - 1)]])
    right = with_lines(accounts=CUSTOMERS, persons=CUSTOMERS)
    return one_file("footer_of_ebay", "a list with its count below", "eBay-OrdersReport.csv", text, **right)


def left_the_list_on() -> Made:
    """The day on which somebody left the list is no consent."""
    rows = [
        [700 + at, p.email, p.given, p.surname, f"{at + 1:02d}/01/2024", "" if at % 4 else "15/02/2024", "News"]
        for at, p in ((at, Person(at)) for at in range(len(PEOPLE)))
    ]
    head = ["CONTACT ID", "EMAIL", "PRENOM", "NOM", "DATE_INSCRIPTION", "DESABONNE_LE", "LISTES"]
    text = rows_text(head, rows, ";")
    return one_file("left_the_list_on", "a day of leaving", "contacts_fr.csv", text, accounts=10, opted_out=3)


def shop_among_payers() -> Made:
    """What is paid back comes from the shop's own address: the customer is the other side."""
    rows = []
    for o in ORDERS:
        day, clock = f"{o.moment:%d.%m.%Y}", f"{o.moment:%H:%M:%S}"
        head = [day, clock, "CET", o.person.name, "PayPal Express-Zahlung", "Abgeschlossen", "EUR", comma(o.total)]
        rows.append([*head, o.person.email, "laden@example.com", f"7X{o.number}"])
        if o.at in BACK:
            later = f"{o.moment + timedelta(days=1):%d.%m.%Y}"
            head = [later, clock, "CET", o.person.name, "Rückzahlung", "Abgeschlossen", "EUR", "-" + comma(o.total)]
            rows.append([*head, "laden@example.com", o.person.email, f"8X{o.number}"])
    names = ["Datum", "Uhrzeit", "Zeitzone", "Name", "Typ", "Status", "Währung", "Brutto"]
    names += ["Absender E-Mail-Adresse", "Empfänger E-Mail-Adresse", "Transaktionscode"]
    back = sum(o.total for o in ORDERS if o.at in BACK)
    right = {"orders": 24 + len(BACK), "total": money(TOTAL - back), "customers": CUSTOMERS, "accounts": CUSTOMERS}
    text = rows_text(names, rows, quote_all=True)
    return one_file("shop_among_payers", "payments and what was paid back", "paypal_download.csv", text, **right)


def xml_rows_in_rows() -> Made:
    """Lines inside an element of their own, one or several."""
    body = "".join(
        f"<order><id>{o.number}</id><id_customer>{o.person.at + 3}</id_customer><date_add>{o.moment:%Y-%m-%d %H:%M:%S}"
        f"</date_add><currency>EUR</currency><total_paid>{plain(o.total)}</total_paid><order_rows>"
        + "".join(
            f"<order_row><product_reference>{n.sku}</product_reference><product_quantity>{n.quantity}"
            f"</product_quantity><unit_price>{plain(n.price)}</unit_price></order_row>"
            for n in o.lines
        )
        + "</order_rows></order>"
        for o in ORDERS
    )
    text = f"<?xml version='1.0' encoding='UTF-8'?><prestashop><orders>{body}</orders></prestashop>"
    return one_file("xml_rows_in_rows", "lines in XML", "prestashop.xml", text, **with_lines())


def xml_attributes() -> Made:
    """Receipts and their items in attributes."""
    body = "".join(
        f"<Receipt no='{o.number}' date='{o.moment:%Y-%m-%dT%H:%M:%S}' customer='{900 + o.person.at}' "
        f"total='{plain(o.total)}' currency='NOK'>"
        + "".join(f"<Item sku='{n.sku}' qty='{n.quantity}' amount='{plain(n.amount)}'>{n.name}</Item>" for n in o.lines)
        + "</Receipt>"
        for o in ORDERS
    )
    return one_file("xml_attributes", "attributes", "kvitteringer.xml", f"<Receipts>{body}</Receipts>", **with_lines())


def json_lists_inside() -> Made:
    """Lines under a key of an object, as interfaces with pages answer."""
    orders = [
        {
            "id": f"in_{o.number}",
            "created": o.moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "customer": f"cus_{o.person.at}",
            "currency": "EUR",
            "total": plain(o.total),
            "lines": {
                "has_more": False,
                "data": [{"sku": n.sku, "quantity": n.quantity, "unit_price": plain(n.price)} for n in o.lines],
            },
        }
        for o in ORDERS
    ]
    text = json.dumps({"object": "list", "data": orders})
    return one_file("json_lists_inside", "lines under two keys", "invoices.json", text, **with_lines())


def contacts_of_an_interface() -> Made:
    """People with the day on which they were entered are no orders."""
    people = [
        {
            "id": f"{51_000 + at}",
            "properties": {
                "createdate": f"2024-01-{at + 1:02d}T10:00:00.000Z",
                "email": Person(at).email,
                "firstname": Person(at).given,
                "lastname": Person(at).surname,
                "hs_email_optout": str(at % 4 == 0).lower(),
                "hs_object_id": f"{51_000 + at}",
            },
            "createdAt": f"2024-01-{at + 1:02d}T10:00:00.000Z",
            "archived": False,
        }
        for at in range(10)
    ]
    text = json.dumps({"results": people, "paging": {"next": {"after": "10"}}})
    right = {"orders": 0, "accounts": 10, "persons": 10, "opted_out": 3}
    return one_file("contacts_of_an_interface", "people", "contacts_page.json", text, **right)


def odoo_lines() -> Made:
    """Lines under a list's name and a slash, the order's own columns on its first line alone."""
    head = [
        *("Order Reference", "Order Date", "Customer/ID", "Status", "Order Lines/Product/Internal Reference"),
        *("Order Lines/Quantity", "Order Lines/Unit Price", "Order Lines/Subtotal", "Total", "Currency"),
    ]
    rows = []
    for o in ORDERS:
        for at, n in enumerate(o.lines):
            status = state(o, "Sales Order", "Quotation")
            first = [f"S{o.number:05d}", f"{o.moment:%Y-%m-%d %H:%M:%S}", f"partner_{o.person.at}", status]
            line = [n.sku, n.quantity, plain(n.price), plain(n.amount)]
            rows.append([*([""] * 4 if at else first), *line, *(["", ""] if at else [plain(o.total), "EUR"])])
    text = rows_text(head, rows, quote_all=True)
    lines = sum(len(o.lines) for o in ORDERS if o.at not in VOID)
    return one_file("odoo_lines", "lines behind a slash", "Sales Order.csv", text, lines=lines, **LEFT)


def dutch_words() -> Made:
    """A shop of the Netherlands: what is paid with tax, and who pays."""
    return orders_file(
        "dutch_words",
        "Bestelling;Datum;Klant e-mail;Totaal incl. btw;Status;Teruggestort bedrag",
        lambda o: [
            *(f"B{o.number}", f"{o.moment:%d-%m-%Y %H:%M}", o.person.email, "€ " + comma(o.total)),
            *(state(o, "Betaald", "Verlopen"), "5,00" if o.at == 2 else "0,00"),
        ],
        total_of_completed=money(sum(o.total for o in ORDERS if o.at not in VOID) - 500),
    )


def consent_by_way() -> Made:
    """Advertising by mail, post and telephone: the mail's is taken."""
    rows = [
        [800 + at, Person(at).given, Person(at).surname, Person(at).email, "J" if at % 3 == 0 else "N", "J", "N"]
        for at in range(10)
    ]
    head = ["Kundennr", "Vorname", "Nachname", "E-Mail", "Werbung E-Mail", "Werbung Post", "Werbung Telefon"]
    return one_file("consent_by_way", "ways", "kunden_wege.csv", rows_text(head, rows, ";"), accounts=10, granted=4)


def quotes_of_one_stroke() -> Made:
    """Values between single quotes."""
    return Made(
        "quotes_of_one_stroke",
        "values between single quotes",
        {
            "2024-03-31/quoted.csv": "".join(
                ",".join(f"'{value}'" for value in row) + "\n"
                for row in [
                    ["Order No", "Order Date", "Customer No", "SKU", "Quantity", "Amount"],
                    *(
                        [
                            o.number,
                            f"{o.moment:%Y-%m-%d %H:%M:%S}",
                            100 + o.person.at,
                            n.sku,
                            n.quantity,
                            plain(n.amount),
                        ]
                        for o, n in each_line()
                    ),
                ]
            ).encode()
        },
        with_lines(),
    )


def names_on_two_lines() -> Made:
    """Names of columns with a line break inside, as a spreadsheet's wrapped cells have."""
    return lines_file(
        "names_on_two_lines",
        "Order\nNo,Order\nDate,Customer No,SKU,Quan-\ntity,Amount",
        lambda o, n: [
            *(o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", 100 + o.person.at, n.sku, n.quantity, plain(n.amount)),
        ],
        **with_lines(),
    )


def people_under_keys() -> Made:
    """People whose names, addresses and permissions stand in objects; the day of their registration is no order's."""
    people = [
        {
            "uuid": f"p-{at}",
            "name": {"first": Person(at).given, "last": Person(at).surname},
            "contact": {"email": Person(at).email, "phone": None},
            "permissions": {"email": at % 3 != 0, "sms": False},
            "registeredAt": f"2024-01-{at + 1:02d}T00:00:00Z",
        }
        for at in range(10)
    ]
    right = {"orders": 0, "accounts": 10, "persons": 10, "granted": 6}
    return one_file("people_under_keys", "people in objects", "profiles.json", json.dumps(people), **right)


def tests_and_deleted() -> Made:
    """Rows that a shop keeps although they are tests, or were deleted."""
    return orders_file(
        "tests_and_deleted",
        "id,doc_date,partner_id,grand_total,currency_code,is_deleted,is_test",
        lambda o: [
            *(o.number, f"{o.moment:%Y-%m-%d}", 10 + o.person.at, plain(o.total), "USD"),
            *(int(o.at in (3, 11)), int(o.at == 17)),
        ],
        **LEFT,
    )


def gross_before_fees_of_ebay() -> Made:
    """What is left after two fees is not what the customer paid."""
    return orders_file(
        "gross_before_fees_of_ebay",
        "Transaction creation date,Type,Order number,Buyer username,Net amount,Payout currency,Item subtotal,"
        "Final value fee - fixed,Final value fee - variable,Gross transaction amount,Transaction currency",
        lambda o: [
            *(f"{o.moment:%d %b %Y}", "Order", f"07-{o.number}-1", f"u_{o.person.at}"),
            *(plain(o.total - 35 - o.total // 9), "GBP", plain(o.total), "-0.35", plain(-(o.total // 9))),
            *(plain(o.total), "GBP"),
        ],
        **all_orders(),
    )


def whole_totals_of_events() -> Made:
    """A whole total among an event's other properties counts units, and no cents."""
    events = [
        {
            "userId": f"u{o.person.at}",
            "event": "Order Completed" if o.at % 2 else "Product Viewed",
            "messageId": f"m{o.at}",
            "timestamp": f"{o.moment:%Y-%m-%dT%H:%M:%S.000Z}",
            "properties": {
                "order_id": f"o{o.number}",
                "total": 20 + o.at,
                "currency": "USD",
                "coupon": "",
                "products": [{"sku": "A", "quantity": 1, "price": 20 + o.at}],
            }
            if o.at % 2
            else {"sku": "A"},
        }
        for o in ORDERS
    ]
    text = "\n".join(map(json.dumps, events))
    sum_ = sum(20 + o.at for o in ORDERS if o.at % 2)
    right = {"orders": 12, "total": money(100 * sum_), "interactions": 24}
    return one_file("whole_totals_of_events", "purchases among events", "segment.jsonl", text, **right)


def bol_specification() -> Made:
    """A marketplace of the Netherlands: a piece's price, and what is paid out."""
    return lines_file(
        "bol_specification",
        "Bestelnummer;Orderdatum;EAN;Aantal;Verkoopprijs;Commissie;Uitbetaling",
        lambda o, n: [
            *(f"A000{o.number}", f"{o.moment:%d-%m-%Y}", f"871{n.sku[-3:]}0000000", n.quantity, comma(n.price)),
            *(comma(n.amount // 7), comma(n.amount - n.amount // 7)),
        ],
        orders=24,
        total=money(TOTAL),
        lines=LINES,
    )


def french_till() -> Made:
    """A till's lines with a loyalty card, empty for guests."""
    return lines_file(
        "french_till",
        "Ticket;Date;Heure;Code article;Désignation;Qté;PU TTC;Total TTC;Carte fidélité",
        lambda o, n: [
            *(o.number, f"{o.moment:%d/%m/%Y}", f"{o.moment:%Hh%M}", n.sku, n.name, n.quantity, comma(n.price)),
            *(comma(n.amount), f"F{o.person.at:05d}" if o.at % 4 else ""),
        ],
        "tickets caisse.csv",
        "cp1252",
        orders=24,
        total=money(TOTAL),
        guests=6,
        lines=LINES,
    )


def rupees_of_bills() -> Made:
    """Amounts of bills in rupees, with their stroke."""
    return orders_file(
        "rupees_of_bills",
        "Bill No;Bill Date;Party Code;Bill Amount",
        lambda o: [
            *(f"B{o.number}", f"{o.moment:%d/%m/%Y}", f"P{o.person.at:03d}", f"Rs. {o.total:,}/-"),
        ],
        **all_orders(total=money(100 * TOTAL), currency="INR"),
    )


CASES = (
    airregi, two_states_of_pinduoduo, claims_in_korea, dynamics_invoices, sage_journal, counter_customers,
    one_address_for_guests, two_amounts_two_currencies, footer_of_ebay, left_the_list_on, shop_among_payers,
    xml_rows_in_rows, xml_attributes, json_lists_inside, contacts_of_an_interface, odoo_lines, dutch_words,
    consent_by_way, quotes_of_one_stroke, names_on_two_lines, people_under_keys, tests_and_deleted,
    gross_before_fees_of_ebay, whole_totals_of_events, bol_specification, french_till, rupees_of_bills,
)  # fmt: skip
