"""Books of companies: batches of postings, invoices beside credit notes, vouchers, old dates, shipments in parts."""

from typing import Any

from tests.lakehouse.authoring.made_exports.abroad import BACK, LESS, VOID, state
from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    all_orders,
    comma,
    each_line,
    lines_file,
    money,
    one_file,
    orders_file,
    plain,
    rows_text,
)

MINUS = chr(0x2212)
SUM_BACK = sum(ORDERS[at].total for at in BACK)


def datev_batch() -> Made:
    """A line about the batch above the header, 116 columns, days without a year, debit and credit by a letter."""
    head = [
        "Umsatz (ohne Soll/Haben-Kz)",
        "Soll/Haben-Kennzeichen",
        "WKZ Umsatz",
        "Kurs",
        "Basis-Umsatz",
        "WKZ Basis-Umsatz",
        "Konto",
        "Gegenkonto (ohne BU-Schlüssel)",
        "BU-Schlüssel",
        "Belegdatum",
        "Belegfeld 1",
        "Belegfeld 2",
        "Skonto",
        "Buchungstext",
    ]
    head += [f"Zusatzinformation - {kind} {at}" for at in range(1, 52) for kind in ("Art", "Inhalt")]
    rows = [
        [
            comma(o.total).replace(".", ""),
            "H" if o.at in BACK else "S",
            "EUR",
            "",
            "",
            "",
            10_000 + o.person.at,
            8400,
            "",
            f"{o.moment:%d%m}",
            f"RE{o.number}",
            "",
            "",
            "Rechnung",
        ]
        + [""] * 102
        for o in ORDERS
    ]
    first = '"EXTF";700;21;"Buchungsstapel";13;20240331140440439;;"RE";"";"";29098;55003;20240101;4;20240301;20240331;"Buchungsstapel";"WD";1;0;0;"EUR";;"";;;"03";;;"";""\n'
    return one_file(
        "datev_batch",
        "a batch of postings",
        "EXTF_Buchungsstapel.csv",
        (first + rows_text(head, rows, ";")).replace("\n", "\r\n"),
        "cp1252",
        orders=24,
        total=LESS,
        customers=10,
    )


