"""One hand-over: what is due and not yet receipted goes out, batch by batch."""

from collections import Counter
from datetime import datetime

from jobs.activation.delivering import files, receipts
from jobs.activation.delivering.messages import SENT, SKIPPED, Message, Target, messages
from jobs.activation.delivering.webhook import UnreachableError, Webhook
from jobs.activation.settings.contact_policy import Settings as Policy
from jobs.activation.settings.destinations import Destination
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.lake.local_tables import LocalTables
from lakehouse.sql.query import Query

STOPPED, LATER = "stopped", "waits"


def deliver(conf: Conf, name: str, destination: Destination, at: datetime, dry_run: bool = False) -> Counter[str]:
    """Hand the last night's messages over, and count what became of them.

    Args:
        at: now.
        dry_run: count, send nothing and keep no receipt.

    Raises:
        LakehouseError: the lake is not on a local disk, where receipts are kept.
        MachineError: another run hands over to the destination.
    """
    tables = LocalTables(conf)
    if "://" in tables.root:
        raise LakehouseError(
            "receipts are kept on a local disk", tables.root, "deliver from the machine that has the lake"
        )
    with receipts.alone(tables.root, name):
        return _delivered(conf, tables, Target(name, destination, at), dry_run)


def _delivered(conf: Conf, tables: LocalTables, target: Target, dry_run: bool) -> Counter[str]:
    name, destination, at = target.name, target.destination, target.at
    done = known_keys(tables)
    found = messages(tables, target, conf.settings("contact_policy", Policy))
    due = [one for one in found if one.key not in done or destination.kind == "files"]
    refused, good = [one for one in due if one.refused], [one for one in due if not one.refused]
    counts = Counter({f"not sent: {reason}": n for reason, n in Counter(one.refused for one in refused).items()})
    if dry_run:
        return counts + Counter({"would be sent": len(good)})
    kept = receipts.Receipts(tables.root, name)
    try:
        kept.write([one for one in refused if one.key not in done], SKIPPED, "", at)
        return counts + _sent(conf, tables, target, good, kept)
    finally:
        kept.close()


def known_query() -> Query:
    """Keys of messages that no run sends again."""
    sql = "SELECT message_key FROM {deliveries} WHERE state <> 'skipped'"
    return Query(sql, {"deliveries": "activation.deliveries"}, answers="message_key STRING")


def known_keys(tables: LocalTables) -> set[str]:
    """Keys of messages that were sent, or refused by the receiver for what they are."""
    rows = tables.answer(known_query())
    return {*rows["message_key"].to_pylist()} | {
        row["message_key"] for row in receipts.waiting(tables.root) if row["state"] != SKIPPED
    }


def _sent(
    conf: Conf, tables: LocalTables, target: Target, good: list[Message], kept: receipts.Receipts
) -> Counter[str]:
    destination, at = target.destination, target.at
    if receipts.is_stopped(tables.root):
        return Counter({STOPPED: len(good)})
    if destination.kind == "files":
        files.put(destination, kept.destination, tables.run_date, good)
        kept.write(good, SENT, "", at, 1)
        return Counter({SENT: len(good)})
    hook = Webhook(destination, conf.secret(destination.secret) if destination.secret else "")
    counts: Counter[str] = Counter()
    for begin in range(0, len(good), destination.batch_size):
        if receipts.is_stopped(tables.root):
            return counts + Counter({STOPPED: len(good) - begin})
        try:
            for part, state, reason, attempts in hook.send(good[begin : begin + destination.batch_size]):
                kept.write(part, state, reason, at, attempts)
                counts[state] += len(part)
        except UnreachableError:
            return counts + Counter({LATER: len(good) - sum(counts.values())})
    return counts
