"""Files as shops, tills, payment services and lists of many countries send them: right unedited, or a question."""

import functools
import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

from lakehouse.authoring import preview
from lakehouse.authoring.checks.exports import check
from lakehouse.authoring.proposal import Proposal, proposal
from lakehouse.config.exports import Export
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.errors import ConfigError

DAYS = [f"2024-03-{day:02d}" for day in range(1, 25)]
AMOUNTS = [f"{9 + 7 * i % 50}.{(37 * i) % 100:02d}" for i in range(24)]
TOTAL = sum(round(float(amount) * 100) for amount in AMOUNTS)


@functools.cache
def contracts() -> Contracts:
    return Contracts(Conf())


class Tried:
    """A proposal of a file, its export and its mapped rows."""

    def __init__(self, file: Path, zone: str = "UTC") -> None:
        self.made: Proposal = proposal(file)
        layer = file.parent / f"{file.name}-layer"
        (layer / "exports").mkdir(parents=True)
        (layer / "exports" / f"{self.made.name}.yaml").write_text(self.made.text, encoding="utf-8")
        findings = Findings()
        self.export: Export = check(Conf([layer]), contracts(), findings)[self.made.name]
        assert [item.line() for item in findings.errors] == []
        self.file, self.zone = file, zone

    def rows(self, table: str) -> pd.DataFrame:
        target = next(t for t in self.export.targets if t.table == f"silver.{table}")
        types = {c.name: c.type for c in contracts()[target.table].columns}
        lines = preview.lines(self.file, self.export, None)
        made = preview.mapped(lines.table, self.export, target, types, time_zone=self.zone)
        assert made.needs_spark == ()
        return made.rows.to_pandas()

    @property
    def tables(self) -> list[str]:
        return [target.table.removeprefix("silver.") for target in self.export.targets]

    def asks(self, word: str) -> bool:
        return any(word in sentence for sentence in self.made.checks)


def tried(folder: Path, lines: list[str], name: str = "shop_2024-03-31.csv", encoding: str = "utf-8") -> Tried:
    path = folder / name
    path.write_bytes("\n".join(lines).encode(encoding))
    return Tried(path)


def orders(head: str, amounts: list[str], separator: str = ",", more: str = "") -> list[str]:
    quoted = [f'"{a}"' if separator in a else a for a in amounts]
    rows = [
        separator.join([str(1000 + i), day, f"K{i % 7}", amount]) + more
        for i, (day, amount) in enumerate(zip(DAYS, quoted, strict=True))
    ]
    return [head, *rows]


HEAD = "Order No,Order Date,Customer No,Amount"


@pytest.mark.parametrize(
    ("write", "separator"),
    [
        (lambda a: a, ","),
        (lambda a: f"${a}", ","),
        (lambda a: f"{a} USD", ","),
        (lambda a: f"'{a}", ","),
        (lambda a: a.replace(".", ","), ";"),
        (lambda a: "1" + a.replace(".", ","), ";"),
        (lambda a: f"1.0{a.replace('.', ',')}" if len(a) == 5 else f"1.00{a.replace('.', ',')}", ";"),
        (
            lambda a: (
                f"1\u202f0{a.replace('.', ',')}\u00a0€" if len(a) == 5 else f"1\u202f00{a.replace('.', ',')}\u00a0€"
            ),
            ";",
        ),
        (lambda a: f"1'0{a}" if len(a) == 5 else f"1'00{a}", ";"),
        (lambda a: f"1,00,0{a}" if len(a) == 5 else f"1,00,00{a}", ","),
    ],
)
def test_amounts_of_many_countries_are_read(tmp_path, write, separator):
    amounts = [write(amount) for amount in AMOUNTS]
    made = tried(tmp_path, orders(HEAD.replace(",", separator), amounts, separator))
    bare = [a.replace("USD", "").strip("$€' \u00a0").replace("\u202f", "").replace("'", "") for a in amounts]
    plain = [
        b.replace(".", "").replace(",", ".") if separator == ";" and "," in b else b.replace(",", "") for b in bare
    ]
    assert made.rows("orders")["total_cents"].sum() == sum(round(float(p) * 100) for p in plain)


ZEROS = "٠۰०๐０"


