"""The gate before every publish: one aggregate gives the row count, the fingerprint and every compiled expectation."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa
from pyspark.sql import Column, DataFrame, Observation
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, DoubleType, FloatType, MapType, StructType

from lakehouse.contracts.contract import Contract
from lakehouse.delta import misfits
from lakehouse.errors import GateError
from lakehouse.ops.run_log import Run
from lakehouse.quality import arrow_checks, compiler, great_expectations
from lakehouse.quality.arrow_checks import Local
from lakehouse.quality.compiler import Check
from lakehouse.quality.suites import Expectation
from lakehouse.sql.literal import identifier


@dataclass(frozen=True)
class ValidationResult:
    """What the one aggregate said about a batch."""

    row_count: int
    fingerprint: str
    results: tuple[tuple[Expectation, bool, dict[str, Any]], ...]
    misfits: dict[str, int] = field(default_factory=dict)  # column -> rows whose value its type does not hold


@dataclass(frozen=True)
class Gate:
    """The gate of one publish: what a batch must fulfil, and where its results are recorded.

    Args:
        mode: how the table will change; a batch without rows is validated only where it replaces the table.
        is_explained: the job has noted why its table may be empty or partial: then an empty one is legal.
    """

    run: Run
    contract: Contract
    suite: list[Expectation]
    mode: str
    is_explained: bool = False

    @property
    def checks(self) -> list[Check]:
        """What of the suite can be validated by aggregates."""
        return [check for e in self.suite if (check := compiler.compiled(e))]

    def validate(self, batch: DataFrame) -> ValidationResult:
        """Validate a batch and record one row of ops.quality per expectation.

        Raises:
            GateError: a critical expectation failed; names table and expectations, never a value.
        """
        return self._recorded(observe(batch, self.checks), _plain(batch))

    def validate_collected(self, batch: DataFrame) -> tuple[ValidationResult, pa.Table]:
        """The same while the batch is collected: one Spark job gives the rows and the result.

        Raises:
            GateError: as above; nothing is written then.
        """
        result, rows = collect(batch, self.checks)
        if len(result.results) < len(self.suite):  # GX judges what is committed, not another evaluation of the plan
            batch = batch.sparkSession.createDataFrame(rows, _plain(batch).schema)
        return self._recorded(result, _plain(batch)), rows

    def validate_local(self, rows: pa.Table) -> ValidationResult | None:
        """The same for rows that no engine needs to make any more: DuckDB judges them; None where only Spark can.

        Raises:
            GateError: as above.
        """
        checks = self.checks
        result = observe_local(rows, checks) if len(checks) == len(self.suite) else None
        return self._recorded(result, None) if result else None

    def validate_written(self, written: DataFrame, files: Local, flagged: dict[str, Any]) -> ValidationResult:
        """The same for rows that are written and that no commit names yet.

        Args:
            written: they, as Spark reads them back.
            files: where DuckDB finds them.
            flagged: flag -> how many rows had it, of `counting`.

        Raises:
            GateError: as above.
        """
        return self._recorded(
            replace(observe_written(written, files, self.checks), misfits=misfits.found(flagged)), written
        )

    def _recorded(self, result: ValidationResult, batch: DataFrame | None) -> ValidationResult:
        """Let GX validate what was not compiled, keep all results, and stop at a critical one, or at a misfit."""
        if result.misfits:
            raise misfits.refused(self.contract, result.misfits)
        validated = {id(e) for e, _, _ in result.results}
        left = [e for e in self.suite if id(e) not in validated]
        plain = great_expectations.validate(batch, left) if batch is not None else []
        result = replace(result, results=(*result.results, *plain))
        if not (self.mode != "replace" and result.row_count == 0):  # nothing new: nothing to validate
            self.run.record("ops.quality", [_row(self.run, self.contract, *one) for one in result.results])
            _stop_at_critical(self.contract, result, empty_is_legal=result.row_count == 0 and self.is_explained)
        return result


def _plain(batch: DataFrame) -> DataFrame:
    """A batch without the flags of `misfits.with_flags`."""
    return batch.select([identifier(name) for name in batch.columns if not name.startswith(misfits.FLAG)])


def observe(batch: DataFrame, checks: list[Check]) -> ValidationResult:
    """One Spark aggregate over the batch for all checks, the row count and the fingerprint."""
    return _result(checks, first(batch.agg(*_of_rows(batch), *_of_checks(checks), *_of_distinct(checks))))


def first(aggregated: DataFrame) -> dict[str, Any]:
    """The one row of an aggregate without groups."""
    seen = aggregated.first()
    assert seen is not None  # there always is one
    return seen.asDict()


def counting(batch: DataFrame) -> tuple[DataFrame, Observation | None]:
    """The batch without its flags, and what counts them as the rows pass by; None where it has none."""
    flags = [name for name in batch.columns if name.startswith(misfits.FLAG)]
    if not flags:
        return batch, None
    seen = Observation()
    return _plain(batch.observe(seen, *misfits.counted(flags))), seen


def observe_written(written: DataFrame, files: Local, checks: list[Check]) -> ValidationResult:
    """What `observe` gives, of rows that lie in files: by DuckDB, or by Spark where only it can."""
    seen = arrow_checks.observed_files(files, checks) if files.files else None
    return observe(written, checks) if seen is None else _result(checks, seen)


def collect(batch: DataFrame, checks: list[Check]) -> tuple[ValidationResult, pa.Table]:
    """The rows, and what `observe` gives, from one Spark job: aggregates are taken as the rows pass by."""
    aside = {f"_validated_{i}": F.expr(c.distinct.validated) for i, c in enumerate(checks) if c.distinct}
    seen = Observation()
    passing = batch.withColumns(aside) if aside else batch
    rows = passing.observe(seen, *_of_rows(batch), *_of_checks(checks)).toArrow()
    values = dict(seen.get) if rows.num_rows else _of_nothing(checks)
    for i, check in enumerate(checks):
        if check.distinct:
            values[f"c{i}_distinct"] = arrow_checks.different(rows, f"_validated_{i}", check.distinct.names)
    return _result(checks, values), rows.select(_plain(batch).columns)


def observe_local(rows: pa.Table, checks: list[Check]) -> ValidationResult | None:
    """What `observe` gives, without Spark; None where only Spark can validate."""
    seen = arrow_checks.observed(rows, checks)
    return None if seen is None else _result(checks, seen)


def _of_rows(batch: DataFrame) -> list[Column]:
    """Row count, fingerprint and misfits."""
    columns = [F.count(F.lit(1)).alias("rows"), fingerprint(_plain(batch)).alias("fingerprint")]
    return columns + misfits.counted([name for name in batch.columns if name.startswith(misfits.FLAG)])


def _of_checks(checks: list[Check]) -> list[Column]:
    columns = [(f"c{i}_{name}", sql) for i, check in enumerate(checks) for name, sql in check.columns.items()]
    return [F.expr(sql).alias(name) for name, sql in columns]


def _of_distinct(checks: list[Check]) -> list[Column]:
    """What needs all rows side by side."""
    columns = [(f"c{i}_distinct", check.distinct.count) for i, check in enumerate(checks) if check.distinct]
    return [F.expr(sql).alias(name) for name, sql in columns]


def _of_nothing(checks: list[Check]) -> dict[str, Any]:
    """Aggregates over no rows; the optimizer may have taken an empty plan away, and its observation with it."""
    values = {f"c{i}_{name}": check.of_nothing for i, check in enumerate(checks) for name in check.columns}
    return {"rows": 0, "fingerprint": None, **values}


def _result(checks: list[Check], seen: dict[str, Any]) -> ValidationResult:
    results = []
    for i, check in enumerate(checks):
        names = [*check.columns, *(["distinct"] if check.distinct else [])]
        passed, observed = check.result_of({name: seen[f"c{i}_{name}"] for name in names})
        results.append((check.expectation, passed, observed))
    return ValidationResult(seen["rows"], str(seen["fingerprint"] or 0), tuple(results), misfits.found(seen))


def _row(run: Run, contract: Contract, e: Expectation, passed: bool, observed: dict[str, Any]) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "run_date": run.run_date,
        "table": contract.table,
        "expectation": e.name,
        "type": e.type,
        "severity": e.severity,
        "is_passed": passed,
        "observed": {k: _json(v) for k, v in observed.items()},
        "why": str(e.meta.get("why", "")),
        "where": e.where or "contract",
        "kwargs": {k: _json(v) for k, v in e.kwargs.items()},
    }


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _stop_at_critical(contract: Contract, result: ValidationResult, empty_is_legal: bool) -> None:
    failed = [(e, seen) for e, passed, seen in result.results if not passed and e.severity == "critical"]
    if failed and not empty_is_legal:
        failures = "; ".join(f"{e.name}: {', '.join(f'{k} {v}' for k, v in seen.items())}" for e, seen in failed)
        where = ", ".join(sorted({e.where for e, _ in failed if e.where})) or "its contract"
        raise GateError(
            f"{len(failed)} critical expectations failed ({failures}); last night's table stays",
            contract.table,
            f"correct the input, or the expectation at {where}, and run the night again",
        )


HALF = 2**32  # values of half a hash


def fingerprint(rows: DataFrame) -> Column:
    """Sum of the rows' 64-bit hashes: equal for equal rows in any order; floats count to 9 significant digits."""
    hashed = F.xxhash64(*[_stable(F.col(identifier(f.name)), f.dataType) for f in rows.schema])
    # halves of a hash are summed as whole numbers, which costs a third of summing decimals; 2^31 rows do not overflow
    high, low = F.sum(F.shiftright(hashed, 32)), F.sum(hashed.bitwiseAND(F.lit(HALF - 1)))
    return high.cast("decimal(38,0)") * F.lit(HALF).cast("decimal(10,0)") + low.cast("decimal(38,0)")


def _stable(column: Column, of: DataType) -> Column:
    if isinstance(of, (DoubleType, FloatType)):
        return F.format_string("%.8e", column + F.lit(0.0))  # -0.0 is 0.0
    if isinstance(of, MapType):
        return F.to_json(F.array_sort(F.map_entries(column)))
    if isinstance(of, ArrayType):
        return F.when(F.size(column) == 0, F.lit("[]")).otherwise(F.to_json(column))  # flags: nearly always none
    if isinstance(of, StructType):
        return F.to_json(column)
    return column
