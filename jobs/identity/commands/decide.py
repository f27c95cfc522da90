"""`lakehouse decide`: a steward says which accounts are one person, and which never are."""

import difflib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of
from lakehouse.sql.literal import listed

SHOWN_FAULTS = 50
MAP, MOVES, LEDGER = "identity.customer_map", "identity.account_moves", "identity.customer_id_ledger"
DECISIONS, CUSTOMERS = "identity.steward_decisions", "silver.customers"
FORGETTING = (
    "take the person out of the exports and of silver.customers first: the account ends with the record, and the "
    "customer's id with its last account; a decision alone would leave all values where they are"
)
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
    split: Annotated[
        str | None, typer.Option(metavar="CUSTOMER", help="each account of this customer is a person of its own")
    ] = None
    split_by: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="with --split: accounts with one value of it (silver.customers) stay one"),
    ] = None
    confirm: Annotated[
        str | None, typer.Option(metavar="CUSTOMER", help="all accounts of this customer are one person")
    ] = None
    erase: Annotated[str | None, typer.Option(metavar="ACCOUNT", help="refused: says how a person is forgotten")] = None
    apply_model: Annotated[
        str | None,
        typer.Option(metavar="MODEL", help="apply what a model changes, see identity.pending_model_changes"),
    ] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would happen, and take nothing")] = False
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
    from jobs.identity.persistent_ids import decision_file, decision_preview
    from lakehouse.errors import ConfigError
    from lakehouse.ops.history import History

    ways = ("file", "same", "never", "withdraw", "split", "confirm", "erase", "apply_model")
    common.exactly_one({f"--{name.replace('_', '-')}": getattr(options, name) for name in ways})
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    nights = History(root).nights()
    if options.erase:
        raise ConfigError("nobody is erased by a decision", "--erase", FORGETTING)
    if options.split_by and not options.split:
        raise ConfigError("there is nobody to split", "--split-by", "give --split CUSTOMER, too")
    if not options.steward:
        raise ConfigError("nobody decides", "--steward", "give --steward NAME or set LAKEHOUSE_STEWARD")
    if not nights:
        raise ConfigError("there is no night to decide about yet", root, "run 'lakehouse night' first")
    current = steward_decisions.in_force(root, _rows(root, DECISIONS, f"SELECT * FROM {DECISIONS}"))
    rows, refusals = _decision_lines(options, decision_file, root, current)
    if refusals:
        print("\n".join(refusals[:SHOWN_FAULTS]), file=sys.stderr)
        print(f"{len(refusals)} faults: nothing was taken.", file=sys.stderr)
        return 1
    for sentence in decision_preview.sentences(rows, _places(root, rows)):
        print(f"{sentence}.")
    if options.dry_run:
        print(f"{len(rows):,} decisions are in order; nothing was taken.")
        return 0
    steward_decisions.leave(root, decision_file.as_table_rows(rows, current, options.steward, nights[-1]))
    print(f"{len(rows):,} decisions taken; the next night applies them.")
    return 0


def _decision_lines(
    options: Options, decision_file: Any, root: str, current: list[dict[str, Any]]
) -> tuple[list[Any], list[str]]:
    """The lines, and what is wrong with them."""
    if options.apply_model:
        model = f"model:{options.apply_model}"
        listed = _rows(
            root, "identity.pending_model_changes", "SELECT DISTINCT model FROM identity.pending_model_changes"
        )
        is_listed = any(row["model"] == options.apply_model for row in listed)
        return [
            decision_file.DecisionLine(1, model, model, decision_file.APPLY_MODEL, options.reason)
        ], [] if is_listed else [
            f"--apply-model: no change of the model {options.apply_model} waits; "
            "'lakehouse sql' on identity.pending_model_changes shows what does"
        ]
    if options.split or options.confirm:
        rows = _whole(options, root)
    else:
        rows = decision_file.read(options.file) if options.file else [_one(options, decision_file)]
    pairs = [(row["account_id_left"], row["account_id_right"], row["decision"]) for row in current]
    return rows, decision_file.faults(
        rows, _known(root, sorted({account for row in rows for account in row.pair})), pairs
    )