@pytest.mark.parametrize("zero", ZEROS)
def test_numbers_and_days_in_the_digits_of_any_script_are_read(tmp_path, zero):
    digits = str.maketrans({str(n): chr(ord(zero) + n) for n in range(10)})
    rows = [line.translate(digits) for line in orders(HEAD, [f"9{a}" for a in AMOUNTS])[1:]]
    made = tried(tmp_path, [HEAD, *rows])
    found = made.rows("orders")
    assert found["total_cents"].sum() == sum(round(float(f"9{a}") * 100) for a in AMOUNTS)
    assert sorted(str(day)[:10] for day in found["order_date"]) == DAYS


def test_marks_of_direction_are_no_part_of_a_number(tmp_path):
    made = tried(tmp_path, orders(HEAD, [f"\u200e{a}\u200f" for a in AMOUNTS]))
    assert made.rows("orders")["total_cents"].sum() == TOTAL


@pytest.mark.parametrize("write", ["({})", "{}-", "-{}", "'-{}", "\u2212{}", "-${}", "(${})"])
def test_negative_amounts_in_every_form(tmp_path, write):
    amounts = [write.format(a) if i % 6 == 5 else ("$" + a if "$" in write else a) for i, a in enumerate(AMOUNTS)]
    made = tried(tmp_path, orders(HEAD, amounts))
    back = sum(round(float(a) * 100) for i, a in enumerate(AMOUNTS) if i % 6 == 5)
    assert made.rows("orders")["total_cents"].sum() == TOTAL - 2 * back


def test_three_digits_behind_a_point_are_a_question(tmp_path):
    made = tried(tmp_path, orders(HEAD, [f"{i + 1}.000" for i in range(24)]))
    assert made.rows("orders")["total_cents"].sum() == sum(range(1, 25)) * 100_000
    assert made.asks("thousand")


@pytest.mark.parametrize(
    ("write", "first"),
    [
        (lambda d: f"{int(d[8:])} mars {d[:4]} 14:05", "2024-03-01 14:05:00"),
        (lambda d: f"{int(d[8:])}. März {d[:4]}", "2024-03-01"),
        (lambda d: f"{d[8:]}/03/2024 09:05:00 a.\u00a0m.", "2024-03-01 09:05:00"),
        (lambda d: f"{d[:4]}年3月{int(d[8:])}日 下午3:05:00", "2024-03-01 15:05:00"),
        (lambda d: f"Fri, {d[8:]} Mar 2024 09:05:00 +0100", "2024-03-01 08:05:00"),
        (lambda d: f"March {int(d[8:])}, 2024 at 9:05 AM", "2024-03-01 09:05:00"),
        (lambda d: f"{d[8:]}-MAR-24", "2024-03-01"),
        (lambda d: f"{d[8:]}MAR2024", "2024-03-01"),
        (lambda d: f"{1709280000 + 86400 * (int(d[8:]) - 1)}000000", "2024-03-01 08:00:00"),
        (lambda d: str(45351 + int(d[8:])), "2024-03-01"),
        (lambda d: d if int(d[8:]) % 2 else f"{d[8:]}.03.2024", "2024-03-01"),
    ],
)
def test_dates_of_many_hands_are_read(tmp_path, write, first):
    lines = [HEAD, *(f'{i},"{write(day)}",K{i % 7},{AMOUNTS[i]}' for i, day in enumerate(DAYS))]
    rows = tried(tmp_path, lines).rows("orders")
    column = "ordered_at" if len(first) > 10 else "order_date"
    assert rows[column].notna().all()
    assert str(rows[column].min()).startswith(first)


def test_times_of_a_zone_column_are_of_that_zone(tmp_path):
    head = "Order No,Order Date,Time Zone,Customer No,Amount"
    zones = ["Pacific Time (US & Canada)" if i % 2 else "PST" for i in range(24)]
    lines = [head, *(f'{i},{day} 09:00:00,"{zones[i]}",K{i % 7},{AMOUNTS[i]}' for i, day in enumerate(DAYS[:9]))]
    rows = tried(tmp_path, lines).rows("orders")
    assert set(rows["ordered_at"].dt.hour) == {17}


