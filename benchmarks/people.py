"""People made up for the identity benchmark: families at addresses, skewed names, several records each, known truth.

Every fault is drawn with a fixed seed: slips of the keyboard, nicknames, swapped names, turned dates, moves, missing
fields, shared phones. Namesakes come by themselves from the skewed names.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Texts = NDArray[np.object_]
SYLLABLES = (
    "an",
    "bar",
    "cor",
    "del",
    "e",
    "fin",
    "gar",
    "hal",
    "in",
    "jo",
    "ken",
    "lor",
    "mar",
    "nel",
    "or",
    "per",
    "quin",
    "ros",
    "san",
    "ter",
    "ul",
    "ver",
    "wil",
    "xan",
    "yor",
    "zel",
    "ba",
    "ci",
    "do",
    "fe",
    "gi",
    "ha",
    "ka",
    "li",
    "mo",
    "na",
    "pe",
    "ri",
    "so",
    "ta",
    "vi",
    "wo",
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class ErrorRates:
    """How likely each fault is, per record after a person's first (per field where it says so)."""

    slip_per_field: float = 0.12
    missing_per_field: float = 0.08
    nickname: float = 0.08
    swapped_names: float = 0.03
    turned_date: float = 0.04
    moved: float = 0.08
    new_phone: float = 0.25


def words(draw: np.random.Generator, count: int, syllables: int) -> Texts:
    """Different made-up words.

    Raises:
        ValueError: so many words cannot be made of so few syllables.
    """
    if count > len(SYLLABLES) ** syllables / 2:
        raise ValueError(f"{count} words of {syllables} syllables")
    made: dict[str, None] = {}
    while len(made) < count:
        parts = draw.choice(SYLLABLES, size=(count, syllables))
        made |= dict.fromkeys("".join(row) for row in parts)
    return np.array(list(made)[:count], dtype=object)


def skewed(draw: np.random.Generator, values: Texts, size: int, exponent: float = 1.0) -> Texts:
    """Values drawn by Zipf's law: the first is the most common."""
    shares = 1 / np.arange(1, len(values) + 1) ** exponent
    return values[np.searchsorted(np.cumsum(shares / shares.sum()), draw.random(size))]


def people(
    record_count: int,
    seed: int = 11,
    error_rates: ErrorRates | None = None,
    family_size: float = 2.4,
    names: tuple[int, int] = (800, 20_000),
) -> pd.DataFrame:
    """account_id, person, channel and the fields, one row per record, in an order made by chance.

    Args:
        record_count: about as many rows.
        family_size: mean number of people at one address.
        names: how many given names and family names there are.
    """
    draw = np.random.default_rng(seed)
    persons = _persons(draw, int(record_count / 1.9), family_size, names)
    extra = np.minimum(draw.geometric(0.53, len(persons)) - 1, 5)
    copies = persons.loc[np.repeat(persons.index.to_numpy(), extra)].reset_index(drop=True)
    spoiled = _spoiled(draw, copies, persons, error_rates or ErrorRates())
    rows = pd.concat([persons, spoiled], ignore_index=True)
    rows = rows.iloc[draw.permutation(len(rows))].reset_index(drop=True)
    rows["channel"] = np.array(["pos", "eshop", "app"], dtype=object)[draw.integers(0, 3, len(rows))]
    rows["account_id"] = [f"r{i:08}" for i in range(len(rows))]
    return rows.drop(columns="home")


