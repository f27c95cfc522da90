"""`lakehouse decide`: a steward says which accounts are one person, and which never are."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of
from lakehouse.sql.literal import listed

SHOWN_FAULTS = 50
MANY = 1000  # accounts asked for in one query


COLUMNS = "account_id_left, account_id_right, decision (same, never, withdraw), reason"


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """A file, a pair, or a model to approve: one of them; and who decides."""

    file: Annotated[Path | None, typer.Option(metavar="FILE.csv", help=f"columns {COLUMNS}")] = None
    same: Annotated[
        tuple[str, str] | None, typer.Option(metavar="ACCOUNT ACCOUNT", help="these two accounts: one person")
    ] = None
    never: Annotated[
        tuple[str, str] | None, typer.Option(metavar="ACCOUNT ACCOUNT", help="these two accounts: never one person")
    ] = None
    withdraw: Annotated[
        tuple[str, str] | None, typer.Option(metavar="ACCOUNT ACCOUNT", help="these two accounts: no decision any more")
    ] = None
    erase: Annotated[
        str | None,
        typer.Option(metavar="ACCOUNT", help="this account is forgotten on request: its customer's id ends so"),
    ] = None
    apply_model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="apply what a model changes, see identity.pending_model_changes"),
    ] = None
    reason: Annotated[str, typer.Option(help="why, for a pair")] = ""
    steward: Annotated[
        str,
        typer.Option(
            envvar="LAKEHOUSE_STEWARD", metavar="NAME", help="who decides: a name that only the company can resolve"
        ),
    ] = ""


def run(options: Options) -> int:
    """Check everything, then take all of it or nothing; exit code 1 when a line is refused."""
    from jobs.identity import steward_decisions
    from jobs.identity.persistent_ids import decision_file
    from lakehouse.cli import progress
    from lakehouse.errors import ConfigError
    from lakehouse.ops.history import History
    from lakehouse.runs import steps

    ways = ("file", "same", "never", "withdraw", "erase", "apply_model")
    common.exactly_one({f"--{name.replace('_', '-')}": getattr(options, name) for name in ways})
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    nights = History(root).nights()
    if not options.steward:
        raise ConfigError("nobody decides", "--steward", "give --steward NAME or set LAKEHOUSE_STEWARD")
    if not nights:
        raise ConfigError("there is no night to decide about yet", root, "run 'lakehouse night' first")
    standing = _rows(
        root, "identity.steward_decisions", "SELECT * FROM identity.steward_decisions WHERE withdrawn_on IS NULL"
    )
    rows, found = _asked(options, decision_file, root, standing)
    if found:
        print("\n".join(found[:SHOWN_FAULTS]), file=sys.stderr)
        print(f"{len(found)} faults: nothing was taken.", file=sys.stderr)
        return 1
    steward_decisions.leave(root, decision_file.as_table_rows(rows, standing, options.steward, nights[-1]))
    result = steps.run(conf, ["steward_decisions"])
    progress.closing(result, as_json=False)
    print(f"{len(rows)} decisions taken; the next night applies them.")
    return 0 if result.is_good else 1


def _asked(options: Options, form: Any, root: str, standing: list[dict[str, Any]]) -> tuple[list[Any], list[str]]:
    """The lines, and what is wrong with them."""
    if options.apply_model:
        model = f"model:{options.apply_model}"
        listed = _rows(
            root, "identity.pending_model_changes", "SELECT DISTINCT model FROM identity.pending_model_changes"
        )
        is_listed = any(row["model"] == options.apply_model for row in listed)
        return [form.Asked(1, model, model, form.APPLY_MODEL, options.reason)], [] if is_listed else [
            f"--apply-model: no change of the model {options.apply_model} waits; "
            "'lakehouse sql' on identity.pending_model_changes shows what does"
        ]
    rows = form.read(options.file) if options.file else [_one(options, form)]
    pairs = [(row["account_id_left"], row["account_id_right"], row["decision"]) for row in standing]
    return rows, form.faults(rows, _known(root, sorted({account for row in rows for account in row.pair})), pairs)


def _one(options: Options, form: Any) -> Any:
    """The pair of the command line as a line of a file."""
    pairs = {word: getattr(options, word) for word in ("same", "never", "withdraw")}
    pairs["erase"] = [options.erase] * 2 if options.erase else None
    decision, pair = next((word, pair) for word, pair in pairs.items() if pair)
    told = {"account_id_left": pair[0], "account_id_right": pair[1], "decision": decision, "reason": options.reason}
    return form.asked(1, told)


def _known(root: str, accounts: list[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(accounts), MANY):
        texts = listed(accounts[start : start + MANY])
        for table in (
            "silver.customers",
            "identity.customer_map",
        ):  # what is erased already is in the map until tonight
            rows = _rows(root, table, f"SELECT account_id FROM {table} WHERE account_id IN ({texts})")
            found |= {row["account_id"] for row in rows}
    return found


def _rows(root: str, table: str, sql: str) -> list[dict[str, Any]]:
    """The answer of a query; no rows where the table has never been written."""
    from lakehouse.delta import log as delta_log
    from lakehouse.lake.reader import Reader

    if delta_log.latest_version(f"{root}/{table.replace('.', '/', 1)}") is None:
        return []
    rows: list[dict[str, Any]] = Reader(root).sql(sql).to_pylist()
    return rows
