"""Where accounts live: region, city, suburb, street and house number, of Latin and of Chinese addresses."""

from functools import partial

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity.cleaners import addresses, chinese_addresses, columns, letters
from jobs.identity.cleaners.chinese_addresses import Address
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.cleaners.columns import mapped
from jobs.identity.cleaners.junk import code, place_code, usable
from jobs.identity.settings.identity import Junk

HAN = r"\p{Han}"
LINES = ("state", "city", "suburb", "address_1", "address_2", "street_number")
FIELDS = ("region", "city", "suburb", "street", "street_more", "house")


def fields(texts: dict[str, pa.Array], rules: Rules, junk: Junk) -> dict[str, pa.Array]:
    """FIELDS, postcode and postcode_digits."""
    is_chinese = _has_han(texts)
    others = (
        texts
        if is_chinese is None
        else {name: pc.if_else(is_chinese, columns.NULL_TEXT, texts[name]) for name in LINES}
    )
    cleaned = {
        **_usual(others, junk),
        **mapped(texts["postcode"], partial(_postcode, junk=junk), "postcode", "postcode_digits"),
    }
    if is_chinese is not None:
        every = columns.joined(*[texts[name] for name in LINES])
        chinese = pc.if_else(is_chinese, every, columns.NULL_TEXT)
        read = mapped(chinese, partial(_chinese, rules=rules, junk=junk), *FIELDS)
        cleaned |= {name: pc.if_else(is_chinese, read[name], cleaned[name]) for name in FIELDS}
    return cleaned


def _has_han(texts: dict[str, pa.Array]) -> pa.Array | None:
    """Which accounts have an address in Chinese characters; None when no account has."""
    has_han = None
    for name in LINES:
        column = texts[name]
        if column.null_count < len(column) and not pc.all(pc.string_is_ascii(column)).as_py():
            here = pc.fill_null(pc.match_substring_regex(column, HAN), False)
            has_han = here if has_han is None else pc.or_(has_han, here)
    return has_han


def _usual(texts: dict[str, pa.Array], junk: Junk) -> dict[str, pa.Array]:
    name = partial(_name, junk=junk)
    first, number = texts["address_1"], texts["street_number"]
    cleaned = {
        **mapped(texts["state"], name, "region"),
        **mapped(texts["city"], name, "city"),
        **mapped(pc.coalesce(texts["suburb"], texts["city"]), name, "suburb"),
        **mapped(first, partial(_line, junk=junk), "street"),
        **mapped(texts["address_2"], partial(_line, junk=junk), "street_more"),
        **mapped(number, partial(_house, junk=junk), "house"),
    }
    alone = pc.if_else(pc.is_null(number), first, columns.NULL_TEXT)
    both = mapped(alone, partial(_street_and_house, junk=junk), "street", "house")
    cleaned["street"] = pc.if_else(pc.is_valid(both["house"]), both["street"], cleaned["street"])
    cleaned["house"] = pc.coalesce(cleaned["house"], both["house"])
    return cleaned


def _name(text: str, junk: Junk) -> columns.Texts:
    return (usable(letters.letters(letters.plain(text)), junk),)


def _line(text: str, junk: Junk) -> columns.Texts:
    return (usable(letters.letters_and_digits(letters.plain(text)), junk),)


def _street_and_house(text: str, junk: Junk) -> columns.Texts:
    street, house = addresses.street_and_house(letters.plain(text).strip())
    return usable(letters.letters_and_digits(street), junk), code(house) if house else None


def _house(text: str, junk: Junk) -> columns.Texts:
    return (place_code(text, junk),)


def _postcode(text: str, junk: Junk) -> columns.Texts:
    kept = place_code(text, junk)
    return kept, "".join(sorted(kept)) if kept else None


def _chinese(text: str, rules: Rules, junk: Junk) -> columns.Texts:
    state, city, suburb, first, second, number = (
        letters.letters_and_digits(letters.plain(part).replace("-", "之")) for part in columns.apart(text)
    )
    places = rules.places
    above = chinese_addresses.parse(state + city + suburb, places)
    known = Address(above.province, above.city, above.district)
    address = chinese_addresses.parse(first, places, known)
    texts = (
        address.province or state,
        address.city or city,
        address.district or suburb or address.city or city,
        address.street or ("" if address.house else first),
        second + (address.more or ""),
    )
    return (*(usable(part, junk) for part in texts), code(number or address.house or ""))
