"""Dates, states and columns as programs of many languages write them."""

import pytest

from tests.lakehouse.authoring.test_new_export_kinds import AMOUNTS, DAYS, HEAD, TOTAL, orders, tried

SALES = [(at, day, amount) for at, (day, amount) in enumerate(zip(DAYS, AMOUNTS, strict=True))]
MONTHS = (
    *("2024. márc. {0}. 9:00", "2024. 03. {0:02d}. 9:00", "{0}.3.2024 klo 9.00", "{0}. maaliskuuta 2024 klo 9.00"),
    *("{0}. mars 2024 kl. 09:00", "{0} martie 2024, 09:00", "{0} березня 2024 р. 09:00", "{0} Μαρτίου 2024 09:00"),
    *("{0} maart 2024 om 09:00", "{0} de março de 2024 às 09:00", "{0} marca 2024 godz. 09:00", "/Date({1}+0000)/"),
)


@pytest.mark.parametrize("form", MONTHS)
def test_days_and_hours_in_words_of_a_language_are_read(tmp_path, form):
    at_nine = [1709283600000 + 86_400_000 * at for at in range(24)]
    rows = [f"{1000 + at};{form.format(at + 1, at_nine[at])};K{at % 7};{amount}" for at, amount in enumerate(AMOUNTS)]

    made = tried(tmp_path, [HEAD.replace(",", ";"), *rows])

    found = made.rows("orders")["ordered_at"]
    assert [f"{moment:%Y-%m-%d %H}" for moment in found] == [f"{day} 09" for day in DAYS]


STATES = {
    "Devolvida": False,
    "Annulées": False,
    "Erreur de paiement": False,
    "Awaiting bank wire payment": False,
    "Shipped - Returned to Seller": False,
    "RTO": False,
    "(删除)等待出库": False,
    "Anulowany": False,
    "Отменено": False,
    "Aprovada": True,
    "Paiement accepté": True,
    "Awaiting Fulfillment": True,
    "Won": True,
    "Processed": True,
    "等待确认收货": True,
    "Zrealizowany": True,
}


def test_states_in_another_gender_or_of_another_platform_are_known(tmp_path):
    rows = [
        f"{1000 + at},2024-03-01,K{at % 7},{state},9.50"
        for at, state in enumerate([*STATES, *["Completed"] * len(STATES)])
    ]

    made = tried(tmp_path, ["Order No,Order Date,Customer No,Status,Amount", *rows])

    counted = {order.rpartition(":")[2] for order in made.rows("orders")["order_id"]}
    assert {state: str(1000 + at) in counted for at, state in enumerate(STATES)} == STATES
    assert not made.asks("not known")


def test_what_is_only_reserved_beside_what_was_captured_does_not_count(tmp_path):
    states = ["authorized" if at < 3 else "captured" for at in range(24)]
    rows = [
        f"{1000 + at},{day},K{at % 7},{state},{amount}"
        for at, (day, state, amount) in enumerate(zip(DAYS, states, AMOUNTS, strict=True))
    ]

    made = tried(tmp_path, ["id,created_at,customer_id,status,amount", *rows])

    assert len(made.rows("orders")) == 21


@pytest.mark.parametrize(
    ("head", "voided"),
    [
        ("Номер чека;Дата;Карта гостя;Сумма;Удален", "Да"),
        ("Nr;Datum;Kundennr;Summe;Storniert", "Ja"),
        ("Číslo dokladu;Datum;Zákazník;Částka;Zrušeno", "Ano"),
    ],
)
def test_a_flag_for_what_was_called_off_is_read_in_its_language(tmp_path, head, voided):
    no = {"Да": "Нет", "Ja": "Nein", "Ano": "Ne"}[voided]
    rows = [
        f"{1000 + at};{day};K{at % 7};{amount.replace('.', ',')};{voided if at < 2 else no}"
        for at, day, amount in SALES
    ]

    made = tried(tmp_path, [head, *rows])

    assert len(made.rows("orders")) == 22