def _whole(options: Options, root: str) -> list[Any]:
    """Lines about all accounts of a customer.

    Raises:
        ConfigError: there is no such customer, it has one account, or the field tells its accounts not apart.
    """
    from jobs.identity.persistent_ids import whole_customers
    from lakehouse.errors import ConfigError

    customer = options.split or options.confirm or ""
    rows = _rows(root, MAP, f"SELECT account_id FROM {MAP} WHERE customer_id = {listed([customer])}")
    accounts = [row["account_id"] for row in rows]
    if len(accounts) < 2:
        what = f"the customer {customer} has one account" if accounts else f"there is no customer {customer}"
        raise ConfigError(what, "--split or --confirm", "look for it with 'lakehouse explain' or 'lakehouse resolve'")
    if options.confirm:
        return whole_customers.confirm(accounts, options.reason)
    if not options.split_by:
        return whole_customers.split(accounts, options.reason)
    made = whole_customers.split_by(_values(root, accounts, options.split_by), options.reason)
    if not made:
        raise ConfigError(f"all accounts of {customer} have one '{options.split_by}', or none", "--split-by", "")
    return made


def _values(root: str, accounts: list[str], name: str) -> dict[str, str | None]:
    """A field of silver.customers of each account, as text."""
    from lakehouse.delta import rs_tables
    from lakehouse.delta.log import latest_version, table_path
    from lakehouse.errors import ConfigError

    path = table_path(root, CUSTOMERS)
    columns = rs_tables.columns(path, latest_version(path) or 0)
    if name not in columns:
        near = difflib.get_close_matches(name, columns, n=1, cutoff=0.0)
        raise ConfigError(f"silver.customers has no field '{name}'", "--split-by", f"did you mean '{near[0]}'?")
    wanted = listed(accounts)
    rows = _rows(root, CUSTOMERS, f"SELECT account_id, {name} AS value FROM {CUSTOMERS} WHERE account_id IN ({wanted})")
    return {row["account_id"]: None if row["value"] is None else str(row["value"]) for row in rows}


def _places(root: str, rows: list[Any]) -> Any:
    """What a preview looks at: the customers of the accounts that are decided about."""
    from jobs.identity.persistent_ids.decision_preview import Known, Place

    accounts = listed(sorted({account for row in rows for account in row.pair}))
    ids = f"SELECT DISTINCT customer_id FROM {MAP} WHERE account_id IN ({accounts})"
    members = _rows(root, MAP, f"SELECT account_id, customer_id, arrived_on FROM {MAP} WHERE customer_id IN ({ids})")
    customers = listed(sorted({row["customer_id"] for row in members}) or [""])
    came = _rows(
        root,
        MOVES,
        f"SELECT account_id, to_customer_id FROM {MOVES} WHERE event IN ('merged', 'moved') "
        f"AND to_customer_id IN ({customers})",
    )
    began = _rows(
        root,
        LEDGER,
        f"SELECT customer_id, min(run_date) AS began FROM {LEDGER} WHERE event IN ('created', 'split') "
        f"AND customer_id IN ({customers}) GROUP BY customer_id",
    )
    moved = {(row["account_id"], row["to_customer_id"]) for row in came}
    places = {
        r["account_id"]: Place(r["customer_id"], r["arrived_on"], (r["account_id"], r["customer_id"]) not in moved)
        for r in members
    }
    return Known(places, {row["customer_id"]: row["began"] for row in began})


def _one(options: Options, decision_file: Any) -> Any:
    """The pair of the command line as a line of a file."""
    pairs = {word: getattr(options, word) for word in ("same", "never", "withdraw")}
    decision, pair = next((word, pair) for word, pair in pairs.items() if pair)
    line = {"account_id_left": pair[0], "account_id_right": pair[1], "decision": decision, "reason": options.reason}
    return decision_file.decision_line(1, line)


def _known(root: str, accounts: list[str]) -> set[str]:
    known_accounts: set[str] = set()
    for start in range(0, len(accounts), MANY):
        texts = listed(accounts[start : start + MANY])
        for table in (
            "silver.customers",
            "identity.customer_map",
        ):  # what is erased already is in the map until tonight
            rows = _rows(root, table, f"SELECT account_id FROM {table} WHERE account_id IN ({texts})")
            known_accounts |= {row["account_id"] for row in rows}
    return known_accounts


def _rows(root: str, table: str, sql: str) -> list[dict[str, Any]]:
    """The answer of a query; no rows where the table has never been written."""
    from lakehouse.delta import log as delta_log
    from lakehouse.lake.reader import Reader

    if delta_log.latest_version(f"{root}/{table.replace('.', '/', 1)}") is None:
        return []
    rows: list[dict[str, Any]] = Reader(root).sql(sql).to_pylist()
    return rows
