"""Whatever stands in an export's rows, each line is read back as it was or malformed; values are typed or NULL."""

import csv
import io
import math
import random
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.authoring import preview
from lakehouse.authoring.preview.reading import lines
from lakehouse.config.exports import Export
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts

CONF = Conf([Path(__file__).parents[2] / "conf" / "sample"])
CONTRACTS = Contracts(CONF)
EXPORTS = {name: export for name, export in CONF.exports().items() if export.format == "csv" and export.header}
NASTY = (
    *(
        "",
        " ",
        "NaN",
        "-Infinity",
        "1E400",
        "-1e999",
        "1.7976931348623157e308",
        "0000-00-00",
        "2024-02-30",
        "9999-12-31",
    ),
    *("\uff11\uff12.\uff15", "1,234.50", "12,50", "--5", "+", ".", "1_000", "0x1F", "9" * 60, "-0", "\u0661\u0662"),
    *(
        '"',
        "'",
        '""',
        "a\nb",
        "a\r\nb",
        ";",
        ",",
        "\t",
        "\u200b",
        "\ufeff",
        "\u2028",
        "=1+1",
        "<script>",
        "null",
        "\\N",
        "{}",
        "[1",
    ),
)
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=12)


@pytest.mark.parametrize("name", sorted(EXPORTS))
@given(words=st.lists(TEXT, min_size=5, max_size=30), seed=st.integers(0, 2**32))
@settings(max_examples=2, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_five_hundred_random_rows_are_all_there_and_typed_or_null(
    name: str, words: list[str], seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    export = EXPORTS[name].model_copy(update={"encoding": "utf-8"})  # of random letters nobody could tell it
    rng, pool = random.Random(seed), [*NASTY, *words, "1", "12.50", "2024-03-01 10:00:00"]
    names = list(export.columns)
    written = [[f"row{n}", *(rng.choice(pool) for _ in names[1:])] for n in range(500)]
    file = tmp_path_factory.mktemp("random") / "x.csv"
    file.write_text(text_of(export, names, written), encoding="utf-8", newline="")

    read = lines(file, export, limit=None)

    dropped = sum(count for rule, count in read.dropped.items() if rule != "nul_bytes")
    assert read.table.num_rows + len(read.malformed) + dropped >= 500
    back = {row[names[0]]: row for row in read.table.to_pylist()}
    assert all(dict(zip(names, row, strict=True)).items() <= back[row[0]].items() for row in written if row[0] in back)
    assert_typed(export, read)


def text_of(export: Export, names: list[str], rows: list[list[str]]) -> str:
    """The rows as the export writes CSV."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=export.delimiter, quotechar=export.quote or '"', lineterminator="\n", quoting=1)
    writer.writerows([names, *rows])
    return out.getvalue()


def assert_typed(export: Export, read: preview.Lines) -> None:
    """Every value of every target is of its type, finite, and of a day that a calendar has."""
    with preview.connection() as engine:
        for target in export.targets:
            types = {column.name: column.type for column in CONTRACTS[target.table].columns}
            made = preview.mapped(read.table, export, target, types, engine)
            for row in made.rows.to_pylist():
                for value in row.values():
                    assert not isinstance(value, float) or math.isfinite(value)
                    assert not isinstance(value, date | datetime) or value.year >= 1