@pytest.mark.parametrize(
    ("words", "void"),
    [
        (("completed", "cancelled", "on-hold"), ("cancelled", "on-hold")),
        (("wc-completed", "wc-pending", "wc-refunded"), ("wc-pending", "wc-refunded")),
        (("Bezahlt", "Storniert", "Offen"), ("Storniert", "Offen")),
        (("已完成", "已取消", "待付款"), ("已取消", "待付款")),
        (("payée", "annulée", "remboursée"), ("annulée", "remboursée")),
    ],
)
def test_statuses_that_do_not_count_are_left_out_with_a_question(tmp_path, words, void):
    status = [words[i % len(words)] for i in range(24)]
    lines = [f"{HEAD},Status", *(f"{line},{s}" for line, s in zip(orders("", AMOUNTS)[1:], status, strict=True))]
    made = tried(tmp_path, lines)
    left = sum(round(float(a) * 100) for a, s in zip(AMOUNTS, status, strict=True) if s not in void)
    assert made.rows("orders")["total_cents"].sum() == left
    assert made.asks("Status")


def test_a_status_that_nobody_knows_is_asked_for(tmp_path):
    status = ["completed" if i % 2 else "frobnicated" for i in range(24)]
    lines = [f"{HEAD},Status", *(f"{line},{s}" for line, s in zip(orders("", AMOUNTS)[1:], status, strict=True))]
    assert tried(tmp_path, lines).asks("frobnicated")


def test_refunds_that_are_positive_and_named_are_orders_below_zero(tmp_path):
    kinds = ["Gutschrift" if i % 6 == 5 else "Verkauf" for i in range(24)]
    numbers = [1000 + i - (5 if kinds[i] == "Gutschrift" else 0) for i in range(24)]
    lines = ["Belegnr;Datum;Kundennr;Belegart;Betrag"]
    lines += [f"{numbers[i]};{DAYS[i]};K{i % 7};{kinds[i]};{AMOUNTS[i].replace('.', ',')}" for i in range(24)]
    rows = tried(tmp_path, lines).rows("orders")
    back = sum(round(float(a) * 100) for a, k in zip(AMOUNTS, kinds, strict=True) if k == "Gutschrift")
    assert len(rows) == rows["order_id"].nunique() == 24
    assert rows["total_cents"].sum() == TOTAL - 2 * back


def test_receipts_that_start_again_each_day_and_till_are_orders_of_their_own(tmp_path):
    lines = ["Bon,Kasse,Datum,Artikel Nr,Menge,Betrag"]
    lines += [
        f"{bon},{till},2024-03-0{day},A{line},1,{bon + line}.50"
        for day in (1, 2, 3)
        for till in ("K1", "K2")
        for bon in (1, 2, 3, 4)
        for line in (1, 2)
    ]
    rows = tried(tmp_path, lines).rows("orders")
    assert len(rows) == rows["order_id"].nunique() == 24
    assert rows["total_cents"].sum() == 6 * sum(100 * (bon + line) + 50 for bon in (1, 2, 3, 4) for line in (1, 2))


def test_gross_less_fee_is_not_what_the_customer_paid(tmp_path):
    lines = ["Transaction ID,Date,Email,Gross,Fee,Net"]
    lines += [f"T{i},{d},c{i % 5}@example.com,{10 + i}.00,-0.50,{9 + i}.50" for i, d in enumerate(DAYS)]
    assert tried(tmp_path, lines).rows("orders")["total_cents"].sum() == sum(1000 + 100 * i for i in range(24))


def test_of_net_and_gross_with_tax_the_gross_is_taken(tmp_path):
    lines = ["Rechnungsnr;Rechnungsdatum;Kundennr;Nettobetrag;MwSt;Bruttobetrag"]
    lines += [f"R{i};{d};K{i % 5};{100 + i},00;19,00;{119 + i},00" for i, d in enumerate(DAYS)]
    assert tried(tmp_path, lines).rows("orders")["total_cents"].sum() == sum(11900 + 100 * i for i in range(24))


def test_cents_of_a_column_that_says_so(tmp_path):
    lines = ["order_id,created_at,customer_id,amount_cents,currency"]
    lines += [f"{i},{d}T09:00:00Z,c{i % 5},{999 + i},{'jpy' if i % 4 == 3 else 'usd'}" for i, d in enumerate(DAYS)]
    rows = tried(tmp_path, lines).rows("orders")
    assert rows["total_cents"].sum() == sum((999 + i) * (100 if i % 4 == 3 else 1) for i in range(24))
    assert set(rows["currency"]) == {"JPY", "USD"}


