"""Names that lines of sales tell, of a product or a customer: what most lines of all deliveries say, and lasts.

A row keeps how many lines said which name (`name_counts`, JSON). A list that has one line for each thing says its name
itself: it has no counts, and the newest list's name stands.

One number may be everyone's ("walk-in", 0), with as many names as lines: names are sorted and counted in runs, so that
the work grows with the lines and not with their square.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

NAMES = {"silver.products": ("product_name",), "silver.customers": ("full_name", "given_name", "surname")}
COUNTS = "MAP<STRING, BIGINT>"
ENTRIES = "ARRAY<STRUCT<name: STRING, lines: BIGINT>>"
MOST_NAMES = 20  # of one thing that are kept; rarer ones are slips


def told_name(parts: dict[str, Column]) -> Column:
    """A line's name as one text: the name itself, or its parts as JSON; NULL where the line says none."""
    if len(parts) == 1 and "product_name" in parts:
        return next(iter(parts.values()))
    said = F.coalesce(*parts.values()).isNotNull()
    return F.when(said, F.to_json(F.struct(*[part.alias(name) for name, part in parts.items()])))


def collected(name: Column, lines: Column) -> Column:
    """All that a group says of a name, as ENTRIES: an aggregate; `summed` makes one entry a name of it."""
    return F.collect_list(F.when(name.isNotNull(), F.struct(name.alias("name"), lines.alias("lines"))))


def summed(rows: DataFrame, column: str) -> DataFrame:
    """Make one entry a name of ENTRIES, in the alphabet's order, with the sum of its lines.

    Each step is a column of its own: what stands inside a lambda is worked out again for each element.
    """
    count, place = F.size("_sorted"), F.size("_starts")
    others = F.sequence(F.lit(1), count - 1)
    is_start = F.filter(others, lambda i: F.get("_sorted", i)["name"] != F.get("_sorted", i - 1)["name"])
    first = F.array(F.lit(0))
    starts = (
        F.when(count == 0, F.array().cast("array<int>")).when(count == 1, first).otherwise(F.concat(first, is_start))
    )

    def entry(start: Column, number: Column) -> Column:
        end = F.coalesce(F.get("_starts", number + 1), count)
        lines = F.transform(F.slice("_sorted", start + 1, end - start), lambda one: one["lines"])
        total = F.aggregate(lines, F.lit(0).cast("bigint"), lambda sum_, one: sum_ + one)
        return F.struct(F.get("_sorted", start)["name"].alias("name"), total.alias("lines"))

    made = rows.withColumn("_sorted", F.sort_array(F.col(column).cast(ENTRIES))).withColumn("_starts", starts)
    entries = F.when(place > 0, F.transform("_starts", entry)).otherwise(F.array().cast(ENTRIES))
    return made.withColumn(column, entries).drop("_sorted", "_starts")


def most_first(entries: str) -> Column:
    """Entries with the name that most lines say first, of two the one that is first in the alphabet."""
    turned = F.transform(entries, lambda one: F.struct((-one["lines"]).alias("less"), one["name"].alias("name")))
    return F.sort_array(turned)


def named(units: DataFrame, columns: tuple[str, ...]) -> DataFrame:
    """Fill the columns of a name with what most of a unit's lines say, and `name_counts` as JSON.

    Args:
        units: `name_counts` as `collected` gives it.
    """
    made = summed(units, "name_counts").withColumn("_best", most_first("name_counts"))
    chosen = _parts(F.get("_best", F.lit(0))["name"], columns)
    counts = F.to_json(F.map_from_entries("name_counts"))
    return made.withColumns(chosen | {"name_counts": counts}).drop("_best")


def with_lasting_name(units: DataFrame, table: str, key: str) -> DataFrame:
    """Sum what lines of all deliveries said of a name, and take the name that most of them say.

    Args:
        units: new ones beside the stored rows of the same things; `name_counts` is JSON, name -> lines.
        table: whose columns of names are filled.
        key: the column that tells its things apart.
    """
    is_candidate = F.col("_discard").isNull() & (F.size("_reasons") == 0)
    alone = F.when(~is_candidate, F.xxhash64("_source_file", "_source_line"))
    said = F.from_json(F.when(is_candidate, F.col("name_counts")), COUNTS)
    every = F.flatten(F.collect_list(F.map_entries(said)).over(Window.partitionBy(key, alone)))
    best = summed(units.withColumn("_said", every), "_said").withColumn("_best", most_first("_said"))
    is_new = is_candidate & ~F.col("_is_stored") & F.col("name_counts").isNotNull() & (F.size("_best") > 0)
    kept = F.transform(F.slice("_best", 1, MOST_NAMES), lambda s: F.struct(s["name"], -s["less"]))
    chosen = _parts(F.get("_best", F.lit(0))["name"], NAMES[table])
    names = {name: F.when(is_new, part).otherwise(F.col(name)) for name, part in chosen.items()}
    whole = F.when(is_new, F.to_json(F.map_from_entries(kept))).otherwise(F.col("name_counts"))
    return best.withColumns(names | {"name_counts": whole}).drop("_said", "_best")


def _parts(name: Column, columns: tuple[str, ...]) -> dict[str, Column]:
    """A told name's columns."""
    if columns == ("product_name",):
        return {columns[0]: name}
    read = F.from_json(name, ", ".join(f"{column} STRING" for column in columns))
    return {column: read[column] for column in columns}
