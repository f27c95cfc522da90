"""Lists of two shops or two bibliographies, made up, known truth: names in each one's own words.

What makes them hard: siblings that differ in a number, size or colour alone; model numbers cut in two; units written in
several ways; brands left out; words in another order; prices that differ by some per cent; slips; unequal lists.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.people import skewed, words

UNITS = {
    "ml": ("ml", "millilitre", "ML"),
    "g": ("g", "gram", "gr"),
    "gb": ("gb", "GB", "gigabyte"),
    "in": ('"', "in", "inch"),
}
COLOURS = {"black": "blk", "white": "wht", "silver": "slv", "red": "red", "blue": "blu", "grey": "gray"}
TALK = ("new", "free delivery", "best seller", "official", "2 year warranty", "original", "sale", "retail box")


@dataclass(frozen=True)
class Kind:
    """How products of a kind look: shares 0 to 1.

    siblings: products of one series; model: how often a product has a model number, and how often it is shown;
    overlap: of the shorter list's products that the other has, too; longer: how many times the shorter list.
    """

    siblings: int
    model: float
    shown: float
    overlap: float
    longer: float
    descriptions: float


KINDS = {
    "electronics": Kind(3, 0.9, 0.8, 0.7, 1.1, 0.7),
    "groceries": Kind(4, 0.0, 0.9, 0.6, 1.5, 0.3),
    "software": Kind(4, 0.3, 0.7, 0.8, 2.5, 0.6),
    "tools": Kind(6, 0.8, 0.6, 0.4, 4.0, 0.9),
    "apart": Kind(3, 0.8, 0.8, 0.0, 1.2, 0.6),
}


def shop_lists(kind: str, count: int, seed: int) -> pd.DataFrame:
    """record, product, shop, name, brand, price, description: one row per product and shop, in no order.

    Args:
        count: products of the shorter list.
    """
    draw, how = np.random.default_rng(seed), KINDS[kind]
    both = int(count * how.overlap)
    total = count + int(count * how.longer) - both
    rows = _products(draw, how, total)
    rows = rows.iloc[draw.permutation(total)]
    shops = [rows.iloc[:count], rows.iloc[count - both :]]
    offered = pd.concat([_offered(draw, how, shop, i) for i, shop in enumerate(shops)], ignore_index=True)
    offered = offered.iloc[draw.permutation(len(offered))].reset_index(drop=True)
    return offered.assign(record=[f"s{i:06}" for i in range(len(offered))])


def _products(draw: np.random.Generator, how: Kind, total: int) -> pd.DataFrame:
    series = np.sort(draw.integers(0, max(total // how.siblings, 1), total))
    lines = int(series.max()) + 1
    nouns, names, features = words(draw, 60, 3), words(draw, 3000, 3), words(draw, 500, 3)
    letters = np.array([a[:2].upper() for a in names[draw.integers(0, len(names), lines)]], object)
    number = draw.integers(100, 9000, lines)[series] + draw.integers(0, 9, total) * draw.choice([1, 10, 100], total)
    model = np.array([f"{a}-{n}" for a, n in zip(letters[series], number, strict=True)], object)
    has_model = (draw.random(lines) < how.model)[series]
    amount = draw.choice([2, 4, 8, 15, 17, 50, 100, 250, 500, 750], total)
    return pd.DataFrame(
        {
            "product": [f"p{i}" for i in range(total)],
            "brand": skewed(draw, words(draw, max(lines // 12, 5), 3), lines, 0.8)[series],
            "line": names[draw.integers(0, len(names), lines)][series],
            "noun": skewed(draw, nouns, lines, 0.8)[series],
            "model": np.where(has_model, model, ""),
            "colour": draw.choice(np.array(list(COLOURS), object), total),
            "amount": amount,
            "unit": draw.choice(np.array(list(UNITS), object), lines)[series],
            "facts": [features[f] for f in draw.integers(0, len(features), (lines, 8))[series]],
            "price": np.exp(draw.normal(3.5, 1.1, lines))[series] * draw.uniform(0.7, 1.5, total),
        }
    )


def _offered(draw: np.random.Generator, how: Kind, rows: pd.DataFrame, shop: int) -> pd.DataFrame:
    made = []
    row: Any
    for row in rows.itertuples():
        unit = str(draw.choice(UNITS[row.unit]))
        model = str(draw.choice([row.model, row.model.replace("-", ""), row.model.replace("-", " ")]))
        colour = COLOURS[row.colour] if draw.random() < 0.2 else row.colour
        parts = {
            "brand": (row.brand, 0.85 if shop else 0.7),
            "line": (_slip(draw, row.line), 0.95),
            "model": (model, how.shown),
            "noun": (row.noun, 0.85),
            "amount": (f"{row.amount}{'' if draw.random() < 0.5 else ' '}{unit}", how.shown),
            "colour": (colour, 0.6),
        }
        shown = [text for text, share in parts.values() if text and draw.random() < share]
        if draw.random() < 0.3:
            shown = list(draw.permutation(np.array(shown, object)))
        talk = [str(draw.choice(TALK))] if draw.random() < 0.3 else []
        facts = [f for f in row.facts if draw.random() < 0.5]
        described = " ".join(draw.permutation(np.array([*facts, row.noun, colour, *shown[:2]], object)))
        price = row.price * (1 if draw.random() < 0.3 else draw.uniform(0.88, 1.12))
        made.append(
            {
                "product": row.product,
                "shop": f"shop{shop}",
                "name": " ".join([*shown, *talk]) or row.line,
                "brand": row.brand if draw.random() < 0.6 else None,
                "price": f"{price:.2f}" if draw.random() < 0.85 else None,
                "description": described if draw.random() < how.descriptions else None,
            }
        )
    return pd.DataFrame(made)


def _slip(draw: np.random.Generator, text: str) -> str:
    if draw.random() > 0.1 or len(text) < 4:
        return text
    at = int(draw.integers(1, len(text) - 1))
    return text[:at] + text[at + 1 :]


def bibliographies(count: int, seed: int) -> pd.DataFrame:
    """record, product, shop, title, authors, venue, year: the second list cuts titles and first names."""
    draw = np.random.default_rng(seed)
    vocabulary, families, venues = words(draw, 900, 3), words(draw, 700, 3), words(draw, 12, 3)
    made = []
    for i in range(count):
        title = list(skewed(draw, vocabulary, int(draw.integers(4, 11)), 0.7))
        people = [(chr(97 + int(draw.integers(0, 26))), str(draw.choice(families))) for _ in range(draw.integers(1, 5))]
        venue, year = str(draw.choice(venues)), int(draw.integers(1985, 2012))
        where = draw.choice(3, p=[0.4, 0.25, 0.35])
        for side in [0, 1] if where == 0 else [int(where) - 1]:
            cut = title if not side or draw.random() < 0.6 else title[: max(3, int(len(title) * draw.uniform(0.5, 1)))]
            names = [f"{a} {_slip(draw, b)}" for a, b in (people if draw.random() < 0.7 else people[:1])]
            made.append(
                {
                    "product": f"p{i}",
                    "shop": f"shop{side}",
                    "title": " ".join(_slip(draw, word) for word in cut),
                    "authors": ", ".join(names),
                    "venue": None if side and draw.random() < 0.4 else venue if not side else venue[:4],
                    "year": str(year) if draw.random() < (0.5 if side else 1.0) else None,
                }
            )
    rows = pd.DataFrame(made)
    rows = rows.iloc[draw.permutation(len(rows))].reset_index(drop=True)
    return rows.assign(record=[f"b{i:06}" for i in range(len(rows))])