def test_whole_amounts_in_an_object_with_their_currency_are_hundredths_and_asked_about(tmp_path):
    rows = [
        json.dumps({"order_id": i, "created_at": day, "amount": {"value": 999 + 10 * i, "currency": "EUR"}})
        for i, day in enumerate(DAYS)
    ]
    made = tried(tmp_path, rows, "payments.jsonl")
    assert made.rows("orders")["total_cents"].sum() == sum(999 + 10 * i for i in range(24))
    assert made.asks("taken as cents")


def test_of_amounts_that_no_name_tells_the_one_that_none_exceeds_is_taken_and_asked_about(tmp_path):
    parts = [f"{amount},1.{i:02d},{float(amount) + 1 + i / 100:.2f}" for i, amount in enumerate(AMOUNTS)]
    head = "Order No,Order Date,Customer No,Aaa,Bbb,Ccc"
    rows = [f"{i},{day},K{i % 7},{part}" for i, (day, part) in enumerate(zip(DAYS, parts, strict=True))]
    made = tried(tmp_path, [head, *rows])
    assert made.rows("orders")["total_cents"].sum() == TOTAL + 2400 + sum(range(24))
    assert made.asks("Ccc is taken as its amount")


def test_a_total_beside_another_amount_of_the_same_order_is_a_question(tmp_path):
    rows = [f"{i},{day},S{i},{a},{float(a) + 5:.2f}" for i, (day, a) in enumerate(zip(DAYS, AMOUNTS, strict=True))]
    made = tried(tmp_path, ["Order No,Order Date,SKU,Line Amount,Order Total", *rows])
    assert made.asks("Order Total")


def test_an_unused_amount_that_is_larger_by_a_tax_is_a_question(tmp_path):
    rows = [
        f"{i},{day},K{i % 7},{a},{float(a) * 1.19:.2f}" for i, (day, a) in enumerate(zip(DAYS, AMOUNTS, strict=True))
    ]
    made = tried(tmp_path, [f"{HEAD},Wert M", *rows])
    assert made.asks("Wert M is larger than Amount")


def test_keys_that_may_be_nobody_are_asked_about_and_not_said(tmp_path):
    words = [HEAD, *(f"{i},{d},{'Mrs Smith' if i % 3 == 0 else f'C{i}'},5.00" for i, d in enumerate(DAYS))]
    made = tried(tmp_path, words)
    assert made.asks("1 keys in Customer No are words, all others have digits or an @ (8 orders)")
    assert "Mrs Smith" not in made.made.text

    many = [HEAD, *(f"{i},{d},{'C0' if i % 2 == 0 else f'C{i}'},5.00" for i, d in enumerate(DAYS))]
    assert tried(tmp_path, many, "many.csv").asks("one key in Customer No has 12 of 24 orders, the next 1")


def test_a_number_of_an_order_is_no_name_that_ends_in_a_point(tmp_path):
    rows = [f"INV{i},{100 + i % 7},{day},5.00" for i, day in enumerate(DAYS)]
    made = tried(tmp_path, ["No.,Sell-to Customer No.,Posting Date,Amount", *rows])
    assert len(made.rows("orders")) == len(DAYS)
    assert made.rows("orders")["account_id"].nunique() == 7


@pytest.mark.parametrize(
    ("last", "is_whole"),
    [
        (range(24), False),  # lacks nothing: newer lines take the place of older ones in any case
        ([i for i in range(24) if i != 3], True),
        (range(2, 24), False),  # a window that moved on
        (range(12, 24), False),  # new orders alone
    ],
)
def test_a_later_delivery_of_all_orders_that_lacks_some_is_the_whole_list(tmp_path, last, is_whole):
    lines = orders(HEAD, AMOUNTS)
    for day, kept in (("2024-03-24", range(12)), ("2024-03-31", last)):
        (tmp_path / day).mkdir()
        (tmp_path / day / f"sold_{day}.csv").write_text("\n".join([lines[0], *(lines[1 + i] for i in kept)]))

    made = proposal(tmp_path / "2024-03-24" / "sold_2024-03-24.csv")

    assert ("snapshot: true" in made.text) == is_whole
    assert any("taken as the whole list each time" in sentence for sentence in made.checks) == is_whole


