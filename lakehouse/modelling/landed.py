"""Examples of lines as an export brought them: the newest line of each subject and date, numbers and days as such.

Of a table that is not of such lines everything stays as it is.
"""

import pandas as pd
import pyarrow as pa

from lakehouse.modelling import spec, table
from lakehouse.modelling.preparation import label_of, level_texts, numbers
from lakehouse.modelling.table import Table

ORDER = ("_run_date", "_source_file", "_source_line")
MALFORMED = "_malformed"


def examples_of(model: spec.Model, lines: pa.Table, is_labelled: bool = True) -> Table:
    """The examples, with what was left out among the notes.

    Raises:
        LakehouseError: a column that the YAML names is missing.
    """
    if not set(ORDER) <= set(lines.column_names):
        return table.of_arrow(model, lines, is_labelled)
    frame = lines.to_pandas()
    notes = []
    if MALFORMED in frame and (broken := int(frame[MALFORMED].notna().sum())):
        notes.append(f"{broken:,} lines that could not be read are left out")
        frame = frame[frame[MALFORMED].isna()]
    frame = newest(model, frame)
    frame = typed(frame[[name for name in frame.columns if not str(name).startswith("_")]], model.examples.as_of)
    made = table.of_arrow(model, pa.Table.from_pandas(frame, preserve_index=False), is_labelled)
    made.notes = notes + made.notes
    return made


def newest(model: spec.Model, frame: pd.DataFrame) -> pd.DataFrame:
    """The last line of each subject and date; every line where no subject is named."""
    windows = model.examples.windows
    keys = [*model.examples.subject, model.examples.as_of, windows.order if windows else ""]
    keys = [name for name in keys if name in frame.columns]
    frame = frame.sort_values(list(ORDER), kind="stable")
    return frame.drop_duplicates(keys, keep="last") if model.examples.subject and keys else frame


def typed(frame: pd.DataFrame, as_of: str) -> pd.DataFrame:
    """Texts that are all numbers as numbers, the as-of dates as dates; empty texts as missing."""
    made = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_string_dtype(column) or column.dtype == object:
            column = column.where(column.astype(str).str.strip() != "", None)
            found = pd.to_numeric(column, errors="coerce")
            if column.notna().any() and found.notna().sum() == column.notna().sum():
                column = found
            elif name == as_of:
                column = pd.to_datetime(column, errors="coerce", format="ISO8601")
        made[name] = column
    rows = pd.DataFrame(made, index=frame.index)
    return rows[rows[as_of].notna()] if as_of in rows else rows


def labels(model: spec.Model, frame: pd.DataFrame) -> pd.Series:
    """The label per row as a number, NaN where it is not known."""
    if model.label.column not in frame:
        return pd.Series(float("nan"), index=frame.index)
    column = frame[model.label.column]
    found = numbers(column) if model.label.kind == "number" else label_of(column, model.label.positive)
    return pd.Series(found, index=frame.index)


def to_score(model: spec.Model, frame: pd.DataFrame) -> pd.DataFrame:
    """The newest row of each subject, where its label is not known yet."""
    windows, subject = model.examples.windows, list(model.examples.subject)
    order = [windows.order] if windows else [model.examples.as_of] if model.examples.as_of else []
    if subject:
        if order:
            frame = frame.sort_values(order, kind="stable")
        frame = frame.drop_duplicates(subject, keep="last")
    return frame[labels(model, frame).isna()].reset_index(drop=True)


def subject_texts(model: spec.Model, frame: pd.DataFrame) -> pd.Series:
    """Whom or what each row is about, as one text; the row's number where no subject is named."""
    if not model.examples.subject:
        return pd.Series([str(number + 1) for number in range(len(frame))], index=frame.index)
    parts = [level_texts(frame[name]).fillna("").astype(str) for name in model.examples.subject]
    return pd.concat(parts, axis=1).agg("|".join, axis=1) if len(parts) > 1 else parts[0]
