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


def fields(told: dict[str, pa.Array], rules: Rules, junk: Junk) -> dict[str, pa.Array]:
    """FIELDS, postcode and postcode_digits."""
    is_chinese = _has_han(told)
    others = (
        told if is_chinese is None else {name: pc.if_else(is_chinese, columns.NOTHING, told[name]) for name in LINES}
    )
    found = {
        **_usual(others, junk),
        **mapped(told["postcode"], partial(_postcode, junk=junk), "postcode", "postcode_digits"),
    }
    if is_chinese is not None:
        every = columns.joined(*[told[name] for name in LINES])
        chinese = pc.if_else(is_chinese, every, columns.NOTHING)
        read = mapped(chinese, partial(_chinese, rules=rules, junk=junk), *FIELDS)
        found |= {name: pc.if_else(is_chinese, read[name], found[name]) for name in FIELDS}
    return found


def _has_han(told: dict[str, pa.Array]) -> pa.Array | None:
    """Which accounts have an address in Chinese characters; None when no account has."""
    found = None
    for name in LINES:
        column = told[name]
        if column.null_count < len(column) and not pc.all(pc.string_is_ascii(column)).as_py():
            here = pc.fill_null(pc.match_substring_regex(column, HAN), False)
            found = here if found is None else pc.or_(found, here)
    return found


def _usual(told: dict[str, pa.Array], junk: Junk) -> dict[str, pa.Array]:
    name = partial(_name, junk=junk)
    first, number = told["address_1"], told["street_number"]
    found = {
        **mapped(told["state"], name, "region"),
        **mapped(told["city"], name, "city"),
        **mapped(pc.coalesce(told["suburb"], told["city"]), name, "suburb"),
        **mapped(first, partial(_line, junk=junk), "street"),
        **mapped(told["address_2"], partial(_line, junk=junk), "street_more"),
        **mapped(number, partial(_house, junk=junk), "house"),
    }
    alone = pc.if_else(pc.is_null(number), first, columns.NOTHING)
    both = mapped(alone, partial(_street_and_house, junk=junk), "street", "house")
    found["street"] = pc.if_else(pc.is_valid(both["house"]), both["street"], found["street"])
    found["house"] = pc.coalesce(found["house"], both["house"])
    return found


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
    found = chinese_addresses.parse(first, places, known)
    texts = (
        found.province or state,
        found.city or city,
        found.district or suburb or found.city or city,
        found.street or ("" if found.house else first),
        second + (found.more or ""),
    )
    return (*(usable(part, junk) for part in texts), code(number or found.house or ""))
