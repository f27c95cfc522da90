"""The same orders with days and times as people of many countries write them."""

from datetime import datetime

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    all_orders,
    money,
    one_file,
    plain,
    rows_text,
)

WIDE = ["Order No", "Order Date", "Customer No", "Amount"]

BACK = {4, 9, 16}

SUM_BACK = sum(ORDERS[at].total for at in BACK)

LESS = {"total": money(TOTAL - 2 * SUM_BACK)}

MONTHS = {
    "fr": ["janv.", "févr.", "mars", "avr."],
    "es": ["ene", "feb", "mar", "abr"],
    "it": ["gen", "feb", "mar", "apr"],
    "pl": ["sty", "lut", "mar", "kwi"],
    "sv": ["jan", "feb", "mars", "apr"],
    "nl": ["jan", "feb", "mrt", "apr"],
    "pt": ["jan", "fev", "mar", "abr"],
    "de": ["Jan.", "Feb.", "März", "Apr."],
    "ru": ["янв", "фев", "мар", "апр"],
    "tr": ["Oca", "Şub", "Mar", "Nis"],
}


def _dates(
    name: str,
    what: str,
    write,
    first: str = "2024-03-01 09:00:00",
    column: str = "Order Date",
    delimiter: str = ",",
    **right,
) -> Made:
    rows = [[o.number, write(o.moment), 100 + o.person.at, plain(o.total)] for o in ORDERS]
    more = {"first_instant": first} if first else {"days": 24}
    return one_file(
        name,
        what,
        f"{name}.csv",
        rows_text(["Order No", column, "Customer No", "Amount"], rows, delimiter),
        **all_orders(**more, **right),
    )


def _month_names() -> list:
    def one(language, words):
        return _dates(
            f"month_{language}", f"months as {words[2]}", lambda m: f"{m.day} {words[m.month - 1]} {m.year} {m:%H:%M}"
        )

    return [lambda language=language, words=words: one(language, words) for language, words in MONTHS.items()]


def rfc2822() -> Made:
    return _dates("date_rfc2822", "Fri, 01 Mar 2024 09:00:00 +0000", lambda m: f"{m:%a, %d %b %Y %H:%M:%S} +0000")


def compact() -> Made:
    return _dates("date_compact", "20240301T090000Z", lambda m: f"{m:%Y%m%dT%H%M%S}Z")


def digits14() -> Made:
    return _dates("date_digits", "20240301090000", lambda m: f"{m:%Y%m%d%H%M%S}")


def epoch_us() -> Made:
    return _dates(
        "epoch_microseconds",
        "microseconds since 1970",
        lambda m: int((m - datetime(1970, 1, 1)).total_seconds()) * 1_000_000,
        column="created_at",
    )


def epoch_decimal() -> Made:
    return _dates(
        "epoch_decimal",
        "seconds since 1970 with decimals",
        lambda m: f"{(m - datetime(1970, 1, 1)).total_seconds():.3f}",
        column="timestamp",
    )


def two_digit() -> Made:
    return _dates("date_two_digits", "01.03.24", lambda m: f"{m:%d.%m.%y}", "", delimiter=";")


def spanish_half() -> Made:
    return _dates(
        "date_es_half",
        "1/03/2024 9:00:00 a. m.",
        lambda m: f"{m.day}/{m:%m/%Y} {(m.hour - 1) % 12 + 1}:{m:%M:%S} {'a.' if m.hour < 12 else 'p.'}\u00a0m.",
    )


def postgres() -> Made:
    return _dates("date_postgres", "2024-03-01 09:00:00.000000+00", lambda m: f"{m:%Y-%m-%d %H:%M:%S}.000000+00")


def javascript() -> Made:
    return _dates(
        "date_javascript",
        "Fri Mar 01 2024 09:00:00 GMT+0000 (Coordinated Universal Time)",
        lambda m: f"{m:%a %b %d %Y %H:%M:%S} GMT+0000 (Coordinated Universal Time)",
    )


def hhmm() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y%m%d}", int(f"{o.moment:%H%M}"), 100 + o.person.at, plain(o.total)] for o in ORDERS
    ]
    return one_file(
        "time_hhmm",
        "time as 900: a number without its zero",
        "pos_extract.csv",
        rows_text(["TRANS_NO", "TRANS_DATE", "TRANS_TIME", "CUST_NO", "AMOUNT"], rows),
        **all_orders(first_instant="2024-03-01 09:00:00"),
    )


def excel_date_and_time() -> Made:
    rows = [
        [
            o.number,
            f"{o.moment:%Y-%m-%d} 00:00:00",
            f"1899-12-30 {o.moment:%H:%M:%S}",
            100 + o.person.at,
            plain(o.total),
        ]
        for o in ORDERS
    ]
    return one_file(
        "access_time",
        "a database's time is a moment of 1899",
        "access_export.csv",
        rows_text(["OrderNo", "OrderDate", "OrderTime", "CustomerNo", "Amount"], rows),
        **all_orders(first_instant="2024-03-01 09:00:00"),
    )


def zone_names() -> Made:
    moments = ["2024-03-31 01:30:00", "2024-03-31 03:30:00", "2024-10-27 01:30:00", "2024-10-27 03:30:00"]
    rows = [[o.number, moments[o.at % 4], "Europe/Berlin", 100 + o.person.at, plain(o.total)] for o in ORDERS]
    return one_file(
        "zone_column",
        "both clock changes, the zone in a column",
        "zoned.csv",
        rows_text(["Order No", "Order Date", "Timezone", "Customer No", "Amount"], rows),
        **all_orders(first_instant="2024-03-31 00:30:00"),
    )


CASES = (
    *_month_names(),
    rfc2822,
    compact,
    digits14,
    epoch_us,
    epoch_decimal,
    two_digit,
    spanish_half,
    postgres,
    javascript,
    hhmm,
    excel_date_and_time,
    zone_names,
)
