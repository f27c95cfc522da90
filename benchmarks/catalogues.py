"""Catalogues of two shops, made up, known truth: name, brand, price and description in each shop's own words.

What makes products hard: siblings that differ in a model number, a size or a colour alone; brands left out or put into
the name; model numbers cut in two; prices of their own; descriptions that say other things.
"""

import numpy as np
import pandas as pd

from benchmarks.people import Texts, skewed, words

KINDS = (
    "camera",
    "headphones",
    "printer",
    "monitor",
    "keyboard",
    "vacuum cleaner",
    "blender",
    "kettle",
    "drill",
    "router",
    "speaker",
    "microwave",
    "fridge",
    "lamp",
    "tablet",
    "phone case",
    "charger",
    "projector",
)
COLOURS = ("black", "white", "silver", "red", "blue", "grey")
SIZES = ("small", "medium", "large", "15 inch", "17 inch", "19 inch", "2 pack", "4 pack", "8 gb", "16 gb")
TALK = ("new", "with free delivery", "best seller", "in stock", "official", "2 year warranty", "original", "sale")


def catalogues(product_count: int, seed: int) -> pd.DataFrame:
    """record, product, shop and the fields, one row per product and shop; half of the products are in both."""
    draw = np.random.default_rng(seed)
    products = _products(draw, product_count)
    both = draw.random(len(products))
    shops = [products[both < 0.75], products[both >= 0.25]]
    rows = pd.concat([_as_offered(draw, shop.reset_index(drop=True), i) for i, shop in enumerate(shops)])
    rows = rows.iloc[draw.permutation(len(rows))].reset_index(drop=True)
    return rows.assign(record=[f"g{i:07}" for i in range(len(rows))])


def _products(draw: np.random.Generator, count: int) -> pd.DataFrame:
    """Families of one to six siblings: the same brand, kind and series; another number, size or colour."""
    series = np.sort(draw.integers(0, count // 3, count))
    total = int(series.max()) + 1
    brands, names, features = words(draw, 120, 2), words(draw, 2000, 3), words(draw, 400, 3)
    brand, kind = skewed(draw, brands, total, 0.8), draw.choice(np.array(KINDS, object), total)
    letters = np.array([c.upper() for c in names[draw.integers(0, len(names), total)]], object)
    number = draw.integers(10, 999, total)[series] + draw.integers(0, 8, count) * draw.choice([1, 5, 10, 50], count)
    facts = draw.choice(features, size=(total, 6))
    price = np.round(np.exp(draw.normal(4.2, 1.0, total))[series] * draw.uniform(0.8, 1.4, count), 2)
    return pd.DataFrame(
        {
            "product": [f"p{i}" for i in range(count)],
            "brand": brand[series],
            "kind": kind[series],
            "model": [f"{a[:3]}-{n}" for a, n in zip(letters[series], number, strict=True)],
            "colour": draw.choice(np.array(COLOURS, object), count),
            "size": draw.choice(np.array(SIZES, object), count),
            "facts": [list(facts[i]) for i in series],
            "price": price,
        }
    ).drop_duplicates(["brand", "kind", "model", "colour", "size"])


def _as_offered(draw: np.random.Generator, rows: pd.DataFrame, shop: int) -> pd.DataFrame:
    count = len(rows)
    model = rows["model"].to_numpy(object)
    cut = draw.random(count)
    model = np.where(
        cut < 0.3, [m.replace("-", "") for m in model], np.where(cut < 0.5, [m.replace("-", " ") for m in model], model)
    )
    shares = {"brand": 0.8, "model": 0.9, "kind": 0.9, "colour": 0.7, "size": 0.6}
    parts = {**{name: rows[name].to_numpy(object) for name in shares}, "model": model}
    shown = {name: np.where(draw.random(count) < share, parts[name], "") for name, share in shares.items()}
    order = ("brand", "model", "kind", "colour", "size") if shop else ("brand", "kind", "model", "size", "colour")
    talk = np.where(draw.random(count) < 0.3, draw.choice(np.array(TALK, object), count), "")
    names = [" ".join(" ".join(shown[name][i] for name in order).split() + talk[i].split()) for i in range(count)]
    return pd.DataFrame(
        {
            "product": rows["product"],
            "shop": f"shop{shop}",
            "name": names,
            "brand": np.where(draw.random(count) < 0.6, rows["brand"], None),
            "price": np.where(draw.random(count) < 0.9, _prices(draw, rows["price"].to_numpy()), None),
            "description": _descriptions(draw, rows),
        }
    )


def _prices(draw: np.random.Generator, prices: np.ndarray) -> Texts:
    same = draw.random(len(prices)) < 0.3
    own = np.where(same, prices, prices * draw.uniform(0.85, 1.15, len(prices)))
    return np.array([f"{price:.2f}" for price in own], dtype=object)


def _descriptions(draw: np.random.Generator, rows: pd.DataFrame) -> Texts:
    made: list[str | None] = []
    for facts, kind, colour, size in zip(rows["facts"], rows["kind"], rows["colour"], rows["size"], strict=True):
        chosen = [fact for fact in facts if draw.random() < 0.6]
        own = [*chosen, kind, *([colour] if draw.random() < 0.5 else []), *([size] if draw.random() < 0.5 else [])]
        made.append(" ".join(draw.permutation(np.array(own, object))) if draw.random() < 0.8 else None)
    return np.array(made, dtype=object)
