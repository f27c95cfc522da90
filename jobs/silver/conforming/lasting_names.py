"""Names that lines of sales tell, of a product or a customer: what most lines of all deliveries say, and lasts.

A row keeps how many lines said which name (`name_counts`, JSON). A list that has one line for each thing says its name
itself: it has no counts, and the newest list's name stands.
"""

from pyspark.sql import Column, DataFrame, Window
from pyspark.sql import functions as F

NAMES = {"silver.products": ("product_name",), "silver.customers": ("full_name", "given_name", "surname")}
COUNTS = "MAP<STRING, BIGINT>"
MOST_NAMES = 20  # of one thing that are kept; rarer ones are slips


def told_name(parts: dict[str, Column]) -> Column:
    """A line's name as one text: the name itself, or its parts as JSON; NULL where the line says none."""
    if len(parts) == 1 and "product_name" in parts:
        return next(iter(parts.values()))
    said = F.coalesce(*parts.values()).isNotNull()
    return F.when(said, F.to_json(F.struct(*[part.alias(name) for name, part in parts.items()])))


def counts(name: Column) -> Column:
    """How many of a group's lines say which name, as JSON: an aggregate."""
    names = F.collect_list(name)
    entries = F.transform(
        F.array_distinct(names), lambda one: F.struct(one, F.size(F.filter(names, lambda other: other == one)))
    )
    return F.to_json(F.map_from_entries(entries))


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
    with_names = units.withColumn("_said", every).withColumn("_names", F.array_distinct(F.col("_said.key")))
    sums = F.transform("_names", lambda name: F.struct(_lines_of(name).alias("lines"), name.alias("name")))
    first = F.sort_array(F.transform(sums, lambda s: F.struct((-s["lines"]).alias("less"), s["name"].alias("name"))))
    best = with_names.withColumn("_best", first)
    is_new = is_candidate & ~F.col("_is_stored") & F.col("name_counts").isNotNull() & (F.size("_best") > 0)
    kept = F.transform(F.slice("_best", 1, MOST_NAMES), lambda s: F.struct(s["name"], -s["less"]))
    chosen = _parts(F.col("_best")[0]["name"], NAMES[table])
    names = {name: F.when(is_new, part).otherwise(F.col(name)) for name, part in chosen.items()}
    summed = F.when(is_new, F.to_json(F.map_from_entries(kept))).otherwise(F.col("name_counts"))
    return best.withColumns(names | {"name_counts": summed}).drop("_said", "_names", "_best")


def _parts(name: Column, columns: tuple[str, ...]) -> dict[str, Column]:
    """A told name's columns."""
    if len(columns) == 1:
        return {columns[0]: name}
    read = F.from_json(name, ", ".join(f"{column} STRING" for column in columns))
    return {column: read[column] for column in columns}


def _lines_of(name: Column) -> Column:
    """How many lines of all deliveries say a name."""
    same = F.filter("_said", lambda entry: entry["key"] == name)
    return F.aggregate(same, F.lit(0).cast("bigint"), lambda total, entry: total + entry["value"])
