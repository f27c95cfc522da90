"""Contracts (Open Data Contract Standard 3.1): a table is declared once, and everything else is made from that."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pyspark.sql import types as t
from pyspark.sql.types import DataType, StructField, StructType

from lakehouse.config.documents import Document, document_of
from lakehouse.config.layers import Conf
from lakehouse.contracts.bronze_names import SPECIAL
from lakehouse.errors import ConfigError


@dataclass(frozen=True)
class Column:
    """One column as the contract declares it; `type` is a Spark SQL type."""

    name: str
    type: str
    description: str
    required: bool = False
    key: bool = False
    personal: bool = False
    enum: tuple[str, ...] = ()


@dataclass(frozen=True)
class Contract:
    """One table's contract."""

    table: str
    version: str
    description: str
    columns: tuple[Column, ...]
    properties: Mapping[str, str] = field(default_factory=dict)
    file: Path = Path()

    @property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns."""
        return tuple(column.name for column in self.columns if column.key)

    @property
    def personal(self) -> tuple[str, ...]:
        """The columns that hold personal values."""
        return tuple(column.name for column in self.columns if column.personal)

    @cached_property
    def _schema(self) -> StructType:
        return StructType([_field(column) for column in self.columns])

    def schema(self) -> StructType:
        """The Spark schema: types, NOT NULL, and each column's comment."""
        return self._schema

    @property
    def major(self) -> int:
        """The first number of the version: rows of another one are not readable by this contract."""
        return int(self.version.split(".")[0])

    @property
    def publish_mode(self) -> str:
        """How a publish changes the table when the job does not say: replace, append or merge."""
        return self.properties.get("publish", "replace")


def _field(column: Column) -> StructField:
    return StructField(column.name, spark_type(column.type), not column.required, {"comment": column.description})


@lru_cache(maxsize=4096)
def spark_type(text: str) -> DataType:
    """A Spark SQL type from its DDL text, without a JVM (Spark's own parser needs one).

    Raises:
        ValueError: a type that contracts do not use.
    """
    word = text.strip().upper()
    simple: dict[str, DataType] = {
        "STRING": t.StringType(),
        "BIGINT": t.LongType(),
        "INT": t.IntegerType(),
        "DOUBLE": t.DoubleType(),
        "BOOLEAN": t.BooleanType(),
        "DATE": t.DateType(),
        "TIMESTAMP": t.TimestampType(),
        "FLOAT": t.FloatType(),
        "SMALLINT": t.ShortType(),
        "BINARY": t.BinaryType(),
    }
    if word in simple:
        return simple[word]
    if word.startswith("DECIMAL(") and word.endswith(")"):
        precision, scale = word[8:-1].split(",")
        return t.DecimalType(int(precision), int(scale))
    inner = text.strip()[text.strip().index("<") + 1 : -1] if "<" in text else ""
    if word.startswith("ARRAY<"):
        return t.ArrayType(spark_type(inner))
    if word.startswith("MAP<"):
        key, value = split_top(inner)
        return t.MapType(spark_type(key), spark_type(value))
    if word.startswith("STRUCT<"):
        pairs = [part.strip().replace(":", " ", 1).split(None, 1) for part in split_top(inner)]
        return t.StructType([t.StructField(name, spark_type(of)) for name, of in pairs])
    raise ValueError(f"unknown type {text}")


