"""The sample's own layer of configuration describes the files that the sample writes."""

import csv
import gzip
import json
from fnmatch import fnmatchcase
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from lakehouse.config.exports import Export
from lakehouse.config.layers import Conf
from lakehouse.sample import SampleSummary
from lakehouse.sample.sources import promotions_file

EXPORTS = Conf([Path(__file__).parents[3] / "conf" / "sample"]).exports()


def first_file(company: SampleSummary, export: Export) -> Path:
    if export.name == "erp_promotions":
        return promotions_file()
    return min(path for path in company.drop.glob("2017-09-30/*") if fnmatchcase(path.name, export.files[0]))


def column_names(path: Path, export: Export) -> list[str]:
    if export.format == "parquet":
        return list(pq.read_schema(path).names)
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    text = content.decode("utf-8-sig" if export.encoding == "auto" else export.encoding)
    head = text.splitlines()[0]
    if export.format == "json_lines":
        return list(json.loads(head))
    return next(csv.reader([head], delimiter=export.delimiter))


@pytest.mark.parametrize("name", sorted(EXPORTS))
def test_an_export_names_the_columns_its_files_have(company: SampleSummary, name: str) -> None:
    assert column_names(first_file(company, EXPORTS[name]), EXPORTS[name]) == list(EXPORTS[name].columns)


def test_every_file_belongs_to_exactly_one_export(company: SampleSummary) -> None:
    for path in company.drop.glob("*/*"):
        owners = [name for name, export in EXPORTS.items() if any(fnmatchcase(path.name, g) for g in export.files)]
        assert len(owners) == 1, f"{path.name}: {owners}"


def test_every_personal_column_says_what_it_is_for() -> None:
    without = [
        f"{export.name}.{column}"
        for export in EXPORTS.values()
        for column, form in export.columns.items()
        if form.personal and not form.purpose
    ]
    assert without == []