def test_pieces_that_came_back_are_no_flag_of_an_order(tmp_path):
    rows = [f"{1000 + at},{day},K{at % 7},2,{int(at < 2)},{a}" for at, day, a in SALES]

    made = tried(tmp_path, ["Order No,Order Date,Customer No,Qty,Quantity refunded,Order total", *rows])

    assert len(made.rows("orders")) == 24
    assert made.asks("Quantity refunded")


def test_a_total_that_was_adjusted_counts_where_it_stands(tmp_path):
    rows = [f"{1000 + at},{day},K{at % 7},{a},{'1.00' if at < 2 else ''}" for at, day, a in SALES]

    made = tried(tmp_path, ["Order ID,Sale Date,Buyer User ID,Order Total,Adjusted Order Total", *rows])

    first = sum(round(float(amount) * 100) for amount in AMOUNTS[:2])
    assert made.rows("orders")["total_cents"].sum() == TOTAL - first + 200
    assert made.asks("Adjusted Order Total")


def test_a_sum_without_tax_and_its_tax_are_the_total(tmp_path):
    rows = [f"{1000 + at};{day};K{at % 7};{a.replace('.', ',')};1,00" for at, day, a in SALES]

    made = tried(tmp_path, ["Faktura;Datum;Kundennr;Nettowert;Steuer", *rows])

    assert made.rows("orders")["total_cents"].sum() == TOTAL + 2400
    assert made.asks("Steuer")


def test_dinars_have_three_decimals_and_are_no_thousands(tmp_path):
    made = tried(
        tmp_path, orders("Order No,Order Date,Customer No,Amount (KWD)", [f"{a[:-1]}50"[-6:] for a in AMOUNTS])
    )

    assert made.rows("orders")["total_cents"].max() < 100_000


def test_a_column_that_is_called_an_amount_and_holds_no_numbers_is_named(tmp_path):
    made = tried(tmp_path, orders("Order No,Order Date,Customer No,AMT", [f"{at:011d}" for at in range(500, 524)]))

    assert made.asks("AMT")


def test_lines_of_another_width_are_said(tmp_path):
    lines = orders(HEAD, AMOUNTS)

    made = tried(tmp_path, [*lines, "1099,2024-03-25,K1,9.00,more"])

    assert made.asks("1 line")


def test_what_a_bill_takes_back_at_once_stays_in_its_order(tmp_path):
    rows = []
    for at, day in enumerate(DAYS):
        rows += [f"{at % 5 + 1};{day};10:{at:02d};K{at % 7};A{n};1;{5 + 2 * n},00;Verkauf" for n in range(2)]
        rows += [f"{at % 5 + 1};{day};10:{at:02d};K{at % 7};A0;-1;-5,00;Sofortstorno"] if at < 3 else []

    made = tried(tmp_path, ["Rechnungsnr;Datum;Uhrzeit;Kundenkarte;PLU;Anzahl;Betrag;Buchungsart", *rows])

    found = made.rows("orders")
    assert len(found) == 24
    assert found["total_cents"].sum() == 24 * 1200 - 3 * 500


def test_columns_that_say_of_which_thing_they_are_are_read_by_the_rest_of_their_names(tmp_path):
    rows = [f"{at},{a},EUR,{'Won' if at % 2 else 'Open'},{day},{at % 7},Ada Moe" for at, day, a in SALES]
    head = "Deal - ID,Deal - Value,Deal - Currency,Deal - Status,Deal - Deal created,Person - ID,Person - Name"

    made = tried(tmp_path, [head, *rows])

    won = sum(round(float(amount) * 100) for amount in AMOUNTS[1::2])
    assert made.rows("orders")["total_cents"].sum() == won
    assert made.rows("orders")["account_id"].nunique() == 7


def test_a_business_date_that_is_called_as_a_birth_date_is_the_day_of_a_check(tmp_path):
    rows = [f"{10001 + at % 5},{day.replace('-', '')},{900 + at},LY{at % 7},{a},N" for at, day, a in SALES]

    made = tried(tmp_path, ["CHECK,DOB,OPENTIME,LOYALTYID,TOTAL,VOID", *rows])

    orders = made.rows("orders")
    assert len(orders) == 24
    assert orders["total_cents"].sum() == TOTAL


