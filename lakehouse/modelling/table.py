"""The examples as a frame: from a file or a table of the lake, cleaned of what cannot be examples, with what was done.

DuckDB reads; SQL of the YAML (derived columns) runs where no file and no network can be reached.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from lakehouse.config.documents import home
from lakehouse.errors import ConfigError, LakehouseError
from lakehouse.modelling import spec
from lakehouse.modelling.windows import with_windows
from lakehouse.sql import dialect, duckdb_engine, expressions

PARQUET = (".parquet", ".pq")


@dataclass
class Table:
    """Rows with and without a label, in a fixed order, and sentences about what was found."""

    frame: pd.DataFrame
    notes: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)


def of_file(model: spec.Model, file: Path | None = None, is_labelled: bool = True) -> Table:
    """The examples of a file: the YAML's, or another one of its form.

    Args:
        is_labelled: whether the label must be there.

    Raises:
        LakehouseError: there is no such file, or it cannot be read.
    """
    path = file or Path(home(), model.examples.file)
    if not path.is_file():
        raise LakehouseError("there is no such file", path.name, "give one with --file")
    with reading(path) as engine:
        try:
            rows = read(engine, path, model.examples)
        except duckdb.Error as error:
            raise LakehouseError(f"the file cannot be read: {type(error).__name__}", path.name, "is it CSV?") from None
    return of_arrow(model, rows, is_labelled)


def reading(path: Path) -> duckdb.DuckDBPyConnection:
    """A database that may read this file's folder, and keeps the order of its rows."""
    return duckdb_engine.connect(duckdb_engine.ONE_THREAD, [str(path.resolve().parent)])


def read(engine: duckdb.DuckDBPyConnection, path: Path, examples: spec.Examples) -> pa.Table:
    """The file's rows in their order."""
    if path.suffix.lower() in PARQUET:
        return engine.read_parquet(str(path.resolve())).to_arrow_table()
    if examples.delimiter == "spaces":  # any number of them, at the end of a line too
        lines = pd.read_csv(path, sep=r"\s+", header=None, names=list(examples.columns) or None, engine="c")
        return pa.Table.from_pandas(lines, preserve_index=False)
    told: dict[str, Any] = {"sample_size": -1}
    if examples.delimiter:
        told["delimiter"] = examples.delimiter
    if examples.columns:
        told |= {"header": False, "names": list(examples.columns)}
    return engine.read_csv(str(path.resolve()), **told).to_arrow_table()


def of_arrow(model: spec.Model, rows: pa.Table, is_labelled: bool = True) -> Table:
    """Examples from rows in memory.

    Args:
        is_labelled: whether the label must be there.

    Raises:
        LakehouseError: a column that the YAML names is missing, or a derived one cannot be worked out.
    """
    examples = model.examples
    needed = [*examples.subject, examples.as_of, *([model.label.column] if is_labelled else [])]
    known = {*rows.column_names, *examples.derived}
    missing = [name for name in needed if name and name not in known]
    if missing:
        raise LakehouseError(
            f"the examples have no column {', '.join(missing)}", f"models/{model.model}.yaml", "correct the name"
        )
    made = Table(with_derived(model, rows).to_pandas())
    if examples.windows is not None:
        made.frame = with_windows(made.frame, examples.subject, examples.windows, model.label.column)
    _without_repetition(model, made)
    if examples.as_of:
        made.frame = made.frame.sort_values([examples.as_of, *examples.subject], kind="stable")
    made.frame = made.frame.reset_index(drop=True)
    return made


def with_derived(model: spec.Model, rows: pa.Table) -> pa.Table:
    """The rows with the YAML's further columns, in their order."""
    if not model.examples.derived:
        return rows
    with duckdb_engine.with_our_functions(duckdb_engine.ONE_THREAD) as engine:
        numbered = rows.append_column("_row", pa.array(range(rows.num_rows)))
        engine.register("examples", numbered)  # a window function may give rows in another order
        for name, sql in model.examples.derived.items():
            try:
                expressions.parse(sql)
                asked = f"SELECT {dialect.translated(sql)} AS derived, _row FROM examples ORDER BY _row"
                values = engine.sql(asked).to_arrow_table().column(0)
            except ConfigError as error:
                where = f"models/{model.model}.yaml: {name}"
                raise LakehouseError(f"the derived column is refused: {error.what}", where, error.remedy) from None
            except duckdb.Error as error:
                what = str(error).split("\n", 1)[0] if isinstance(error, duckdb.BinderException) else "it fails"
                where = f"models/{model.model}.yaml: {name}"
                raise LakehouseError(f"the derived column cannot be worked out: {what}", where) from None
            rows = rows.append_column(name, values)
    return rows


def _without_repetition(model: spec.Model, made: Table) -> None:
    """One row per subject and as-of date: of equal ones one stays, of differing ones none can be believed."""
    keys = [name for name in (*model.examples.subject, model.examples.as_of) if name]
    if not model.examples.subject or model.examples.windows is not None:
        return
    whole = made.frame.drop_duplicates()
    equal = len(made.frame) - len(whole)
    differing = whole.duplicated(keys, keep=False)
    if equal:
        made.notes.append(f"{equal:,} rows that repeat another one are left out")
    if differing.any():
        count = whole.loc[differing, keys].drop_duplicates().shape[0]
        made.notes.append(f"{count:,} subjects with differing rows of one as-of date are left out")
    made.frame = whole[~differing] if equal or differing.any() else made.frame
