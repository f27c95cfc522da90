"""Cleaned fields of accounts: what can be compared is normalised, junk becomes NULL, and nothing raises.

Native expressions only. A cleaner is total: any text at all gives a value or NULL.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from jobs.identity.settings import Junk

FIELDS = (
    "given", "family", "birth", "postcode", "suburb", "street", "street_more", "house", "region", "email", "phone",
    "national_id",
)  # fmt: skip
PARTS = ("birth_year", "birth_day_month", "postcode_digits", "names")
OLDEST_BIRTH_YEAR = 1890
FOLDED_RANGES = ((0x41, 0x5B), (0xC0, 0x250), (0x370, 0x530), (0x1E00, 0x1F00), (0xFF01, 0xFF5F))


def records(
    customers: DataFrame, junk: Junk, run_date: date, secret: str, beside: Mapping[str, Column] | None = None
) -> DataFrame:
    """One row per account with cleaned, comparable fields.

    Args:
        customers: silver.customers.
        junk: texts, dates, addresses and numbers that mean "unknown".
        run_date: birth dates after it are junk.
        secret: key of the hashes, so that a fingerprint cannot be guessed from a list of names.
        beside: further columns by name, from those of silver.customers.
    Returns:
        account_id, channel, is_lead, FIELDS, PARTS (all text or NULL), record_hash (of the fields; NULL when none is
        usable), own_id (the customer id that the account founds) and spare_id (where own_id was issued before).
    """
    fields = customers.select("account_id", "channel", F.coalesce("is_lead", F.lit(False)).alias("is_lead"),
                              *[column.alias(name) for name, column in _fields(junk, run_date).items()],
                              *[column.alias(name) for name, column in (beside or {}).items()])  # fmt: skip
    return (
        fields.withColumns(_parts())
        .withColumn("record_hash", _fingerprint(secret))
        .withColumn("own_id", keyed_id(secret, F.col("account_id")))
        .withColumn("spare_id", keyed_id(secret, F.concat("account_id", F.lit(f"|{run_date}"))))
    )


def keyed_id(secret: str, text: Column) -> Column:
    """`c` and 24 hexadecimal digits of a keyed sha-256: no chance in it, and no way back to the account."""
    return F.concat(F.lit("c"), F.substring(F.sha2(F.concat(F.lit(f"{secret}|customer|"), text), 256), 1, 24))


def _fields(junk: Junk, run_date: date) -> dict[str, Column]:
    given, family = split_names()
    return {
        "given": name(given, junk),
        "family": name(family, junk),
        "birth": birth_date(F.col("birth_date"), junk, run_date),
        "postcode": code(F.col("postcode")),
        "suburb": name(F.coalesce(F.col("suburb"), F.col("city")), junk),
        "street": words(F.col("address_1"), junk),
        "street_more": words(F.col("address_2"), junk),
        "house": code(F.col("street_number")),
        "region": name(F.col("state"), junk),
        "email": email(F.col("email"), junk),
        "phone": phone(F.col("phone"), junk),
        "national_id": code(F.col("national_id")),
    }


def plain(text: Column) -> Column:
    """Lower case, half width, no accents; letters of other scripts stay."""
    return F.translate(text, *_folding())


@cache
def _folding() -> tuple[str, str]:
    # one table in place of `lower`, whose first use in a session costs seconds of ICU tables
    pairs = [(chr(code), _folded(chr(code))) for span in FOLDED_RANGES for code in range(*span)]
    kept = [(letter, folded) for letter, folded in pairs if len(folded) == 1 and folded != letter]
    return "".join(letter for letter, _ in kept), "".join(folded for _, folded in kept)


def _folded(letter: str) -> str:
    return {"ø": "o", "ł": "l", "đ": "d", "ı": "i"}.get(low := unicodedata.normalize("NFKD", letter)[0].lower(), low)


def name(text: Column, junk: Junk) -> Column:
    """Letters only: a space inside a name is as often a typing slip as not."""
    return _usable(F.regexp_replace(plain(text), r"[^\p{L}]", ""), junk.texts)


def words(text: Column, junk: Junk) -> Column:
    """Letters and digits only."""
    return _usable(F.regexp_replace(plain(text), r"[^\p{L}\p{Nd}]", ""), junk.texts)


def code(text: Column) -> Column:
    """Letters and digits only; one character repeated four times or more (0000, xxxx) is no code."""
    kept = F.regexp_replace(plain(text), r"[^\p{L}\p{Nd}]", "")
    return F.when((kept != "") & ~kept.rlike(r"^(.)\1{3,}$"), kept)


def email(text: Column, junk: Junk) -> Column:
    """A lower-case address with one @ and a dotted domain."""
    kept = plain(F.trim(text))
    return F.when(kept.rlike(r"^[^@\s]{1,64}@[^@\s]+\.[^@\s.]{2,}$") & ~kept.isin(*junk.emails), kept)


def phone(text: Column, junk: Junk) -> Column:
    """Digits without the international prefix; 6 to 15 of them, not all the same."""
    digits = F.regexp_replace(F.regexp_replace(plain(text), r"[^0-9]", ""), r"^00", "")
    return F.when(digits.rlike(r"^[0-9]{6,15}$") & ~digits.rlike(r"^(.)\1+$") & ~digits.isin(*junk.phones), digits)


def birth_date(day: Column, junk: Junk, run_date: date) -> Column:
    """yyyyMMdd, between 1890 and the run date, no stand-in date."""
    text = F.date_format(day, "yyyyMMdd")
    possible = (F.year(day) >= OLDEST_BIRTH_YEAR) & (day <= F.lit(run_date))
    return F.when(possible & ~text.isin(*junk.birth_dates), text)


def split_names() -> tuple[Column, Column]:
    """Given and family name; from the full name ("Family, Given" or "Given Family") where there is only that."""
    full = F.trim(F.col("full_name"))
    parts = F.split(full, r"\s+")
    comma = full.contains(",")
    first = F.when(comma, F.substring_index(full, ",", -1)).otherwise(F.element_at(parts, 1))
    last = F.when(comma, F.substring_index(full, ",", 1)).otherwise(F.element_at(parts, -1))
    alone = ~comma & (F.size(parts) < 2)
    nothing = F.col("given_name").isNull() & F.col("surname").isNull()
    given = F.coalesce(F.col("given_name"), F.when(nothing & ~alone, first))
    return given, F.coalesce(F.col("surname"), F.when(nothing, F.when(alone, full).otherwise(last)))


def _usable(text: Column, junk: tuple[str, ...]) -> Column:
    return F.when((F.length(text) > 0) & ~text.isin(*junk) & ~text.rlike(r"^(.)\1{2,}$"), text)


def _parts() -> dict[str, Column]:
    return {
        "birth_year": F.substring("birth", 1, 4),
        "birth_day_month": F.concat(F.substring("birth", 7, 2), F.substring("birth", 5, 2)),
        "postcode_digits": F.array_join(F.array_sort(F.split("postcode", "")), ""),
        "names": F.when(
            F.col("given").isNotNull() & F.col("family").isNotNull(),
            F.concat_ws(" ", F.least("given", "family"), F.greatest("given", "family")),
        ),
    }


def _fingerprint(secret: str) -> Column:
    told = F.concat_ws("|", F.lit(secret), *[F.coalesce(F.col(field), F.lit("")) for field in FIELDS])
    return F.when(F.coalesce(*FIELDS).isNotNull(), F.substring(F.sha2(told, 256), 1, 24))