def test_values_apart_by_a_control_character_are_columns(tmp_path):
    made = tried(tmp_path, [line.replace(",", "\x01") for line in orders(HEAD, AMOUNTS)])

    assert made.rows("orders")["total_cents"].sum() == TOTAL


def test_an_adjusted_total_stands_in_for_the_total_and_not_for_what_goods_came_to(tmp_path):
    rows = [f"{1000 + at},{day},K{at % 7},{a},{float(a) + 4:.2f},{'1.00' if at < 2 else ''}" for at, day, a in SALES]

    made = tried(tmp_path, ["Order ID,Sale Date,Buyer User ID,Order Value,Order Total,Adjusted Order Total", *rows])

    first = sum(round(float(amount) * 100) for amount in AMOUNTS[:2])
    assert made.rows("orders")["total_cents"].sum() == TOTAL - first + 22 * 400 + 200


def test_fines_and_columns_of_zeros_are_no_amount_where_another_column_has_one(tmp_path):
    rows = [
        f"S{at};{day};{'Продажа' if at else 'Штраф'};{a.replace('.', ',') if at else 0};{0 if at else 500}"
        for at, day, a in SALES
    ]

    made = tried(tmp_path, ["Srid;Дата продажи;Обоснование;Реализовал Товар (Пр);Общая сумма штрафов", *rows])

    assert made.rows("orders")["total_cents"].sum() == TOTAL - round(float(AMOUNTS[0]) * 100)


def test_an_amount_that_is_nothing_on_most_rows_is_asked_for(tmp_path):
    made = tried(tmp_path, orders(HEAD, [a if at < 4 else "0" for at, a in enumerate(AMOUNTS)]))

    assert made.asks("Amount is taken as the amount")


def test_sales_with_tax_are_taken_where_sales_without_it_stand_beside_them(tmp_path):
    rows = [f"{1000 + at},{day},{a},1.00,{float(a) + 1:.2f}" for at, day, a in SALES]

    made = tried(tmp_path, ["Order ID,Order Date,Sales (excl. tax),Tax on Sales,Sales (incl. tax)", *rows])

    assert made.rows("orders")["total_cents"].sum() == TOTAL + 2400


def test_re_is_an_invoice_beside_the_codes_of_other_german_documents(tmp_path):
    rows = [
        f"{1000 + at};{'SR' if at == 3 else 'RE'};{day};K{at % 7};{'-' if at == 3 else ''}{a.replace('.', ',')}"
        for at, day, a in SALES
    ]

    made = tried(tmp_path, ["Rechnungsnummer;Typ;Rechnungsdatum;Kundennummer;Brutto", *rows])

    assert made.rows("orders")["total_cents"].sum() == TOTAL - 2 * round(float(AMOUNTS[3]) * 100)


def test_tips_are_asked_for_unless_another_column_is_the_amount_with_them(tmp_path):
    rows = [f"{1000 + at},{day},K{at % 7},{a},1.00,{float(a) + 1:.2f}" for at, day, a in SALES]
    (tmp_path / "a").mkdir()

    inside = tried(tmp_path, ["Check Id,Date,Customer Id,Food,Tip,Total", *rows])
    beside = tried(tmp_path / "a", ["Check Id,Date,Customer Id,Total,Tip,Card", *rows])

    assert inside.asks("Tip")
    assert not beside.asks("Tip: is it in Total")


def test_polish_invoices_receipts_and_corrections_are_told_by_their_codes(tmp_path):
    kinds = ["KFS" if at == 3 else "PA" if at % 2 else "FS" for at in range(24)]
    rows = [
        f"{kind};{kind} {at}/2024;{day};{'-' if kind == 'KFS' else ''}{a.replace('.', ',')}"
        for at, (kind, day, a) in enumerate(zip(kinds, DAYS, AMOUNTS, strict=True))
    ]

    made = tried(tmp_path, ["Typ;Numer;Data wystawienia;Wartość brutto", *rows])

    assert made.rows("orders")["total_cents"].sum() == TOTAL - 2 * round(float(AMOUNTS[3]) * 100)