@pytest.mark.parametrize(
    ("head", "one", "other"),
    [
        ("Fraud", "yes", "no"),
        ("Gültig", "Nein", "Ja"),
        ("Captured", "false", "true"),
        ("Stornogrund", "Kunde wollte nicht", ""),
        ("Error code", "E51", ""),
        ("Response", "05", "00"),
        ("Reversal of", "1001", ""),
        ("Vorgänger", "1001", ""),  # by its values: numbers of other orders
        ("Class", "Return", "Sale"),
        ("Category", "Refund", "Sale"),
        ("Sign", "-1", "1"),
        ("Reason", "Returned goods", "Standard"),
        ("Adjustment", "5.00", "0.00"),
    ],
)
def test_a_column_that_may_say_which_rows_count_is_never_passed_over(tmp_path, head, one, other):
    rows = [f"{1000 + i},{day},K{i % 7},9.50,{one if i % 8 == 3 else other}" for i, day in enumerate(DAYS)]
    assert tried(tmp_path, [f"{HEAD},{head}", *rows]).asks(head)


@pytest.mark.parametrize("head", ["取消フラグ", "취소여부", "Cancelado", "Annulé"])
def test_a_yes_for_what_was_called_off_counts_nothing_whatever_its_language(tmp_path, head):
    rows = [f"{1000 + i},{day},K{i % 7},9.50,{'1' if i % 8 == 3 else '0'}" for i, day in enumerate(DAYS)]
    made = tried(tmp_path, [f"{HEAD},{head}", *rows])
    assert len(made.rows("orders")) == 21
    assert made.asks(head)


def test_what_may_be_cancelled_or_refunded_is_not_what_was(tmp_path):
    rows = [f"{1000 + i},{day},K{i % 7},9.50,{'1' if i % 8 == 3 else '0'}" for i, day in enumerate(DAYS)]
    assert len(tried(tmp_path, [f"{HEAD},Refundable", *rows]).rows("orders")) == 24


def test_currencies_by_sign_and_code_are_told_apart(tmp_path):
    signs = ["€{}", "{} GBP", "CHF {}", "US${}"]
    made = tried(tmp_path, orders(HEAD, [signs[i % 4].format(a) for i, a in enumerate(AMOUNTS)]))
    assert set(made.rows("orders")["currency"]) == {"EUR", "GBP", "CHF", "USD"}
    assert made.rows("orders")["total_cents"].sum() == TOTAL


def test_words_for_nobody_are_guests_and_no_customers(tmp_path):
    words = ["\\N", "(not set)", "Gast", "0", "-", "N/A", "null", "散客", "guest checkout", "00017"]
    lines = [HEAD, *(f"{i},{d},{words[i % 10] if i % 3 else f'C{i}'},5.00" for i, d in enumerate(DAYS))]
    accounts = tried(tmp_path, lines).rows("orders")["account_id"].dropna()
    assert all(account.endswith("00017") or account.split(":")[1].startswith("C") for account in accounts)


@pytest.mark.parametrize(
    ("head", "yes", "no", "granted"),
    [
        ("Newsletter", "Sì", "No", 5),
        ("Werbeeinwilligung", "Ja", "Nein", 5),
        ("accepts_marketing", "TRUE", "FALSE", 5),
        ("Newsletter", "1.0", "0.0", 5),
        ("Email Marketing Status", "Subscribed", "Unsubscribed", 5),
        ("メルマガ", "はい", "いいえ", 5),
        ("Opt-in", "X", "", 5),
        ("Do Not Contact", "Yes", "No", 5),
        ("Unsubscribed", "x", "", 5),
        ("Zgoda", "Tak", "Nie", 5),
        ("수신동의", "동의", "거부", 5),
        ("LOPD publicidad", "Acepta", "No acepta", 5),
        ("Kontaktsperre", "1", "0", 5),
        ("Stop mail", "Oui", "Non", 5),
        ("短信营销", "同意", "拒绝", 5),
    ],
)
def test_consent_in_a_dozen_languages(tmp_path, head, yes, no, granted):
    lines = [f"Customer ID,First Name,Last Name,Email,{head}"]
    lines += [f"{i},Ada,Keller,a{i}@example.com,{yes if i % 2 else no}" for i in range(10)]
    rows = tried(tmp_path, lines).rows("consents")
    assert len(rows) == 10
    assert rows["is_granted"].astype(bool).sum() == granted
    is_objection = head in ("Do Not Contact", "Unsubscribed", "Kontaktsperre", "Stop mail")
    first = rows[rows["_source_line"] == 2]["is_granted"].astype(bool).iloc[0]
    assert bool(first) is is_objection


