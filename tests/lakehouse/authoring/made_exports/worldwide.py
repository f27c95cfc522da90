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


def rakuten_jp() -> Made:
    """Yen; the order's sum stands on each of its lines."""
    return lines_file(
        "rakuten_jp",
        "注文番号,注文日時,注文者姓,注文者名,注文者メールアドレス,商品管理番号,商品名,単価,個数,送料,請求金額,ポイント利用額",
        lambda o, n: [
            f"213310-2024{o.moment:%m%d}-{o.number}",
            f"{o.moment:%Y/%m/%d %H:%M:%S}",
            o.person.surname,
            o.person.given,
            o.person.email,
            n.sku.lower(),
            n.name,
            n.price,
            n.quantity,
            0,
            o.total,
            0,
        ],
        "rakuten.csv",
        "cp932",
        orders=24,
        total=money(100 * TOTAL),
        customers=10,
        lines=sum(len(o.lines) for o in ORDERS),
    )


def gym_es() -> Made:
    return orders_file(
        "gym_es",
        "Nº recibo;Fecha cobro;Nº socio;Socio;Concepto;Cuota;Descuento;IVA;Importe cobrado;Forma de pago",
        lambda o: [
            f"R{o.number}",
            f"{o.moment:%d/%m/%Y}",
            f"S{o.person.at:04d}",
            o.person.name,
            "Cuota mensual",
            comma(o.total + 500),
            "5,00",
            comma(o.total // 6),
            comma(o.total),
            "Domiciliación",
        ],
        "recibos.csv",
        "cp1252",
        **all_orders(),
    )


def power_no() -> Made:
    return orders_file(
        "power_no",
        "Fakturanummer;Kundenummer;Fakturadato;Forfall;Forbruk (kWh);Nettleie;Energi;Mva;Å betale",
        lambda o: [
            o.number,
            90_000 + o.person.at,
            f"{o.moment:%d.%m.%Y}",
            "30.04.2024",
            120 + o.at,
            comma(o.total // 3),
            comma(o.total - o.total // 3 - o.total // 5),
            comma(o.total // 5),
            comma(o.total),
        ],
        "fakturaer.csv",
        "cp1252",
        **all_orders(),
    )


def bike_rides() -> Made:
    return orders_file(
        "bike_rides",
        "ride_ref,rider_key,unlocked_at,locked_at,minutes,unlock_fee,ride_fee,tax,charge_total,currency",
        lambda o: [
            f"r-{o.number}",
            f"k{o.person.at:03d}",
            f"{o.moment:%Y-%m-%dT%H:%M:%SZ}",
            f"{o.moment:%Y-%m-%dT%H}:58:59Z",
            20 + o.at,
            "1.00",
            plain(o.total - 100 - o.total // 10),
            plain(o.total // 10),
            plain(o.total),
            "USD",
        ],
        **all_orders(),
    )


def vet_nl() -> Made:
    return lines_file(
        "vet_nl",
        "Factuurnr;Factuurdatum;Eigenaarnr;Eigenaar;Dier;Behandeling;Aantal;Stuksprijs;BTW %;Regelbedrag incl.",
        lambda o, n: [
            o.number,
            f"{o.moment:%d-%m-%Y}",
            4000 + o.person.at,
            o.person.name,
            "Hond",
            n.name,
            n.quantity,
            comma(n.price),
            "21",
            comma(n.amount),
        ],
        **all_orders(),
    )


def museum_it() -> Made:
    return orders_file(
        "museum_it",
        "Codice prenotazione;Emesso il;Data visita;Visitatore;Tessera;Biglietti;Prezzo;Diritti di prevendita;Totale pagato;Stato",
        lambda o: [
            f"PN{o.number}",
            f"{o.moment:%d/%m/%Y %H:%M}",
            "28/04/2024",
            o.person.name,
            f"T{o.person.at:05d}",
            2,
            comma(o.total // 2),
            "0,00",
            comma(o.total),
            state(o, "Confermato", "Annullato"),
        ],
        "prenotazioni.csv",
        "cp1252",
        **COUNTED,
    )


CASES = (
    rakuten_jp,
    gym_es,
    power_no,
    bike_rides,
    vet_nl,
    museum_it,
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
