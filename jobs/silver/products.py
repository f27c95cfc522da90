"""Silver: one row per product, newest version; of a product known from lines of sales, the name that most lines say.

Reads   bronze.* (the exports with target silver.products)
Writes  silver.products, quarantine.products
"""

from datetime import date

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

from jobs.silver.conforming.conform import Rules, conform
from lakehouse.config.layers import Profile
from lakehouse.lake.lake import Lake

READS = ("bronze.*",)
READS_PREVIOUS = ("silver.products",)
WRITES = ("silver.products", "quarantine.products")


def run(lake: Lake, run_date: date, _profile: Profile) -> None:
    """Conform what arrived and publish it."""
    conform(lake, run_date, "silver.products", RULES)


def product_flags() -> dict[str, Column]:
    """Attributes that rules, profiles and reports miss."""
    return {f"{name}_missing": F.col(name).isNull() for name in ("package_size", "product_category", "product_type")}


COUNTS = "MAP<STRING, BIGINT>"


def with_lasting_name(units: DataFrame) -> DataFrame:
    """Sum what lines of all deliveries said of a product's name, and take the name that most of them say.

    Args:
        units: new ones beside the stored rows of the same products; `name_counts` is JSON, name -> lines.
    """
    is_candidate = F.col("_discard").isNull() & (F.size("_reasons") == 0)
    alone = F.when(~is_candidate, F.xxhash64("_source_file", "_source_line"))
    said = F.from_json(F.when(is_candidate, F.col("name_counts")), COUNTS)
    every = F.flatten(F.collect_list(F.map_entries(said)).over(Window.partitionBy("product_id", alone)))
    with_names = units.withColumn("_said", every).withColumn("_names", F.array_distinct(F.col("_said.key")))
    sums = F.transform("_names", lambda name: F.struct(_lines_of(name).alias("lines"), name.alias("name")))
    first = F.sort_array(F.transform(sums, lambda s: F.struct((-s["lines"]).alias("less"), s["name"].alias("name"))))
    best = with_names.withColumn("_best", first)
    is_new = is_candidate & ~F.col("_is_stored") & F.col("name_counts").isNotNull() & (F.size("_best") > 0)
    kept = F.transform(F.slice("_best", 1, MOST_NAMES), lambda s: F.struct(s["name"], -s["less"]))
    return best.withColumns(
        {
            "product_name": F.when(is_new, F.col("_best")[0]["name"]).otherwise(F.col("product_name")),
            "name_counts": F.when(is_new, F.to_json(F.map_from_entries(kept))).otherwise(F.col("name_counts")),
        }
    ).drop("_said", "_names", "_best")


def _lines_of(name: Column) -> Column:
    """How many lines of all deliveries say a name."""
    same = F.filter("_said", lambda entry: entry["key"] == name)
    return F.aggregate(same, F.lit(0).cast("bigint"), lambda total, entry: total + entry["value"])


MOST_NAMES = 20  # of one product that are kept; rarer ones are slips
RULES = Rules(flags=product_flags, apart=with_lasting_name)


def with_product_known(rows: DataFrame, products: DataFrame) -> DataFrame:
    """Add `_is_product_known`: NULL (not judged) while there are no products, or where the row names none."""
    if products.isEmpty():
        return rows.withColumn("_is_product_known", F.lit(None).cast("boolean"))
    ids = products.select("product_id", F.lit(True).alias("_is_product"))
    joined = rows.join(ids, "product_id", "left")
    known = F.when(F.col("product_id").isNotNull(), F.coalesce("_is_product", F.lit(False)))
    return joined.withColumn("_is_product_known", known).drop("_is_product")
