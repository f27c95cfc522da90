"""What an item is: products put together at a level of the hierarchy, without those that nobody may be offered.

A forbidden product is no candidate, no reason and no evidence: its lines are not looked at, so that nothing that is
said to a customer was learned from them.
"""

import re
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from jobs.gold.product_levels.levels import PRODUCT_LEVEL, is_one_of, item_sql
from jobs.gold.settings.recommendations import Catalogue
from lakehouse.errors import LakehouseError
from lakehouse.lake.lake import Lake
from lakehouse.sql.query import Made, Query

WORDS = re.compile(r"[a-z0-9 &/+-]+")
TEXT = "lower(concat_ws(' ', p.department, p.product_category, p.product_type, p.product_name))"


@dataclass(frozen=True)
class Items:
    """The items by number, in order of key; `products` has product_id and the numbers of product and item."""

    level: str
    keys: list[str]
    names: list[str]
    categories: list[str]
    departments: list[str]
    products: pa.Table

    def taken(self, numbers: np.ndarray) -> "Items":
        """Only these items, renumbered; `products` keeps the old numbers."""
        keys, names, categories, departments = (
            [values[number] for number in numbers]
            for values in (self.keys, self.names, self.categories, self.departments)
        )
        return replace(self, keys=keys, names=names, categories=categories, departments=departments)


def items(lake: Lake, wanted: Catalogue) -> Items:
    """The items of the products that may be recommended; by product_id where no product says what it is at the level.

    Raises:
        LakehouseError: a forbidden word has other signs than letters, digits, blanks and & / + -.
    """
    products = lake.fetch(products_query(wanted.level, wanted))
    if products.num_rows or wanted.level == PRODUCT_LEVEL:
        return numbered(products, wanted.level)
    return numbered(lake.fetch(products_query(PRODUCT_LEVEL, wanted)), PRODUCT_LEVEL)


def products_query(level: str, wanted: Catalogue) -> Query:
    """The products that may be recommended."""
    tables = {"products": "silver.products"}
    sold = {"order_lines": "silver.order_lines"} if level == PRODUCT_LEVEL else {}
    columns = "product_id STRING, item STRING, name STRING, category STRING, department STRING"
    return Query(products_sql(level, wanted), {**tables, **sold}, answers=columns)


def made_items() -> Made:
    """The `products` of Items, for a check."""
    names = tuple(f"silver.products.{name}" for name in ("product_category", "product_type", "product_id"))
    own = ("silver.products.product_id",)
    columns = {"product_id": "STRING", "item": "INT", "product": "INT"}
    return Made(columns, {"product_id": own, "item": names, "product": own})


def products_sql(level: str, wanted: Catalogue) -> str:
    """product_id, item, name, category, department of what may be recommended, as a query for both engines.

    A type's name alone says little ("MAINSTREAM"): a type is an item within its category. Every product that was
    sold is known by its number, with or without a row in {products}.
    """
    if level == PRODUCT_LEVEL:
        known = """SELECT DISTINCT product_id FROM {order_lines} WHERE product_id IS NOT NULL"""
        name = "coalesce(p.product_name, p.product_type, p.product_category, k.product_id)"
        source = f"FROM ({known}) k LEFT JOIN {{products}} p ON k.product_id = p.product_id"
        product, item = "k.product_id", "k.product_id"
    else:
        source, product = "FROM {products} p", "p.product_id"
        name = item_sql(level)
        item = name if level == "product_category" else f"concat(coalesce(p.product_category, ''), ' / ', {name})"
    return f"""
    SELECT {product} AS product_id, {item} AS item, {name} AS name,
           coalesce(p.product_category, '') AS category, coalesce(p.department, '') AS department
    {source} WHERE {name} IS NOT NULL AND NOT {begins_a_word(TEXT, wanted.forbidden_words)}
      AND NOT {is_one_of(("p.department", "p.product_category", "p.product_type", product), wanted.excluded_items)}"""


def begins_a_word(text: str, words: tuple[str, ...]) -> str:
    """A condition: one of these words begins a word of the text, which is in small letters."""
    odd = [word for word in words if not WORDS.fullmatch(word)]
    if odd:
        raise LakehouseError(
            f"the forbidden word '{odd[0]}' cannot be looked for",
            "recommendations.yaml",
            "use small letters, digits, blanks and & / + -",
        )
    either = "|".join(word.replace("+", "[+]") for word in words)
    return f"coalesce({text} RLIKE '(^|[^a-z])({either})', false)" if words else "false"


def numbered(products: pa.Table, level: str) -> Items:
    """Items in order of key; an item's name, category and department are those of its first product."""
    ordered = products.sort_by([("item", "ascending"), ("product_id", "ascending")])
    codes = pc.dictionary_encode(ordered["item"]).combine_chunks()
    numbers = codes.indices.to_numpy(zero_copy_only=False) if len(codes) else np.empty(0, np.int32)
    first = np.unique(numbers, return_index=True)[1]
    heads = ordered.take(pa.array(first, pa.int64()))
    keys, names, categories, departments = (
        heads[name].to_pylist() for name in ("item", "name", "category", "department")
    )
    return Items(
        level,
        keys,
        names,
        categories,
        departments,
        pa.table(
            {
                "product_id": ordered["product_id"],
                "item": pa.array(numbers, pa.int32()),
                "product": pa.array(range(len(ordered)), pa.int32()),
            }
        ),
    )


def normalised(name: str) -> str:
    """Names in capitals alone in small letters."""
    return name.lower() if name.isupper() else name
