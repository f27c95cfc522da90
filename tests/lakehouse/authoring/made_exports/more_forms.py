"""Further days, numbers, answers and forms of files."""

from datetime import datetime

from tests.lakehouse.authoring.made_exports.answers import _consent
from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Person,
    all_orders,
    comma,
    money,
    one_file,
    plain,
    rows_text,
)
from tests.lakehouse.authoring.made_exports.days import _dates
from tests.lakehouse.authoring.made_exports.numbers import BACK, SUM_BACK, _amounts

ROWS = [[o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", 100 + o.person.at, plain(o.total)] for o in ORDERS]
WIDE = ["Order No", "Order Date", "Customer No", "Amount"]
DATES = {
    "iso_millis_offset": (lambda m: f"{m:%Y-%m-%dT%H:%M:%S}.000+0100", "2024-03-01 08:00:00"),
    "long_english": (lambda m: f"{m:%A, %B} {m.day}, {m.year} {m:%H:%M}", "2024-03-01 09:00:00"),
    "dot_clock": (lambda m: f"{m:%d/%m/%Y %H.%M}", "2024-03-01 09:00:00"),
    "hungarian": (lambda m: f"{m:%Y.%m.%d.} {m:%H:%M}", "2024-03-01 09:00:00"),
    "ordinal": (
        lambda m: (
            f"{m:%B} {m.day}{'st' if m.day in (1, 21) else 'nd' if m.day in (2, 22) else 'rd' if m.day in (3, 23) else 'th'}, {m.year} {m:%H:%M}"
        ),
        "2024-03-01 09:00:00",
    ),
    "dash_words": (lambda m: f"{m:%d-%b-%Y %H:%M:%S}", "2024-03-01 09:00:00"),
    "us_seconds_ampm": (lambda m: f"{m.month}/{m.day}/{m.year} {m:%I:%M:%S %p}", "2024-03-01 09:00:00"),
    "oracle": (lambda m: f"{m:%d-%b-%y %I.%M.%S}.000000 {m:%p}".upper(), "2024-03-01 09:00:00"),
    "kanji": (lambda m: f"{m.year}年{m.month:02d}月{m.day:02d}日 {m:%H:%M:%S}", "2024-03-01 09:00:00"),
    "kanji_clock": (lambda m: f"{m.year}年{m.month}月{m.day}日{m.hour}时{m.minute:02d}分", "2024-03-01 09:00:00"),
    "slash_year_first": (lambda m: f"{m:%Y/%m/%d %H:%M}", "2024-03-01 09:00:00"),
    "zulu": (lambda m: f"{m:%Y-%m-%dT%H:%M:%SZ}", "2024-03-01 09:00:00"),
    "epoch_text": (lambda m: f"{int((m - datetime(1970, 1, 1)).total_seconds())}", "2024-03-01 09:00:00"),
    "uhr": (lambda m: f"{m:%d.%m.%Y, %H:%M} Uhr", "2024-03-01 09:00:00"),
    "french_h": (lambda m: f"{m:%d/%m/%Y} à {m.hour}h{m:%M}", "2024-03-01 09:00:00"),
    "korean_half": (
        lambda m: f"{m:%Y-%m-%d} {'오전' if m.hour < 12 else '오후'} {(m.hour - 1) % 12 + 1}:{m:%M:%S}",
        "2024-03-01 09:00:00",
    ),
    "sql_nanos": (lambda m: f"{m:%Y-%m-%d %H:%M:%S}.0000000", "2024-03-01 09:00:00"),
}
AMOUNTS = {
    "sap_minus": (
        lambda o: f"{comma(o.total)}{'-' if o.at in BACK else ''}",
        ";",
        {"total": money(TOTAL - 2 * SUM_BACK)},
    ),
    "german_parentheses": (
        lambda o: f"({comma(o.total)})" if o.at in BACK else comma(o.total),
        ";",
        {"total": money(TOTAL - 2 * SUM_BACK)},
    ),
    "code_first": (lambda o: f"EUR{o.total * 10 / 100:,.2f}", ",", {"total": money(TOTAL * 10), "currency": "EUR"}),
    "one_decimal": (lambda o: f"{o.total / 10:.1f}", ",", {"total": money(sum(o.total * 10 for o in ORDERS))}),
    "plain_spaces": (lambda o: f"{o.total:,}".replace(",", " "), ",", {"total": money(TOTAL * 100)}),
    "plus_sign": (lambda o: f"+{plain(o.total)}", ",", {}),
    "kr": (lambda o: f"{comma(o.total)} kr", ";", {}),
    "pound": (lambda o: f"£{plain(o.total)}", ",", {"currency": "GBP"}),
    "four_decimals": (lambda o: f"{o.total / 100:.4f}", ",", {}),
    "scientific": (lambda o: f"{o.total / 100:.10f}".rstrip("0"), ",", {}),
    "yuan_sign_half": (lambda o: f"￥{plain(o.total)}元", ",", {}),
    "whole_and_decimal": (lambda o: f"{o.total // 100}" if o.total % 100 == 0 else plain(o.total), ",", {}),
    "german_no_group": (lambda o: plain(o.total * 100).replace(".", ","), ";", {"total": money(TOTAL * 100)}),
}
ANSWERS = {
    "yn": ("Newsletter?", "Y", "N"),
    "granted": ("consent_marketing", "granted", "denied"),
    "opted": ("email_permission", "opted_in", "opted_out"),
    "blocklisted": ("BLOCKLISTED", "FALSE", "TRUE"),
    "hasoptedout": ("HasOptedOutOfEmail", "FALSE", "TRUE"),
    "status_active": ("Email status", "Active", "Unsubscribed"),
    "hubspot": ("Unsubscribed from all email", "false", "true"),
    "werbung": ("Werbung erlaubt", "J", "N"),
    "gdpr": ("GDPR consent", "Agreed", "Not agreed"),
    "robinson": ("Lista Robinson", "No", "Sí"),
    "rgpd": ("Opt-in email", "O", "N"),
    "zh": ("是否接收短信", "是", "否"),
    "ja": ("配信", "希望する", "希望しない"),
    "dnc": ("Do not contact", "No", "Yes"),
    "sub_bool": ("subscribed", "t", "f"),
    "check_v": ("Newsletter", "✔", ""),
    "pl2": ("Zgoda na newsletter", "TAK", "NIE"),
    "no_dates": ("confirmed_opt_in_date", "2024-01-05", ""),
}


def _made() -> list:
    dates = [lambda name=name, pair=pair: _dates(f"day_{name}", name, *pair) for name, pair in DATES.items()]
    amounts = [
        lambda name=name, t=t: _amounts(f"amount_{name}", name, t[0], t[1], **t[2]) for name, t in AMOUNTS.items()
    ]
    answers = [lambda name=name, words=words: _consent(f"also_{name}", *words) for name, words in ANSWERS.items()]
    return [*dates, *amounts, *answers]


def comments() -> Made:
    text = "# exported 2024-04-01\n# rows: 24\n" + rows_text(WIDE, ROWS)
    return one_file("hash_comments", "comments above the header", "hash.csv", text, **all_orders())


def crlf_sep() -> Made:
    text = "\ufeffsep=;\r\n" + rows_text(WIDE, ROWS, ";").replace("\n", "\r\n")
    return one_file("mark_and_sep", "a mark, sep=; and returns", "crlf.csv", text, **all_orders())


def no_header() -> Made:
    return one_file("no_header", "no names at all", "raw_dump.csv", rows_text([], ROWS), **all_orders())


def long_preamble() -> Made:
    text = (
        "".join(f"Filter {i};value {i}\n" for i in range(25))
        + "\n"
        + rows_text(
            ["Bestellnr", "Bestelldatum", "Kundennr", "Betrag"],
            [[r[0], f"{o.moment:%d.%m.%Y}", r[2], comma(o.total)] for r, o in zip(ROWS, ORDERS, strict=True)],
            ";",
        )
        + "\nSumme;;;"
        + comma(TOTAL)
        + "\n"
    )
    return one_file("long_preamble", "25 lines of filters, and a sum below", "auswertung.csv", text, **all_orders())


def latin_pound() -> Made:
    return one_file(
        "latin_pound",
        "pounds in Windows text",
        "uk_orders.csv",
        rows_text(WIDE, [[*r[:3], f"£{r[3]}"] for r in ROWS]),
        "cp1252",
        **all_orders(currency="GBP"),
    )


def shuffled() -> Made:
    rows = [[f"X{r[0]}", f"{o.moment:%d/%m/%Y}", r[2], r[3]] for r, o in zip(ROWS, ORDERS, strict=True)]
    return one_file(
        "newest_first",
        "newest first, day before month",
        "latest.csv",
        rows_text(WIDE, rows[::-1]),
        **all_orders(days=24),
    )


def phone_key() -> Made:
    rows = [[r[0], r[1], Person(o.person.at).phone, r[3]] for r, o in zip(ROWS, ORDERS, strict=True)]
    return one_file(
        "phone_key",
        "customers known by phone alone",
        "delivery_app.csv",
        rows_text(["Order No", "Order Date", "Phone", "Amount"], rows),
        **all_orders(),
    )


def name_key() -> Made:
    rows = [[r[0], r[1], o.person.name, r[3]] for r, o in zip(ROWS, ORDERS, strict=True)]
    return one_file(
        "name_key",
        "customers known by name alone: no key, and said so",
        "by_name.csv",
        rows_text(["Order No", "Order Date", "Customer", "Amount"], rows),
        orders=24,
        total=money(TOTAL),
    )


def tax_lines() -> Made:
    rows = [
        [r[0], r[1], r[2], part, plain(value)]
        for r, o in zip(ROWS, ORDERS, strict=True)
        for part, value in (("Product", o.total), ("Shipping", 500), ("Tax", 90))
    ]
    return one_file(
        "parts_of_order",
        "goods, shipping and tax in rows of their own",
        "ledger.csv",
        rows_text(["Order No", "Order Date", "Customer No", "Item type", "Amount"], rows),
        orders=24,
        total=money(TOTAL),
        customers=10,
    )


CASES = (*_made(), comments, crlf_sep, no_header, long_preamble, latin_pound, shuffled, phone_key, name_key, tax_lines)
