"""`lakehouse deliver NAME`: hand the last night's messages over; `--stop` and `--go` hold and release all of them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from lakehouse.cli import options as common
from lakehouse.cli.options import conf_of


@dataclass(frozen=True, kw_only=True)
class Options(common.Options):
    """Where to, and whether in earnest."""

    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="only these (default: all)")] = None
    dry_run: Annotated[bool, typer.Option("--dry-run", help="count what would be sent, send nothing")] = False
    stop: Annotated[bool, typer.Option("--stop", help="from now on nothing goes out, within one batch")] = False
    go: Annotated[bool, typer.Option("--go", help="take --stop back")] = False
    at: Annotated[
        datetime | None, typer.Option(metavar="INSTANT", help="as if it were this instant, UTC (default: now)")
    ] = None


def run(options: Options) -> int:
    """Deliver; exit code 1 where something waits for the next run."""
    from jobs.activation.delivering import deliver, receipts
    from jobs.activation.settings.destinations import Settings
    from lakehouse.config.findings import nearest
    from lakehouse.errors import ConfigError
    from lakehouse.runs import object_store

    conf = conf_of(options)
    root = conf.profile.path(conf.profile.lake)
    object_store.refuse(root, "delivering, whose receipts are kept on a disk,")
    switch = Path(root, receipts.STOP)
    if options.stop or options.go:
        switch.touch() if options.stop else switch.unlink(missing_ok=True)
        print("nothing goes out" if options.stop else "messages go out again")
        return 0
    known = conf.settings("destinations", Settings).destinations
    at, waits = (options.at or datetime.now(UTC)).replace(tzinfo=UTC), False
    for name in options.names or known:
        if name not in known:
            raise ConfigError(
                f"there is no destination '{name}'", "conf/destinations", nearest(name, known) or "add it"
            )
        counts = deliver.deliver(conf, name, known[name], at, options.dry_run)
        print(f"{name}: " + (", ".join(f"{n:,} {what}" for what, n in sorted(counts.items())) or "nothing is due"))
        waits |= bool(counts[deliver.LATER] or counts[deliver.STOPPED])
    return int(waits)
