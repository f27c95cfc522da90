"""`lakehouse deliver NAME`: hand the last night's messages over; `--stop` and `--go` hold and release all of them."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of

if TYPE_CHECKING:
    from jobs.activation.delivering.runs import Answer
    from jobs.activation.settings.destinations import Destination
    from lakehouse.config.layers import Conf

LONGEST_SLEEP = 60.0  # seconds between looks at the kill switch while an hour is waited for
PLAN_HELP = "what --dry-run --format json said when the person was asked (default: what is due now)"


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Where to, whether in earnest, and on whose word."""

    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="only these (default: all)")] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count what would be sent, send nothing")] = False
    stop: Annotated[bool, typer.Option("--stop", help="from now on nothing goes out, within one batch")] = False
    go: Annotated[bool, typer.Option("--go", help="take --stop back")] = False
    wait: Annotated[bool, typer.Option("--wait", help="stay until the hours of all messages have come")] = False
    approved_by: Annotated[
        str, typer.Option(metavar="WHO", help="who approves more messages than a destination's ask_above")
    ] = ""
    rejected_by: Annotated[str, typer.Option(metavar="WHO", help="who says no: nothing goes out, and it is kept")] = ""
    answered_at: Annotated[
        datetime | None, typer.Option(metavar="INSTANT", help="when they said so, UTC (default: now)")
    ] = None
    plan: Annotated[str, typer.Option(metavar="JSON", help=PLAN_HELP)] = ""
    at: Annotated[
        datetime | None, typer.Option(metavar="INSTANT", help="as if it were this instant, UTC (default: now)")
    ] = None
    format: Annotated[Literal["text", "json"], typer.Option(help="of --dry-run")] = "text"


def run(options: Options) -> int:
    """Deliver; exit code 1 where something waits for the next run, or for a person.

    Raises:
        typer.BadParameter: options that contradict one another.
    """
    from jobs.activation.delivering import deliver, receipts
    from lakehouse.runs import object_store

    _refuse_contradictions(options)
    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    object_store.refuse(root, "delivering, whose receipts are kept on a disk,")
    switch = Path(root, receipts.STOP)
    if options.stop or options.go:
        _turn(switch, options.stop)
        print("nothing goes out" if options.stop else "messages go out again")
        return 0
    chosen = _chosen(conf, options.names or ())
    if not chosen and options.format == "text":
        print("there is no destination yet: write one to conf/destinations/NAME.yaml")
        return 0
    if options.dry_run:
        _print_plan(conf, chosen, options)
        return 0
    waits = False
    for name, destination in chosen.items():
        counts: Counter[str] = Counter()
        for counts in _runs(conf, name, destination, options):
            print(f"{name}: " + (_listed(counts) or "nothing is due"), flush=True)
        waits |= any(counts[word] for word in (deliver.LATER, deliver.STOPPED, deliver.ASKED))
    return int(waits and not options.rejected_by)


def _refuse_contradictions(options: Options) -> None:
    given = {"--stop": options.stop, "--go": options.go}
    said = {"--approved-by": options.approved_by, "--rejected-by": options.rejected_by}
    for several in (given, said):
        if any(several.values()):
            common.exactly_one(several)


def _turn(switch: Path, is_stop: bool) -> None:
    """Set the kill switch, also where no night has been yet, or take it back."""
    if is_stop:
        switch.parent.mkdir(parents=True, exist_ok=True)
        switch.touch()
    else:
        switch.unlink(missing_ok=True)


def _chosen(conf: "Conf", names: Any) -> "dict[str, Destination]":
    from jobs.activation.settings.destinations import Settings
    from lakehouse.config.findings import nearest
    from lakehouse.errors import ConfigError

    known = conf.settings("destinations", Settings).destinations
    for name in names:
        if name not in known:
            raise ConfigError(
                f"there is no destination '{name}'", "conf/destinations", nearest(name, known) or "add it"
            )
    return {name: one for name, one in known.items() if not names or name in names}


def _runs(conf: "Conf", name: str, destination: "Destination", options: Options) -> Iterator[Counter[str]]:
    """One hand-over; with --wait others, until no message waits for its hour."""
    from jobs.activation.delivering import deliver
    from jobs.activation.delivering.messages import Target

    begun, start = time.monotonic(), _utc(options.at)
    while True:
        at = start + timedelta(seconds=time.monotonic() - begun)
        counts = deliver.deliver(conf, name, destination, at, answer=_answer(options, name, conf))
        yield counts
        opens = deliver.Due(conf, Target(name, destination, at)).opens_at if options.wait else None
        if opens is None or any(counts[word] for word in (deliver.LATER, deliver.STOPPED, deliver.ASKED)):
            return
        time.sleep(min(LONGEST_SLEEP, max(0.0, (opens - at).total_seconds()) + 0.01))


def _answer(options: Options, name: str, conf: "Conf") -> "Answer | None":
    """What a person said of a destination, or of the plan that they saw.

    Raises:
        LakehouseError: the plan is none, or no night has been.
    """
    from jobs.activation.delivering.runs import Answer
    from lakehouse.errors import LakehouseError
    from lakehouse.ops.history import History

    by = options.approved_by or options.rejected_by
    if not by:
        return None
    at, is_yes = _utc(options.answered_at), not options.rejected_by
    if options.plan:
        try:
            plan = json.loads(options.plan)
            return Answer(by, at, date.fromisoformat(plan["run_date"]), plan["messages"].get(name, 0), is_yes)
        except (ValueError, KeyError, TypeError, AttributeError):
            remedy = "give what 'lakehouse deliver --dry-run --format json' printed, in quotes"
            raise LakehouseError("this is no plan", "--plan", remedy) from None
    nights = History(conf.profile.path(conf.profile.lake)).nights()
    if not nights:
        raise LakehouseError("no night has been yet", "lakehouse deliver", "run 'lakehouse night' first")
    return Answer(by, at, nights[-1], None, is_yes)


def _utc(instant: datetime | None) -> datetime:
    return (instant or datetime.now(UTC)).replace(tzinfo=UTC)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {what}" for what, n in sorted(counts.items()))


def _print_plan(conf: "Conf", chosen: "Mapping[str, Destination]", options: Options) -> None:
    """What would go out; as JSON in one line, for whoever asks a person."""
    from jobs.activation.delivering import deliver
    from jobs.activation.delivering.messages import Target

    plan: dict[str, Any] = {"run_date": "", "messages": {}, "asks": [], "text": ""}
    lines = []
    for name, destination in chosen.items():
        due = deliver.Due(conf, Target(name, destination, _utc(options.at)))
        counts = due.refusals() + Counter({"would be sent": due.good.num_rows})
        lines.append(f"{name}: " + (_listed(counts) or "nothing is due"))
        plan["run_date"], plan["messages"][name] = due.run_date.isoformat(), due.count
        if due.needs_answer:
            plan["asks"].append(name)
    plan["text"] = "; ".join(lines)
    print(json.dumps(plan) if options.format == "json" else "\n".join(lines))