def _persons(draw: np.random.Generator, count: int, family_size: float, names: tuple[int, int]) -> pd.DataFrame:
    homes = max(int(count / family_size), 1)
    home = np.sort(draw.integers(0, homes, count))
    places = _homes(draw, homes, names[1])
    given = words(draw, names[0], 2)
    birth = pd.to_datetime("1930-01-01") + pd.to_timedelta(draw.integers(0, 29_000, count), unit="D")
    family = places["family"].to_numpy()[home]
    other = draw.random(count) < 0.15  # of another name than the rest of the house
    family[other] = skewed(draw, words(draw, names[1] // 4, 3), int(other.sum()), 0.7)
    rows = places.drop(columns="family").iloc[home].reset_index(drop=True)
    own_phone = draw.random(count) < 0.6
    rows.loc[own_phone, "phone"] = _phones(draw, int(own_phone.sum()))
    return rows.assign(
        person=[f"p{i}" for i in range(count)],
        home=home,
        given_name=skewed(draw, given, count, 0.8),
        surname=family,
        birth_date=birth.strftime("%Y%m%d").to_numpy(object),
    )


def _homes(draw: np.random.Generator, count: int, families: int) -> pd.DataFrame:
    towns = max(count // 150, 30)
    town = np.searchsorted(np.cumsum(_zipf(towns, 0.6)), draw.random(count)).clip(max=towns - 1)
    names, streets = words(draw, towns, 3), words(draw, max(count // 12, 300), 3)
    codes = (draw.permutation(90_000)[np.arange(towns) % 90_000] + 10_000).astype(str).astype(object)
    return pd.DataFrame(
        {
            "family": skewed(draw, words(draw, families, 3), count, 0.7),
            "street_number": draw.integers(1, 200, count).astype(str).astype(object),
            "address_1": streets[draw.integers(0, len(streets), count)] + " street",
            "suburb": names[town],
            "postcode": codes[town],
            "phone": _phones(draw, count),
        }
    )


def _zipf(count: int, exponent: float) -> NDArray[np.float64]:
    shares = 1 / np.arange(1, count + 1) ** exponent
    return shares / shares.sum()


def _phones(draw: np.random.Generator, count: int) -> Texts:
    return np.array([f"0{n}" for n in draw.integers(10**8, 10**9, count)], dtype=object)


def _spoiled(
    draw: np.random.Generator, copies: pd.DataFrame, persons: pd.DataFrame, error_rates: ErrorRates
) -> pd.DataFrame:
    rows, count = copies.copy(), len(copies)
    moved = draw.random(count) < error_rates.moved
    to = persons.iloc[draw.integers(0, len(persons), int(moved.sum()))]
    for name in ("street_number", "address_1", "suburb", "postcode"):
        rows.loc[moved, name] = to[name].to_numpy()
    new = draw.random(count) < error_rates.new_phone
    rows.loc[new, "phone"] = _phones(draw, int(new.sum()))
    short = draw.random(count) < error_rates.nickname
    rows.loc[short, "given_name"] = rows.loc[short, "given_name"].str[:3]
    turned = draw.random(count) < error_rates.turned_date
    dates = rows.loc[turned, "birth_date"]
    rows.loc[turned, "birth_date"] = dates.str[:4] + dates.str[6:] + dates.str[4:6]
    fields = ["given_name", "surname", "birth_date", "street_number", "address_1", "suburb", "postcode", "phone"]
    for name in fields:
        slipped = np.flatnonzero(draw.random(count) < error_rates.slip_per_field)
        rows.iloc[slipped, rows.columns.get_loc(name)] = slips(draw, rows[name].to_numpy()[slipped])
        rows.loc[draw.random(count) < error_rates.missing_per_field, name] = None
    swapped = draw.random(count) < error_rates.swapped_names
    rows.loc[swapped, ["given_name", "surname"]] = rows.loc[swapped, ["surname", "given_name"]].to_numpy()
    return rows


def slips(draw: np.random.Generator, values: Texts) -> Texts:
    """One slip each: a character more, less, another, or two turned."""
    kinds, places, letters = (
        draw.integers(0, 4, len(values)),
        draw.random(len(values)),
        draw.integers(0, 26, len(values)),
    )
    return np.array([_slip(*slip) for slip in zip(values, kinds, places, letters, strict=True)], dtype=object)


def _slip(value: str, kind: int, place: float, letter: int) -> str:
    at = int(place * len(value))
    other = str(letter % 10) if value[at : at + 1].isdigit() else LETTERS[letter]
    if kind == 0:
        return value[:at] + other + value[at:]
    if kind == 1 and len(value) > 1:
        return value[:at] + value[at + 1 :]
    if kind == 2:
        return value[:at] + other + value[at + 1 :]
    return value[:at] + value[at + 1 : at + 2] + value[at : at + 1] + value[at + 2 :]