def test_two_digit_births_are_never_in_the_future(tmp_path):
    lines = ["Customer ID,Last Name,Date of Birth", *(f"{i},Keller,1{i % 9}.05.{58 + 4 * i}" for i in range(10))]
    years = pd.to_datetime(tried(tmp_path, lines).rows("customers")["birth_date"]).dt.year
    assert years.tolist() == [1958 + 4 * i for i in range(10)]


def test_a_column_is_personal_only_if_its_values_look_like_it(tmp_path):
    lines = ["Order No,Order Date,Customer No,Tax,State,Name,SKU,Qty,Price"]
    lines += [
        f"{i},{d},K{i % 5},{19 * (i % 2)},processing,Green Tea {i % 4},S{i % 4},2,3.50" for i, d in enumerate(DAYS)
    ]
    made = tried(tmp_path, lines)
    assert [name for name, column in made.export.columns.items() if column.personal] == []
    assert set(made.rows("products")["product_name"]) == {f"Green Tea {i}" for i in range(4)}
    assert "customers" not in made.tables


def test_a_name_beside_a_customer_is_the_customers_though_goods_stand_there(tmp_path):
    people = ["Keller", "Okafor", "Rossi", "Nguyen", "Novak"]
    lines = ["Belegnr;Kundennummer;Name;Rechnungsdatum;Material;Menge;Rechnungsbetrag"]
    lines += [f"{i};00{i % 5};{people[i % 5]};{d};S{i % 7};1;{9 + i},50" for i, d in enumerate(DAYS)]
    made = tried(tmp_path, lines)
    assert set(made.rows("customers")["full_name"]) == set(people)


def test_ids_that_a_spreadsheet_rounded_are_nobodys_key(tmp_path):
    ids = ["1.23457E+11" if 2 < i < 7 else str(123456789000 + i) for i in range(10)]
    lines = ["Record ID,First Name,Last Name,Email"]
    lines += [f"{ids[i]},Ada,Keller,a{i}@example.com" for i in range(10)]
    made = tried(tmp_path, lines)
    assert made.rows("customers")["account_id"].nunique() == 10
    assert made.asks("rounded")


def test_lists_in_json_are_lines_and_their_sum_is_the_total(tmp_path):
    rows = [
        {
            "id": 5000 + i,
            "created_at": f"{day}T09:00:00-05:00",
            "customer": {"id": i % 5, "email": f"a{i % 5}@example.com"},
            "line_items": [
                {"sku": f"S{j}", "title": f"Item {j}", "quantity": j + 1, "price": "2.50"} for j in range(2)
            ],
        }
        for i, day in enumerate(DAYS)
    ]
    for name, text in (
        ("a.jsonl", "\n".join(map(json.dumps, rows))),
        ("b.json", json.dumps(rows, indent=1)),
        ("c.json", json.dumps({"data": {"orders": rows}, "count": 24})),
    ):
        made = tried(tmp_path, [text], name)
        assert made.rows("orders")["total_cents"].sum() == 24 * 750
        assert made.rows("order_lines")["sales_cents"].sum() == 24 * 750
        assert made.rows("orders")["account_id"].nunique() == 5
        assert set(made.rows("products")["product_name"]) == {"Item 0", "Item 1"}


def test_events_are_interactions(tmp_path):
    lines = ["event_name,event_time,user_id,page"]
    lines += [f"{('view', 'click')[i % 2]},{1709280000000 + i * 60000},u{i % 5},/p" for i in range(30)]
    rows = tried(tmp_path, lines).rows("interactions")
    assert len(rows) == 30
    assert str(rows["occurred_at"].min()) == "2024-03-01 08:00:00"


