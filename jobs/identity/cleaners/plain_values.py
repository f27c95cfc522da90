"""The same cleaners for plain values, a whole column at once: what most addresses and numbers of a company look like.

Each says which values are plain and what becomes of them; the others go one by one. A test holds both ways together.
"""

from collections.abc import Sequence
from functools import reduce

import pyarrow as pa
import pyarrow.compute as pc

from jobs.identity.cleaners import phones
from jobs.identity.cleaners.cleaning_settings import Rules
from jobs.identity.cleaners.columns import NULL_TEXT
from jobs.identity.settings.identity import Junk

EMAIL = r"^[a-z0-9][a-z0-9._-]{0,63}@([a-z0-9-]+\.)+[a-z]{2,24}$"
CODE = r"^([0-9a-z]{1,14}|[0-9a-z]{16,17})$"  # 15 and 18 signs may be China's
NUMBER = r"^[0-9 ./()-]+$"
ONE_SIGN = "^(" + "|".join(f"{sign}{{4,}}" for sign in "0123456789abcdefghijklmnopqrstuvwxyz") + ")$"
ONE_DIGIT = "^(" + "|".join(f"{digit}+" for digit in "0123456789") + ")$"
RANDOM_STARTS = "|".join(
    ["0+$", *(f"{sign}{{3,}}" for sign in "0123456789")]
    + [f"{first}{(first + step) % 10}{(first + 2 * step) % 10}" for first in range(10) for step in (1, 9)]
    + [rf"{a}{b}{a}{b}" for a in range(10) for b in range(10) if a != b]
)
MOST_COUNTRIES = 3  # each costs a look at the whole column
Plain = tuple[pa.Array, dict[str, pa.Array]]  # which values are plain; the columns made of them


def _is(column: pa.Array, pattern: str) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(column, pattern), False)


def _known(column: pa.Array, unknown: pa.Array) -> pa.Array:
    return pc.if_else(unknown, NULL_TEXT, column)


def emails(column: pa.Array, rules: Rules, junk: Junk) -> Plain:
    """email, email_name."""
    lower = pc.ascii_lower(pc.ascii_trim_whitespace(column))
    is_plain = _is(lower, EMAIL)
    local, domain = pc.replace_substring_regex(lower, "@.*$", ""), pc.replace_substring_regex(lower, "^[^@]*@", "")
    for name, provider in rules.how.email_providers.items():
        here = pc.fill_null(pc.is_in(domain, pa.array([name, *provider.same_as])), False)
        if pc.any(here).as_py():
            domain = pc.if_else(here, name, domain)
            for sign in provider.ignores:
                local = pc.if_else(here, pc.replace_substring(local, sign, ""), local)
    address = pc.binary_join_element_wise(local, domain, "@")
    box = pc.replace_substring_regex(local, "[^a-z0-9]+", "")
    is_junk = pc.or_(_is_one_of(address, junk.emails), _is_one_of(box, junk.texts))
    name_alone = pc.replace_substring_regex(local, "[^a-z]+", "")
    short = pc.fill_null(pc.less(pc.binary_length(name_alone), 3), True)
    return is_plain, {"email": _known(address, is_junk), "email_name": _known(name_alone, pc.or_(is_junk, short))}


def _is_one_of(column: pa.Array, values: Sequence[str]) -> pa.Array:
    return pc.fill_null(pc.is_in(column, pa.array(values, pa.string())), False)


def _may_be_typed_at_random(digits: pa.Array) -> pa.Array:
    """Values that begin as a run or a repetition does: a few, for the slow way."""
    return _is(digits, f"^({RANDOM_STARTS})")


def codes(column: pa.Array, junk: Junk) -> Plain:
    """national_id; company_id, birth and sex are not told by such a number."""
    lower = pc.ascii_lower(column)
    empty = pa.nulls(len(column), pa.string())
    cleaned = {"national_id": _known(lower, _is(lower, ONE_SIGN)), "company_id": empty, "birth": empty, "sex": empty}
    is_plain = pc.and_(_is(lower, CODE), pc.invert(_may_be_typed_at_random(lower)))
    return pc.and_(is_plain, pc.invert(_is_one_of(lower, junk.texts))), cleaned


def numbers(column: pa.Array, country: pa.Array, junk: Junk) -> Plain:
    """phone, phone_kind, phone_extension of numbers without a country code."""
    digits = pc.replace_substring_regex(column, "[^0-9]+", "")
    local = pc.and_(_is(column, NUMBER), pc.invert(_is(column, r"\(0\)|^[^0-9]*00")))
    local = pc.and_(local, _is(digits, "^[0-9]{6,15}$"))
    local = pc.and_(local, pc.invert(_may_be_typed_at_random(digits)))
    empty = pa.nulls(len(column), pa.string())
    is_plain, number, kind = pa.array([False]).take(pa.array([0] * len(column), pa.int32())), empty, empty
    regions = pc.unique(country).to_pylist()
    for region in regions if len(regions) <= MOST_COUNTRIES else []:
        here = pc.and_(local, pc.equal(country, region))
        plain_ones = _of_region(digits, region)
        if plain_ones is not None and pc.any(here).as_py():
            here = pc.and_(here, plain_ones[0])
            is_plain, number = pc.or_(is_plain, here), pc.if_else(here, plain_ones[1], number)
            kind = pc.if_else(here, plain_ones[2], kind)
    is_junk = pc.or_(_is(number, ONE_DIGIT), pc.fill_null(pc.is_in(number, pa.array(junk.phones, pa.string())), False))
    made = {"phone": _known(number, is_junk), "phone_kind": _known(kind, is_junk), "phone_extension": empty}
    return is_plain, made


def _of_region(digits: pa.Array, region: str) -> tuple[pa.Array, pa.Array, pa.Array] | None:
    """Which numbers are plainly mobile or plainly fixed in a country's plan, those numbers, and which of the two."""
    if not region:
        return pc.is_valid(digits), digits, pa.nulls(len(digits), pa.string())
    plan = phones.plan_of(region)
    if plan is None or plan.rewrites:
        return None
    try:
        bare = pc.replace_substring_regex(digits, f"^(?:{plan.before.pattern})", "")
        mobile, landline = (_is(bare, f"^(?:{p.pattern})$") for p in (plan.mobile, plan.landline))
        every = [plan.mobile, plan.landline, plan.other]
        as_it_is = reduce(pc.or_, [_is(digits, f"^(?:{p.pattern})$") for p in every])
    except pa.ArrowInvalid:  # a plan that this engine of patterns does not know to read
        return None
    sure = pc.and_(pc.xor(mobile, landline), pc.or_(pc.invert(as_it_is), pc.equal(bare, digits)))
    kind = pc.if_else(mobile, "mobile", "landline")
    return pc.fill_null(sure, False), pc.binary_join_element_wise(plan.code, bare, ""), kind
