"""The report of `lakehouse linkage --records`: what was linked, how sure, and how right where a truth is given."""

from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
from rich.console import Console

from jobs.identity.grouping import clusters, groups
from jobs.identity.matching.blocking import rule_name
from jobs.identity.matching.comparisons import rules_of
from jobs.identity.matching.engines import DuckDBEngine
from jobs.identity.record_sets import evaluate, file_fields, file_linkage, record_files
from jobs.identity.record_sets.file_fields import FileSettings
from jobs.identity.record_sets.file_linkage import FileLinkage
from jobs.identity.record_sets.mistakes import mistakes
from jobs.identity.settings.identity import Settings
from lakehouse.errors import ConfigError
from lakehouse.files.formulas import harmless


def main(files: list[Path], fields: Path, truth: Path | None, out: Path | None, conf: Settings) -> int:
    """Link, print, and write the clusters where asked."""
    file_settings = file_fields.settings_of(fields)
    if truth is not None:
        _truth_columns(truth, file_settings, files)  # a wrong file is refused before the work is done
    linkage = file_linkage.link(files, file_settings, conf)
    console = Console()
    console.print(
        f"{len(linkage.records):,} records, {linkage.records['customer_id'].nunique():,} things; "
        f"{linkage.compared:,} pairs compared in {linkage.seconds:.1f} s"
    )
    for note in linkage.notes:
        console.print(f"Note: {note}.", markup=False)
    if linkage.model:
        _print_keys(console, linkage, file_settings)
    if linkage.model or linkage.compared:
        console.print(str(linkage.expected))
    else:
        console.print("No model was learned.")
    if truth is not None:
        both, across = with_truth(linkage, file_settings, truth, files)
        pairs = linkage.pairs[["account_id_left", "account_id_right", "match_weight"]]
        evaluate.show(console, evaluate.report(both, across), mistakes(both, pairs))
    if out is not None:
        linkage.records.sort_values(["customer_id", "account_id"]).map(harmless).to_csv(out, index=False)
    return 0


def _print_keys(console: Console, linkage: FileLinkage, file_settings: FileSettings) -> None:
    console.print(
        "Blocking keys, chosen from the data: "
        + "; ".join(rule_name(tuple(map(file_settings.shown, rule))) for rule in rules_of(linkage.model)),
        markup=False,
    )


def with_truth(
    linkage: FileLinkage, file_settings: FileSettings, truth: Path, files: list[Path]
) -> tuple[pd.DataFrame, bool]:
    """The records with their person_id; and whether only pairs from two sources count."""
    spec, across = file_settings.truth, file_settings.link == "one_to_one" and linkage.records["channel"].nunique() > 1
    prefixes = [f"{name}:" if len(files) > 1 else "" for name in record_files.source_names(files)]
    if spec.left and spec.right:
        pairs = _truth_columns(truth, file_settings, files)
        ends = [prefix + pairs[i] for i, prefix in enumerate((prefixes[0], prefixes[-1]))]
        linked = clusters.components_in_memory(pa.table(ends, names=list(groups.ENDS)))
        entities = linked.to_pandas().rename(columns={"component": "person_id"})
    else:
        entities = (
            _truth_columns(truth, file_settings, files).drop_duplicates(0).set_axis(["account_id", "person_id"], axis=1)
        )
        if len(files) > 1 or file_settings.source:
            keys = linkage.records["account_id"].str.split(":", n=1).str[1]
            of = dict(zip(entities["account_id"], entities["person_id"], strict=True))
            entities = pd.DataFrame({"account_id": linkage.records["account_id"], "person_id": keys.map(of)}).dropna()
    both = linkage.records.merge(entities, "left", "account_id")
    both["person_id"] = both["person_id"].fillna("alone:" + both["account_id"])
    if both["person_id"].str.startswith("alone:").all():
        raise ConfigError("no record of the files is in the truth file", truth.name, "see 'truth' of the fields' YAML")
    return both, across


def _truth_columns(truth: Path, file_settings: FileSettings, files: list[Path]) -> pd.DataFrame:
    """Two columns of the truth: pairs of records, or records and their entities.

    Raises:
        ConfigError: the YAML does not say which columns, or the file has not got them.
    """
    spec = file_settings.truth
    if spec.left and spec.right:
        return _columns([truth], spec.left, spec.right)
    if not spec.entity:
        raise ConfigError(
            "the fields' YAML does not say how the truth is written",
            "truth",
            "name its 'entity' (and 'id'), or 'left' and 'right'",
        )
    key = record_files.quoted(spec.id or file_settings.id)
    return _columns(files if truth in files else [truth], key, spec.entity, plain=False)


def _columns(truth: list[Path], one: str, other: str, plain: bool = True) -> pd.DataFrame:
    """Two columns of the truth file as text."""
    engine = DuckDBEngine()
    try:
        record_files.read(engine, "truth", truth, one if plain else record_files.unquoted(one))
        first, second = (record_files.quoted(c) if plain else c for c in (one, other))
        try:
            rows = engine.fetch(
                f"SELECT trim(CAST({first} AS VARCHAR)) AS a, trim(CAST({second} AS VARCHAR)) AS b FROM truth"
            )
        except duckdb.BinderException as error:
            there = ", ".join(
                c for c in engine.fetch("SELECT * FROM truth LIMIT 0").column_names if c != record_files.SOURCE
            )
            raise ConfigError(
                f"the truth has no column {first} or {second}",
                truth[0].name,
                f"it has {there}; see 'truth' of the fields' YAML",
            ) from error
        two_columns: pd.DataFrame = rows.to_pandas().set_axis([0, 1], axis=1)
        return two_columns
    finally:
        engine.close()
