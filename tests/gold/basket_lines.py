"""Order lines for tests, on a small lake or at hand: one basket per text, one product per word."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from jobs.gold.baskets.basket_items import Baskets
from jobs.gold.settings.basket_rules import Settings
from lakehouse.config.layers import Conf

DAY = date(2017, 10, 1)


def settings(**changed: Any) -> Settings:
    """The packaged settings, some of them changed."""
    return Conf().settings("basket_rules", Settings).replace(**changed)


def baskets_at_hand(baskets: Sequence[str], days: Sequence[int] | None = None) -> Baskets:
    """One basket per text, one item per letter."""
    names = sorted(set("".join(baskets)))
    lines = [(number, names.index(item)) for number, basket in enumerate(baskets) for item in basket]
    basket_of, item_of = np.array(lines, dtype=np.int64).reshape(-1, 2).T
    return Baskets(basket_of, item_of, np.array(days or [0] * len(baskets), dtype=np.int64), names)


def publish_lines(spark, lake, baskets: list[str], day: date = DAY, first: int = 0, mode: str = "merge") -> None:
    """Order lines of one product each; everything else that the contract asks for is filled in."""
    split = [enumerate(basket.split()) for basket in baskets]
    rows = [(f"pos:{first + number}", *line) for number, basket in enumerate(split) for line in basket]
    lines = spark.createDataFrame(rows, "order_id STRING, line_number INT, product_id STRING").selectExpr(
        "*",
        "concat('pos:', order_id) AS account_id",
        "'pos' AS channel",
        "'s1' AS store_id",
        f"date'{day}' AS order_date",
        "1BD AS quantity",
        "100L AS sales_cents",
        "0L AS discount_cents",
        "0L AS coupon_cents",
        "array() AS quality_flags",
        "'pos_sales' AS _export",
        "'f' AS _source_file",
        "1L AS _source_line",
        f"date'{day}' AS _run_date",
    )
    lake.publish("silver.order_lines", lines, day, mode=mode)
