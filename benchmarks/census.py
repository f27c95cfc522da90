"""Two censuses ten years apart, made up, known truth: what historical records are like.

No exact dates, no phones: names as the enumerator heard them, ages that are rounded, nicknames and initials for given
names, women who married, people who moved, few names for many people (several thousand namesakes).
"""

from typing import Any

import numpy as np
import pandas as pd

from benchmarks.people import Texts, skewed, slips, words

GIVEN = {
    "f": (
        "mary",
        "elizabeth",
        "sarah",
        "ann",
        "margaret",
        "jane",
        "catherine",
        "martha",
        "harriet",
        "eleanor",
        "susannah",
        "charlotte",
        "isabella",
        "frances",
        "dorothy",
        "matilda",
        "agnes",
        "rebecca",
        "emma",
        "lucy",
    ),
    "m": (
        "john",
        "william",
        "thomas",
        "james",
        "george",
        "joseph",
        "henry",
        "robert",
        "charles",
        "edward",
        "samuel",
        "richard",
        "daniel",
        "david",
        "benjamin",
        "peter",
        "alexander",
        "frederick",
        "matthew",
        "michael",
    ),
}
SHORT = {
    "mary": "polly",
    "elizabeth": "betsy",
    "sarah": "sally",
    "margaret": "peggy",
    "catherine": "kate",
    "martha": "patty",
    "eleanor": "nell",
    "susannah": "sukey",
    "isabella": "bella",
    "frances": "fanny",
    "dorothy": "dolly",
    "matilda": "tilly",
    "rebecca": "becky",
    "john": "jack",
    "william": "bill",
    "thomas": "tom",
    "james": "jim",
    "joseph": "joe",
    "henry": "harry",
    "robert": "bob",
    "charles": "charlie",
    "edward": "ned",
    "samuel": "sam",
    "richard": "dick",
    "daniel": "dan",
    "benjamin": "ben",
    "alexander": "sandy",
    "frederick": "fred",
    "matthew": "matt",
    "michael": "mick",
}
HEARD = (
    ("ph", "f"),
    ("ck", "k"),
    ("th", "t"),
    ("ey", "y"),
    ("ee", "ea"),
    ("c", "k"),
    ("s", "z"),
    ("y", "ie"),
    ("ll", "l"),
    ("nn", "n"),
    ("ou", "ow"),
    ("ai", "ay"),
)
WORK = (
    "labourer",
    "farmer",
    "weaver",
    "servant",
    "miner",
    "carpenter",
    "smith",
    "tailor",
    "shoemaker",
    "mason",
    "baker",
    "dressmaker",
    "spinner",
    "carter",
    "clerk",
    "grocer",
    "butcher",
    "sailor",
    "teacher",
)


def censuses(person_count: int, seed: int) -> pd.DataFrame:
    """record, person, census and the fields, one row per person and census; four of five are in both."""
    draw = np.random.default_rng(seed)
    first = _persons(draw, person_count)
    later = first[draw.random(person_count) < 0.8].reset_index(drop=True)
    others = _persons(draw, person_count - len(later)).assign(
        person=[f"n{i}" for i in range(person_count - len(later))]
    )
    later = pd.concat([_ten_years_on(draw, later), others], ignore_index=True)
    rows = pd.concat([_as_written(draw, first, "c1"), _as_written(draw, later, "c2")], ignore_index=True)
    rows = rows.iloc[draw.permutation(len(rows))].reset_index(drop=True)
    return rows.assign(record=[f"h{i:07}" for i in range(len(rows))])


def _persons(draw: np.random.Generator, count: int) -> pd.DataFrame:
    sex = np.where(draw.random(count) < 0.5, "f", "m").astype(object)
    given = np.where(
        sex == "f",
        skewed(draw, np.array(GIVEN["f"], object), count, 0.8),
        skewed(draw, np.array(GIVEN["m"], object), count, 0.8),
    )
    places = np.random.default_rng(5)  # both censuses are of one county
    families, parishes = words(places, 400, 3), words(places, 60, 3)
    return pd.DataFrame(
        {
            "person": [f"p{i}" for i in range(count)],
            "sex": sex,
            "given_name": given,
            "surname": skewed(draw, families, count, 0.7),
            "birth_year": draw.integers(1780, 1850, count),
            "birthplace": skewed(draw, parishes, count, 0.7),
            "parish": skewed(draw, parishes, count, 0.5),
            "occupation": skewed(draw, np.array(WORK, object), count, 0.6),
        }
    )


def _ten_years_on(draw: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    rows, count = rows.copy(), len(rows)
    changes: dict[str, Any] = {
        "surname": (draw.random(count) < 0.15) & (rows["sex"] == "f"),  # married
        "parish": draw.random(count) < 0.3,
        "occupation": draw.random(count) < 0.4,
    }
    for name, changed in changes.items():
        rows.loc[changed, name] = draw.permutation(rows[name].to_numpy())[: int(np.sum(changed))]
    return rows


def _as_written(draw: np.random.Generator, rows: pd.DataFrame, census: str) -> pd.DataFrame:
    rows, count = rows.copy(), len(rows)
    called = (draw.random(count) < 0.2) & rows["given_name"].isin(SHORT)
    rows.loc[called, "given_name"] = rows.loc[called, "given_name"].map(SHORT)
    initial = draw.random(count) < 0.05
    rows.loc[initial, "given_name"] = rows.loc[initial, "given_name"].str[:1]
    for name in ("surname", "birthplace", "parish"):
        heard = draw.random(count) < 0.15
        rows.loc[heard, name] = _heard(draw, rows.loc[heard, name].to_numpy())
    for name in ("given_name", "surname"):
        slipped = draw.random(count) < 0.05
        rows.loc[slipped, name] = slips(draw, rows.loc[slipped, name].to_numpy())
    age_off = draw.choice([0, 0, 0, 0, 0, 1, -1, 1, -1, 2, -2], count)
    rounded = draw.random(count) < 0.08
    year = rows["birth_year"].to_numpy() + age_off
    rows["birth_year"] = np.where(rounded, (year + 2) // 5 * 5, year).astype(str).astype(object)
    for name in ("given_name", "birth_year", "birthplace", "parish", "occupation"):
        rows.loc[draw.random(count) < 0.05, name] = None
    return rows.assign(census=census)


def _heard(draw: np.random.Generator, values: Texts) -> Texts:
    """One sound each in another spelling, where there is one."""
    return np.array([_spelled(value, draw.permutation(len(HEARD))) for value in values], dtype=object)


def _spelled(value: str, order: Any) -> str:
    return next((value.replace(*HEARD[i], 1) for i in order if HEARD[i][0] in value), value + "e")
