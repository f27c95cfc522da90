"""A small Spark and Delta program that loads the classes a night loads; set-up archives them (AppCDS).

Arguments: a folder to work in, removed at the end.
"""

import shutil
import sys
from pathlib import Path

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F


def main(folder: Path) -> None:
    """Read text, type, window, join, aggregate, write, append, merge and read back."""
    spark = SparkSession.builder.appName("warm up").getOrCreate()
    try:
        lines = _lines(spark, folder)
        orders = _typed(lines)
        _tables(spark, orders, str(folder / "orders"))
    finally:
        spark.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _lines(spark: SparkSession, folder: Path) -> DataFrame:
    folder.mkdir(parents=True, exist_ok=True)
    rows = "\n".join(f"{n},c{n % 7},2018-01-0{1 + n % 9} 10:00:00,{n}.50" for n in range(200))
    (folder / "lines.csv").write_text("order_id,customer,stamp,amount\n" + rows)
    schema = "order_id STRING, customer STRING, stamp STRING, amount STRING"
    return spark.read.csv(str(folder / "lines.csv"), header=True, schema=schema, mode="PERMISSIVE")


def _typed(lines: DataFrame) -> DataFrame:
    latest = Window.partitionBy("order_id").orderBy(F.desc("stamp"))
    return (
        lines.withColumn("ordered_at", F.expr("try_to_timestamp(stamp)"))
        .withColumn("cents", F.expr("cast(try_cast(amount AS DECIMAL(18,2)) * 100 AS BIGINT)"))
        .withColumn("rank", F.row_number().over(latest))
        .where("rank = 1")
        .withColumn("hash", F.xxhash64("customer", "order_id"))
        .withColumn(
            "flags", F.filter(F.array(F.when(F.col("cents") > 9000, F.lit("high"))), lambda flag: flag.isNotNull())
        )
        .drop("rank", "stamp", "amount")
    )


def _tables(spark: SparkSession, orders: DataFrame, path: str) -> None:
    orders.write.format("delta").save(path)
    orders.limit(5).write.format("delta").mode("append").save(path)
    orders.createOrReplaceTempView("batch")
    spark.sql(
        f"MERGE INTO delta.`{path}` AS t USING (SELECT * FROM batch WHERE cents < 500) AS s ON t.order_id = s.order_id "
        "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    )
    read = spark.read.format("delta").load(path)
    days = read.groupBy("customer", F.to_date("ordered_at").alias("day")).agg(
        F.sum("cents").alias("cents"), F.count("*").alias("n")
    )
    days.join(F.broadcast(read.select("customer").distinct()), "customer").orderBy("customer").toPandas()
    spark.createDataFrame(days.toPandas()).agg(F.max("cents"), F.stddev("n"), F.count_if(F.col("n") > 1)).collect()
    spark.sql(f"DESCRIBE HISTORY delta.`{path}`").collect()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
