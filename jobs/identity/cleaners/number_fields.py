"""What accounts are known by in numbers: phone, state numbers, birth date; and the sex that a number tells."""

from datetime import date
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity.cleaners import columns, letters, national_ids, phones, plain_values
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.cleaners.columns import mapped
from jobs.identity.cleaners.junk import is_run, key_code
from jobs.identity.settings.identity import Junk

OLDEST_BIRTH_YEAR = 1890


def fields(texts: dict[str, pa.Array], rules: Rules, junk: Junk, run_date: date) -> dict[str, pa.Array]:
    """phone, phone_kind, phone_extension, national_id, company_id, birth, sex."""
    known = columns.joined(texts["national_id"], _beside(texts["national_id"], _countries(texts, rules)))
    ids = columns.with_plain(known, plain_values.codes(texts["national_id"], junk), partial(_state_number, junk=junk))
    born = mapped(texts["birth_date"], partial(_birth, junk=junk, run_date=run_date), "birth")["birth"]
    birth_by_id = mapped(ids["birth"], partial(_birth, junk=junk, run_date=run_date), "birth")["birth"]
    sex = mapped(texts["sex"], lambda text: (rules.sexes.get(letters.plain(text).strip()),), "sex")["sex"]
    return {
        **phone(texts, rules, junk),
        "national_id": ids["national_id"],
        "company_id": ids["company_id"],
        "birth": pc.coalesce(born, birth_by_id),
        "sex": pc.coalesce(sex, ids["sex"]),
    }


def phone(texts: dict[str, pa.Array], rules: Rules, junk: Junk) -> dict[str, pa.Array]:
    """phone, phone_kind, phone_extension."""
    country = _countries(texts, rules)
    known = columns.joined(texts["phone"], _beside(texts["phone"], country))
    return columns.with_plain(known, plain_values.numbers(texts["phone"], country, junk), partial(_phone, junk=junk))


def _countries(texts: dict[str, pa.Array], rules: Rules) -> pa.Array:
    country = mapped(texts["country"], partial(_country, rules=rules), "country")["country"]
    return pc.fill_null(country, rules.how.default_country)


def _beside(column: pa.Array, country: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_valid(column), country, columns.NULL_TEXT)


def _country(text: str, rules: Rules) -> columns.Texts:
    plain = letters.plain(text).strip()
    is_code = len(plain) == 2 and plain.isascii() and plain.isalpha()
    return (rules.country_codes.get(plain) or (plain.upper() if is_code else None),)


def _phone(text: str, junk: Junk) -> columns.Texts:
    number, country = columns.apart(text)
    parsed = phones.phone(number, country)
    digits = parsed[0]
    if digits is None or letters.one_sign_only(digits, least=2) or digits in junk.phones or is_run(digits):
        return phones.NO_PHONE
    return parsed


def _state_number(text: str, junk: Junk) -> columns.Texts:
    number, country = columns.apart(text)
    plain = key_code(number, junk)
    if plain is None or len(plain) not in (15, 18):
        return plain, None, None, None
    # 15 digits have no check sign: they are believed of China's own accounts only
    resident = national_ids.resident(plain) if len(plain) == 18 or country == "CN" else None
    if resident is not None:
        return resident.number, None, resident.birth, resident.sex
    return (None, plain, None, None) if national_ids.is_credit_code(plain) else (plain, None, None, None)


def _birth(text: str, junk: Junk, run_date: date) -> columns.Texts:
    """yyyyMMdd, between 1890 and the run date, no stand-in date."""
    day = text.replace("-", "")
    possible = f"{OLDEST_BIRTH_YEAR}0101" <= day <= f"{run_date:%Y%m%d}"
    return (day if possible and day not in junk.birth_dates else None,)