def split_top(text: str) -> list[str]:
    """Split at commas that stand outside brackets."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "<(") - (letter in ">)")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


class Contracts(Mapping[str, Contract]):
    """The contracts of all layers by table name, read on first use."""

    def __init__(self, conf: Conf) -> None:
        self.conf = conf

    @cached_property
    def _all(self) -> dict[str, Contract]:
        return {c.table: c for c in (load(path) for path in self.conf.files("contracts/*/*.odcs.yaml"))}

    def __getitem__(self, table: str) -> Contract:
        if table in self._all:
            return self._all[table]
        layer, _, name = table.partition(".")
        if layer == "bronze":
            return bronze(name, self.conf)
        if layer == "quarantine":
            return quarantine(name)
        raise ConfigError(
            f"table {table} has no contract",
            "conf/contracts",
            f"write conf/contracts/{layer}/{name}.odcs.yaml",
        )

    def __contains__(self, table: object) -> bool:
        """Whether there is a contract, be it one that follows from an export; a pattern has none."""
        try:
            return bool(self[str(table)])
        except ConfigError:
            return False

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def load(path: Path) -> Contract:
    """Read one contract file.

    Raises:
        ConfigError: a part that the product needs is missing, or the file's place and the table's name disagree.
    """
    return _loaded(path, path.read_bytes())


@lru_cache(maxsize=1024)
def _loaded(path: Path, content: bytes) -> Contract:
    """A file's contract: a process asks for the same hundred again and again, and none of them is ever changed."""
    document = document_of(path, content)
    try:
        schema = document.value["schema"][0]
        table = schema["physicalName"]
        columns = tuple(
            _column(item, document, ("schema", 0, "properties", i)) for i, item in enumerate(schema["properties"])
        )
        custom = {p["property"]: str(p["value"]) for p in schema.get("customProperties", [])}
        contract = Contract(
            table, str(document.value["version"]), schema["dataGranularityDescription"], columns, custom, path
        )
    except (KeyError, IndexError, TypeError) as error:
        raise ConfigError(
            f"the contract lacks {error}", document.where(()), "see style.md's example of a contract"
        ) from error
    if table != f"{path.parent.name}.{path.name.removesuffix('.odcs.yaml')}":
        raise ConfigError(f"the contract is for {table}", document.where(("schema",)), "name the file after its table")
    return contract


def _column(item: dict[str, Any], document: Document, at: tuple[Any, ...]) -> Column:
    for key in ("name", "physicalType", "description"):
        if key not in item:
            raise ConfigError(f"a column lacks '{key}'", document.where(at), f"add '{key}:'")
    try:
        spark_type(item["physicalType"])
    except ValueError as error:
        raise ConfigError(f"column {item['name']}: {error}", document.where(at), "use a Spark SQL type") from error
    return Column(
        item["name"],
        item["physicalType"],
        item["description"],
        bool(item.get("required") or item.get("primaryKey")),
        bool(item.get("primaryKey")),
        item.get("classification") == "personal",
        _enum(item),
    )


def _enum(item: dict[str, Any]) -> tuple[str, ...]:
    for rule in item.get("quality", []):
        if rule.get("metric") == "invalidValues":
            return tuple(str(v) for v in rule.get("arguments", {}).get("validValues", []))
    return tuple(str(v) for v in item.get("logicalTypeOptions", {}).get("enum", []))


TECHNICAL = (
    Column("_file_id", "STRING", "sha-256 of the file as received"),
    Column("_source_file", "STRING", "path of the file in the drop zone"),
    Column("_source_line", "BIGINT", "line of the file where the record starts, 1 is the first"),
    Column("_malformed", "STRING", "the raw line where it did not parse, else NULL", personal=True),
    Column("_run_date", "DATE", "business day of the night that took the file"),
)


def bronze(export: str, conf: Conf) -> Contract:
    """The contract that an export's YAML implies: its columns as text, then file and line."""
    if export not in conf.exports():
        raise ConfigError(
            f"there is no export {export}",
            "conf/*/exports",
            f"known are: {', '.join(conf.exports()) or 'none'}",
        )
    spec = conf.exports()[export]
    columns = tuple(
        Column(n, "STRING", c.description or "as exported", personal=c.personal) for n, c in spec.columns.items()
    )
    properties = {
        "publish": "append",
        "delta.enableChangeDataFeed": "true",
        "delta.dataSkippingStatsColumns": "_run_date",  # statistics would repeat personal values in the log
    }
    if any(SPECIAL.search(name) for name in spec.columns):  # Delta takes blanks and brackets in names no other way
        properties["delta.columnMapping.mode"] = "name"
    return Contract(
        f"bronze.{export}", "1.0.0", "one row per exported line, unchanged", columns + TECHNICAL, properties
    )


def quarantine(name: str) -> Contract:
    """A quarantine table: where the line is and why it cannot be used, without its values."""
    columns = (
        Column("reasons", "ARRAY<STRING>", "why the line cannot be used"),
        Column("line_count", "BIGINT", "lines that it stands for: an order that cannot be used has all its lines"),
        Column("rule_version", "STRING", "job_hash of the code and configuration that judged it, as in ops.runs"),
        Column("_export", "STRING", "the export it came with"),
        Column("_source_file", "STRING", "path of the file in the drop zone"),
        Column("_source_line", "BIGINT", "line of the file"),
        Column("_bronze_version", "BIGINT", "version of the bronze table that first holds the line"),
        Column("_run_date", "DATE", "business day of the night that brought it: its age counts from there"),
    )
    return Contract(f"quarantine.{name}", "1.1.0", "one row per line set aside", columns, {"publish": "append"})