def test_baskets_without_prices_give_lines_and_a_log_of_visits_gives_orders(tmp_path):
    baskets = ["basket,day,item_no,item", *(f"{i // 2},2006-05-0{1 + i % 9},{i % 7},milk {i % 7}" for i in range(40))]
    assert "order_lines" in tried(tmp_path, baskets, "baskets.csv").tables
    visits = ["cust,date", *(f"{i % 6},2006-01-{1 + i % 28:02d}" for i in range(60))]
    log = tried(tmp_path, visits, "elog.csv")
    assert log.tables == ["orders"]
    assert log.rows("orders")["account_id"].nunique() == 6


def test_a_header_below_a_preamble_and_a_total_at_the_end(tmp_path):
    lines = ["Umsatzbericht;;;", "Zeitraum: 01.03.2024 - 31.03.2024;;;", ";;;", "Belegnr;Datum;Kundennr;Betrag"]
    lines += [
        f"{i};{d[8:]}.03.2024;K{i % 5};{a.replace('.', ',')}"
        for i, (d, a) in enumerate(zip(DAYS, AMOUNTS, strict=True))
    ]
    lines += [f"Gesamt;;;{TOTAL / 100:.2f}".replace(".", ",")]
    rows = tried(tmp_path, lines).rows("orders")
    assert (len(rows), rows["total_cents"].sum()) == (24, TOTAL)


@pytest.mark.parametrize(
    "name",
    [
        "orders, march 2024 (1).csv",
        "orders: all #3.csv",
        "ORDERS-MARCH.CSV",
        "20240301_orders.csv",
        "orders[1].csv",
        "订单导出2024.csv",
        "a&b 'quoted' \"x\".csv",
        "2024.csv",
        "- orders.csv",
    ],
)
def test_any_file_name_gives_yaml_that_loads_and_a_pattern_that_matches(tmp_path, name):
    import fnmatch

    lines = ['Order No,Order Date,Customer No,Amount,"notes, with: {odd} #chars",yes']
    lines += [f'{i},{d},K{i % 5},{a},"a, b",1' for i, (d, a) in enumerate(zip(DAYS, AMOUNTS, strict=True))]
    made = tried(tmp_path, lines, name)
    assert yaml.safe_load(made.made.text)["export"] == made.made.name
    assert any(fnmatch.fnmatchcase(name, pattern) for pattern in made.export.files)
    assert made.rows("orders")["total_cents"].sum() == TOTAL


def test_a_file_that_fits_no_table_is_an_error_with_a_reason(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n" + "\n".join(f"{i * 0.37},{i * 0.11}" for i in range(30)))
    with pytest.raises(ConfigError, match="no table fits"):
        proposal(path)


def test_an_export_without_targets_is_named(tmp_path):
    (tmp_path / "exports").mkdir()
    text = "export: x\nchannel: x\nfiles: x.csv\nformat: csv\ncolumns: {a: {}}\ntargets: []\n"
    (tmp_path / "exports" / "x.yaml").write_text(text)
    findings = Findings()
    check(Conf([tmp_path]), contracts(), findings)
    assert "fills no table" in findings.items[0].line()


def test_a_list_of_points_says_what_came_and_went_and_asks_whether_that_is_right(tmp_path):
    moved = (
        (40, "Points earned for order"),
        (15, "Points earned for order"),
        (-20, "Redeemed for voucher"),
        (-5, "Points expired"),
        (3, "Manual adjustment"),
    )
    rows = [
        f"{n},{n % 7}@x.example,{day} 10:00:00,{moved[n % 5][0]},{moved[n % 5][1]},99" for n, day in enumerate(DAYS)
    ]
    file = tmp_path / "points_activity.csv"
    file.write_text("\n".join(["ID,Customer email,Created at,Points change,Description,Points balance", *rows]))

    tried = Tried(file)

    found = tried.rows("points_movements")[["movement_type", "points"]].values.tolist()[:5]
    assert found == [["earn", 40], ["earn", 15], ["burn", -20], ["expire", -5], ["adjust", 3]]
    assert len(tried.rows("interactions")) == len(DAYS)
    assert "told apart rightly?" in tried.made.text
