"""Tickets, sessions, invoices and payouts with more than one amount: shares, miles, fees, rates, seats and units."""

from tests.lakehouse.authoring.made_exports.abroad import BACK, COUNTED, VOID, state
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
    with_lines,
)


def pharmacy_shares() -> Made:
    """What the insurances and the patient pay are shares of the line's price."""
    return lines_file(
        "pharmacy_shares_fr",
        "N° facture;Date délivrance;N° patient;Code CIP;Désignation;Qté;PU TTC;Montant TTC;Part AMO;Part AMC;Part assuré",
        lambda o, n: [
            f"F24-{o.number}",
            f"{o.moment:%d/%m/%Y %H:%M}",
            f"P{o.person.at:05d}",
            f"34009300{n.sku[-3:]}",
            n.name,
            n.quantity,
            comma(n.price),
            comma(n.amount),
            comma(n.amount * 65 // 100),
            comma(n.amount - n.amount * 65 // 100 - n.amount // 10),
            comma(n.amount // 10),
        ],
        "ventes_officine.csv",
        "cp1252",
        **with_lines(),
    )


def airline_bonus() -> Made:
    return orders_file(
        "airline_bonus",
        "Membership No,Last Name,First Name,Activity Date,Ticket Number,Flight,From,To,Class,Status Miles,Award Miles,Fare Paid,Currency",
        lambda o: [
            f"9921{o.person.at:05d}",
            o.person.surname,
            o.person.given,
            f"{o.moment:%d%b%Y}".upper(),
            f"22024{o.number:08d}",
            f"LH{100 + o.at}",
            "FRA",
            "OSL",
            "Economy",
            500,
            o.total // 20,
            plain(o.total),
            "EUR",
        ],
        **all_orders(),
    )


def school_meals() -> Made:
    """A pupil with free meals is charged nothing; what is charged is the school's income."""
    free = 3
    return orders_file(
        "school_meals",
        "Transaction ID,Date,Pupil Name,UPN,Year Group,Meal,Meal price,FSM,Charged",
        lambda o: [
            f"T{o.number}",
            f"{o.moment:%d/%m/%Y}",
            o.person.name,
            f"A80120000{o.person.at:04d}",
            f"Year {1 + o.person.at % 6}",
            "Hot meal",
            plain(o.total),
            "Y" if o.person.at == free else "N",
            plain(0 if o.person.at == free else o.total),
        ],
        orders=24,
        total=money(sum(o.total for o in ORDERS if o.person.at != free)),
        customers=10,
    )


def qr_bills_ch() -> Made:
    def francs(hundredths: int) -> str:
        return f"{hundredths / 100:,.2f}".replace(",", "'")

    return orders_file(
        "qr_bills_ch",
        "Rechnungs-Nr.;Debitoren-Nr.;Debitor;Rechnungsdatum;Fällig am;QR-Referenz;Betrag CHF;Bezahlt CHF;Offen CHF;Status",
        lambda o: [
            f"R-{o.number}",
            20_000 + o.person.at,
            o.person.name,
            f"{o.moment:%d.%m.%Y}",
            "30.04.2024",
            f"21 00000 00003 13947 14300 0{o.number}",
            francs(o.total * 100),
            francs(0 if o.at in VOID else o.total * 100),
            "0.00",
            state(o, "bezahlt", "storniert"),
        ],
        "debitoren.csv",
        "cp1252",
        total_of_completed=money(100 * (TOTAL - sum(ORDERS[at].total for at in VOID))),
    )


def gst_b2b_in() -> Made:
    """One row per invoice and rate; the invoice's value stands on each."""
    head = "GSTIN/UIN of Recipient,Receiver Name,Invoice Number,Invoice date,Invoice Value,Place Of Supply,Reverse Charge,Invoice Type,Rate,Taxable Value,Cess Amount"
    rows = []
    for o in ORDERS:
        for rate, part in ((5, o.total // 3), (18, o.total - o.total // 3)):
            rows.append(
                [
                    *(f"27AAPFU09{o.person.at:02d}F1ZV", o.person.name, f"GST/24/{o.number}", f"{o.moment:%d-%b-%Y}"),
                    *(plain(o.total), "27-Maharashtra", "N", "Regular", f"{rate}.00"),
                    *(plain(round(part / (1 + rate / 100))), "0.00"),
                ]
            )
    return one_file(
        "gst_b2b_in",
        "an invoice's value on each of its rates",
        "b2b.csv",
        rows_text(head.split(","), rows),
        **all_orders(),
    )


def nfe_br() -> Made:
    return orders_file(
        "nfe_br",
        "Chave de acesso;Número;Série;Data de emissão;CNPJ/CPF destinatário;Razão social;UF;Natureza da operação;Situação;Valor dos produtos;Valor ICMS;Valor total da nota",
        lambda o: [
            f"352403123456780001955500100000{o.number}1000{o.number}01",
            o.number,
            1,
            f"{o.moment:%d/%m/%Y %H:%M:%S}",
            f"12.345.678/0001-{o.person.at:02d}",
            o.person.name,
            "SP",
            "Venda de mercadoria",
            state(o, "Autorizada", "Cancelada"),
            comma(o.total - o.total // 10),
            comma(o.total // 6),
            comma(o.total),
        ],
        "notas_emitidas.csv",
        "cp1252",
        **COUNTED,
    )


def payout_lines() -> Made:
    """A payout: sales, their fees and returns as rows of one order number; a fee is no refund."""
    head = "type,sale_date,capture_date,payout_date,order_id,merchant_reference1,amount,currency"
    rows = []
    for o in ORDERS:
        common = [f"{o.moment:%Y-%m-%dT%H:%M:%SZ}"] * 2 + ["2024-03-31", f"ae51-{o.number}", f"W{o.number}"]
        rows.append(["SALE", *common, plain(o.total), "EUR"])
        rows.append(["FEE", *common, f"-{plain(o.total // 40)}", "EUR"])
        if o.at in BACK:
            rows.append(["RETURN", *common, f"-{plain(o.total)}", "EUR"])
    return one_file(
        "payout_lines",
        "sales, fees and returns of a payout",
        "settlement.csv",
        rows_text(head.split(","), rows),
        total=money(TOTAL - sum(ORDERS[at].total for at in BACK)),
    )


def lazada_units() -> Made:
    """One row per unit, without a quantity."""
    head = "orderItemId;orderNumber;createTime;customerName;customerEmail;sellerSku;itemName;unitPrice;paidPrice;shippingFee;status"
    rows = []
    for o, n in each_line():
        for _ in range(n.quantity):
            rows.append(
                [
                    *(80_000 + len(rows), f"4120{o.number}", f"{o.moment:%d %b %Y %H:%M}", o.person.name),
                    *(o.person.email, n.sku, n.name, plain(n.price), plain(n.price), "0.00"),
                    state(o, "delivered", "canceled"),
                ]
            )
    return one_file(
        "lazada_units", "a row for each unit", "orders_lazada.csv", rows_text(head.split(";"), rows, ";"), **COUNTED
    )


def parking_app_dk() -> Made:
    return orders_file(
        "parking_app_dk",
        "Parkerings-id;Bruger-id;Start;Slut;Varighed (min);Område;Nummerplade;Parkeringsafgift;Servicegebyr;Moms;I alt;Valuta",
        lambda o: [
            700_000 + o.number,
            f"u{o.person.at:04d}",
            f"{o.moment:%d-%m-%Y %H:%M}",
            f"{o.moment:%d-%m-%Y} 23:15",
            135 + o.at,
            4001,
            f"AB 12 3{o.person.at:02d}",
            comma(o.total - 300),
            "3,00",
            comma(o.total // 5),
            comma(o.total),
            "DKK",
        ],
        "parkeringer.csv",
        **all_orders(),
    )


def theatre_seats() -> Made:
    """One row per seat; the day of sale is the order's, the day of the play is not."""
    head = "Buchungsnr.;Vorstellung;Vorstellungsdatum;Verkauft am;Kundennr.;Reihe;Platz;Preiskategorie;Grundpreis;Ermäßigung;VVK-Gebühr;Endpreis;Status"
    rows = []
    for o in ORDERS:
        for seat, n in enumerate(o.lines):
            rows.append(
                [
                    *(f"B{o.number}", "Der Sturm", "27.04.2024 19:30", f"{o.moment:%d.%m.%Y %H:%M}"),
                    *(300 + o.person.at, 4, 11 + seat, "A"),
                    *(comma(n.amount - 50), "0,00", "0,50", comma(n.amount), state(o, "verkauft", "storniert")),
                ]
            )
    return one_file(
        "theatre_seats", "a row for each seat", "kasse.csv", rows_text(head.split(";"), rows, ";"), "cp1252", **COUNTED
    )


def mobile_money() -> Made:
    """A wallet's statement: what came in, and what it took for its service."""
    head = "Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance,Other Party Info"
    rows, balance = [], 500_00
    for o in ORDERS:
        moment, party = f"{o.moment:%Y-%m-%d %H:%M:%S}", f"2547123456{o.person.at:02d} - {o.person.name}"
        balance += o.total
        rows.append(
            [f"SC{o.number}", moment, "Merchant Payment", "Completed", plain(o.total), "", plain(balance), party]
        )
        balance -= 50
        rows.append([f"SC{o.number}", moment, "Pay Merchant Charge", "Completed", "", "-0.50", plain(balance), ""])
    return one_file(
        "mobile_money", "paid in and withdrawn", "statement.csv", rows_text(head.split(","), rows), total=money(TOTAL)
    )


CASES = (
    pharmacy_shares,
    airline_bonus,
    school_meals,
    qr_bills_ch,
    gst_b2b_in,
    nfe_br,
    payout_lines,
    lazada_units,
    parking_app_dk,
    theatre_seats,
    mobile_money,
)
