"""The lines of the exports that rows of a silver table were made of, and the expressions that made them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from lakehouse.authoring.lineage import of_exports
from lakehouse.authoring.tracing.rows import Rows
from lakehouse.config.exports import Export, Target
from lakehouse.config.layers import Conf
from lakehouse.sql import dialect
from lakehouse.sql.literal import identifier

ACCOUNT = ("account_id", "account_key")
PLACE = ("_source_file", "_source_line")


@dataclass(frozen=True)
class Mapped:
    """A silver column as an export maps it: the expression, where it is written, and the export's columns in it."""

    column: str
    expression: str
    where: str
    of: tuple[str, ...]


@dataclass(frozen=True)
class Lines:
    """Lines of one export.

    Args:
        lines: bronze's rows, each with its file and line.
        is_whole: False where only the first line of each group could be told.
        row_count: how many of the silver rows come from them.
    """

    export: str
    row_count: int
    lines: pa.Table
    mapped: tuple[Mapped, ...] = ()
    is_whole: bool = True
    personal: frozenset[str] = field(default=frozenset())

    @property
    def by_file(self) -> Mapping[str, list[int]]:
        """File -> its lines, both in order."""
        found: dict[str, list[int]] = defaultdict(list)
        for file, line in sorted(zip(*(self.lines[name].to_pylist() for name in PLACE), strict=True)):
            found[file].append(line)
        return found


def of_rows(conf: Conf, rows: Rows, table: str, silver: pa.Table, columns: Iterable[str]) -> Iterator[Lines]:
    """The lines of each export that the silver rows name as their own.

    Args:
        silver: rows with `_export`, `_source_file` and `_source_line`.
        columns: those of the silver table that are asked about.
    """
    exports, columns = conf.exports(), tuple(columns)
    known = silver.select(["_export", *PLACE])
    for name in sorted({value for value in known["_export"].to_pylist() if value in exports}):
        own = known.filter(pc.equal(known["_export"], name))
        targets = [(i, t) for i, t in enumerate(exports[name].targets) if t.table == table]
        if not targets or (version := rows.readable(f"bronze.{name}", None)) is None:
            continue
        mapped = [one for i, target in targets for one in _mapped(conf, exports[name], (i, target), columns)]
        found, is_whole = _lines(rows, exports[name], targets[0][1], version, own)
        personal = frozenset(column for column, said in exports[name].columns.items() if said.personal)
        yield Lines(name, own.num_rows, found, tuple(mapped), is_whole, personal)


def _mapped(conf: Conf, export: Export, target: tuple[int, Target], columns: tuple[str, ...]) -> Iterator[Mapped]:
    number, of = target
    document = conf.export_document(export.name)
    account = of.account or export.account
    own = dict.fromkeys(ACCOUNT, account.key) if account else {}
    for column in columns:
        expression = of.columns.get(column, own.get(column, ""))
        if expression:
            at = ("targets", number, "columns", column) if column in of.columns else ("account",)
            named = tuple(dict.fromkeys(name.split(".", 2)[2] for name in of_exports.sources(expression, export, of)))
            yield Mapped(column, expression, document.where(at), named)


def _lines(rows: Rows, export: Export, target: Target, version: int, known: pa.Table) -> tuple[pa.Table, bool]:
    """Bronze's rows at these places; of a target that groups lines, all lines of each group."""
    table = f"bronze.{export.name}"
    places = tuple((name, name) for name in PLACE)
    if not target.group_by:
        return rows.matching(table, version, known, places), True
    try:
        keys = [identifier(k, "duckdb") if k in export.columns else dialect.translated(k) for k in target.group_by]
        return rows.of_groups(table, version, known, keys), True
    except (duckdb.Error, ValueError):  # an expression that only Spark knows
        return rows.matching(table, version, known, places), False