def lexware() -> Made:
    """Credit notes and cancellations are above zero; their kind says so."""
    kinds = {4: "Gutschrift", 9: "Stornorechnung", 16: "Gutschrift"}
    return orders_file(
        "lexware",
        "Belegnummer;Belegart;Belegdatum;Kundennummer;Firma/Name;Nettobetrag;USt-Betrag;Bruttobetrag;Währung;Bezahlt am;Mahnstufe",
        lambda o: [
            o.number,
            kinds.get(o.at, "Rechnung"),
            f"{o.moment:%d.%m.%Y}",
            10_000 + o.person.at,
            o.person.name,
            comma(o.total - o.total // 6),
            comma(o.total // 6),
            comma(o.total),
            "EUR",
            f"{o.moment:%d.%m.%Y}",
            0,
        ],
        "Belegliste.csv",
        "cp1252",
        orders=24,
        total=LESS,
        customers=10,
    )


def exact_nl() -> Made:
    """A euro sign and a space, the minus behind it."""
    return orders_file(
        "exact_nl",
        "Dagboek;Boekjaar;Periode;Boekstuknummer;Factuurdatum;Debiteur;Naam;Factuurbedrag;Btw-bedrag;Openstaand",
        lambda o: [
            70,
            2024,
            3,
            o.number,
            f"{o.moment:%d-%m-%Y}",
            20_000 + o.person.at,
            o.person.name,
            f"€ {'-' if o.at in BACK else ''}{comma(o.total)}",
            f"€ {comma(o.total // 6)}",
            "€ 0,00",
        ],
        "Verkoopboek.csv",
        orders=24,
        total=LESS,
        customers=10,
    )


def tally_vouchers() -> Made:
    """Vouchers whose amounts stand in entries: the party's below zero, the sale's above."""
    body = "".join(
        f'<TALLYMESSAGE><VOUCHER VCHTYPE="Sales" ACTION="Create"><DATE>{o.moment:%Y%m%d}</DATE><VOUCHERTYPENAME>Sales</VOUCHERTYPENAME><VOUCHERNUMBER>{o.number}</VOUCHERNUMBER><PARTYLEDGERNAME>{o.person.name}</PARTYLEDGERNAME>'
        f"<ALLLEDGERENTRIES.LIST><LEDGERNAME>{o.person.name}</LEDGERNAME><ISDEEMEDPOSITIVE>Yes</ISDEEMEDPOSITIVE><AMOUNT>-{plain(o.total)}</AMOUNT></ALLLEDGERENTRIES.LIST>"
        f"<ALLLEDGERENTRIES.LIST><LEDGERNAME>Sales</LEDGERNAME><ISDEEMEDPOSITIVE>No</ISDEEMEDPOSITIVE><AMOUNT>{plain(o.total)}</AMOUNT></ALLLEDGERENTRIES.LIST></VOUCHER></TALLYMESSAGE>\n"
        for o in ORDERS
    )
    text = f'<?xml version="1.0" encoding="UTF-16"?>\n<ENVELOPE><HEADER><TALLYREQUEST>Import Data</TALLYREQUEST></HEADER><BODY><IMPORTDATA><REQUESTDATA>\n{body}</REQUESTDATA></IMPORTDATA></BODY></ENVELOPE>'
    return one_file("tally_vouchers", "vouchers with entries", "DayBook.xml", text, "utf-16", **all_orders())


def sage_audit() -> Made:
    """Invoices, credits and receipts of money by a code of two letters, all above zero."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        account, day = f"CUST{o.person.at:02d}", f"{o.moment:%d/%m/%Y}"
        rows.append(
            [
                len(rows) + 1,
                "SI",
                account,
                4000,
                day,
                f"INV{o.number}",
                "Goods",
                plain(o.total - o.total // 6),
                plain(o.total // 6),
                plain(o.total),
                "T1",
            ]
        )
        if o.at in BACK:
            rows.append(
                [
                    len(rows) + 1,
                    "SC",
                    account,
                    4000,
                    day,
                    f"CRN{o.number}",
                    "Returned",
                    plain(o.total - o.total // 6),
                    plain(o.total // 6),
                    plain(o.total),
                    "T1",
                ]
            )
        else:
            rows.append(
                [
                    len(rows) + 1,
                    "SR",
                    account,
                    1200,
                    day,
                    f"INV{o.number}",
                    "Sales Receipt",
                    plain(o.total),
                    "0.00",
                    plain(o.total),
                    "T9",
                ]
            )
    head = "No,Type,Account Ref,Nominal Code,Date,Reference,Details,Net Amount,Tax Amount,Gross Amount,Tax Code"
    return one_file(
        "sage_audit",
        "invoices, credits and receipts",
        "audit_trail.csv",
        rows_text(head.split(","), rows),
        total_of_completed=money(TOTAL - SUM_BACK),
    )


def freshbooks() -> Made:
    """Lines of invoices with a discount in percent and tax; a draft was never sent."""

    def row(o: Any, n: Any) -> list[Any]:
        tax = n.amount // 5
        return [
            o.person.name,
            f"{o.number:07d}",
            f"{o.moment:%Y-%m-%d}",
            state(o, "paid", "draft"),
            f"{o.moment:%Y-%m-%d}",
            n.name,
            "",
            plain(n.price),
            n.quantity,
            0,
            plain(n.amount),
            "VAT",
            plain(tax),
            plain(n.amount + tax),
            "GBP",
        ]

    right = sum(n.amount + n.amount // 5 for o, n in each_line() if o.at not in VOID)
    return lines_file(
        "freshbooks",
        "Client Name,Invoice #,Date Issued,Invoice Status,Date Paid,Item Name,Item Description,Rate,Quantity,Discount Percentage,Line Subtotal,Tax 1 Type,Tax 1 Amount,Line Total,Currency",
        row,
        "invoice_details.csv",
        total_of_completed=money(right),
    )


def number_prefix() -> Made:
    """Credit notes are told by their number alone."""
    return orders_file(
        "number_prefix",
        "Document No,Document Date,Customer No,Customer Name,Net,VAT,Gross",
        lambda o: [
            f"{'CN' if o.at in BACK else 'INV'}-{o.number}",
            f"{o.moment:%Y-%m-%d}",
            f"B{o.person.at:03d}",
            f"{o.person.surname} Ltd",
            plain(o.total - o.total // 6),
            plain(o.total // 6),
            plain(o.total),
        ],
        orders=24,
        total=LESS,
        customers=10,
    )


def vat_classes() -> Made:
    """Base and tax of each class, then the invoice's total."""
    return orders_file(
        "vat_classes",
        "Nº factura;Fecha;NIF;Cliente;Base 10%;IVA 10%;Base 21%;IVA 21%;Total factura",
        lambda o: [
            f"F24/{o.number}",
            f"{o.moment:%d/%m/%Y}",
            f"1234567{o.person.at}Z",
            o.person.name,
            comma(o.total // 2 - o.total // 20),
            comma(o.total // 20),
            comma(o.total - o.total // 2 - o.total // 12),
            comma(o.total // 12),
            comma(o.total),
        ],
        "libro_facturas.csv",
        "cp1252",
        **all_orders(),
    )


def old_dates() -> Made:
    """A century's number before year, month and day, as machines of the seventies keep them."""
    return orders_file(
        "century_dates",
        "ORDNBR|ORDDAT|CUSNBR|ITMNBR|QTYORD|UNTPRC|EXTAMT",
        lambda o: [
            o.number,
            f"1{o.moment:%y%m%d}",
            60_000 + o.person.at,
            o.lines[0].sku,
            1,
            plain(o.total),
            plain(o.total),
        ],
        "ORDHST.TXT",
        **all_orders(days=24),
    )


def part_shipments() -> Made:
    """A line that went out in two parts stands twice, with what was ordered on both."""
    rows: list[list[Any]] = []
    for o in ORDERS:
        for at, n in enumerate(o.lines, 1):
            parts = [n.quantity] if n.quantity < 3 else [1, n.quantity - 1]
            rows += [
                [
                    f"SO{o.number}",
                    at,
                    f"{o.moment:%Y-%m-%d}",
                    800 + o.person.at,
                    n.sku,
                    n.quantity,
                    part,
                    plain(n.price),
                    plain(n.amount),
                    f"SH{o.number}{at}{step}",
                ]
                for step, part in enumerate(parts)
            ]
    head = "Order No,Line No,Order Date,Customer No,SKU,Qty Ordered,Qty Shipped,Unit Price,Line Amount,Shipment No"
    return one_file(
        "part_shipments",
        "lines that went out in parts",
        "order_shipments.csv",
        rows_text(head.split(","), rows),
        orders=24,
        total=money(TOTAL),
        customers=10,
    )


def norwegian() -> Made:
    """A real minus, a space between thousands that does not break, kroner behind."""

    def kroner(hundredths: int) -> str:
        return f"{abs(hundredths) / 100:,.2f}".replace(",", "\u00a0").replace(".", ",")

    return orders_file(
        "norwegian_minus",
        "Fakturanr;Fakturadato;Kundenr;Kunde;Beløp inkl. mva;Valuta",
        lambda o: [
            o.number,
            f"{o.moment:%d.%m.%Y}",
            10_000 + o.person.at,
            o.person.name,
            f"{MINUS if o.at in BACK else ''}{kroner(100 * o.total)} kr",
            "NOK",
        ],
        "fakturaliste.csv",
        orders=24,
        total=money(100 * (TOTAL - 2 * SUM_BACK)),
        customers=10,
        currency="NOK",
    )


def czech_register() -> Made:
    """Windows text of central Europe, days with spaces, crowns behind the amount."""

    def crowns(hundredths: int) -> str:
        return f"{hundredths / 100:,.2f}".replace(",", "\u00a0").replace(".", ",") + " Kč"

    return lines_file(
        "czech_register",
        "Číslo dokladu;Datum;Čas;Zákazník;Zboží;Množství;Cena za ks;Celkem s DPH",
        lambda o, n: [
            f"P{o.number}",
            f"{o.moment.day}. {o.moment.month}. {o.moment.year}",
            f"{o.moment:%H:%M}",
            f"Z{o.person.at:03d}",
            n.name,
            n.quantity,
            crowns(n.price * 10),
            crowns(n.amount * 10),
        ],
        "uctenky.csv",
        "cp1250",
        orders=24,
        total=money(10 * TOTAL),
        customers=10,
        lines=48,
        currency="CZK",
    )


CASES = (
    datev_batch,
    lexware,
    exact_nl,
    tally_vouchers,
    sage_audit,
    freshbooks,
    number_prefix,
    vat_classes,
    old_dates,
    part_shipments,
    norwegian,
    czech_register,
)
