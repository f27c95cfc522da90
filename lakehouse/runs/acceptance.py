"""Accept a change of a job that does not change its results: its history stands, and the acceptance is recorded."""

import getpass
from dataclasses import dataclass
from datetime import UTC, datetime

from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts
from lakehouse.delta.log import table_path
from lakehouse.errors import ConfigError
from lakehouse.ops import job_parts, tables
from lakehouse.ops.accepted import TABLE, Accepted
from lakehouse.ops.history import History
from lakehouse.runs import graph, what_changed
from lakehouse.runs.job_parts import LEARNED, fingerprint

WHERE = "--accept"


@dataclass(frozen=True)
class Acceptance:
    """An accepted change: of which job, from and to which hash, and the parts that differ (None: not recorded)."""

    job: str
    old_hash: str
    new_hash: str
    changes: tuple[str, ...] | None


def accept(conf: Conf, name: str, reason: str) -> Acceptance:
    """Declare that the present change of a job does not change its results.

    Args:
        name: the job's table or module.
        reason: why, for whoever asks later.

    Raises:
        ConfigError: there is no such job, it never ran, nothing of it changed, it was accepted before, or no reason.
    """
    if not reason.strip():
        raise ConfigError("an acceptance needs a reason", "--reason", "say why the results stay as they are")
    job, root = _job(name), conf.profile.path(conf.profile.lake)
    contracts = Contracts(conf)
    now = fingerprint(job, conf, contracts)
    old_hash = _old_hash(job, root, now.digest)
    before = job_parts.of(root, job.name, old_hash)
    changes = None if before is None else what_changed.changed(before, now.parts)
    row = {
        "job": job.name,
        "old_hash": old_hash,
        "new_hash": now.digest,
        "old_learned_hash": (before or {}).get(LEARNED),
        "new_learned_hash": now.learned or None,
        "changes": changes,
        "reason": reason.strip(),
        "accepted_by": getpass.getuser(),
        "accepted_at": datetime.now(UTC),
    }
    parts = {"job": job.name, "job_hash": now.digest, "parts": now.parts}
    run = {"run_id": "accepted", "run_date": datetime.now(UTC).date()}
    tables.append(table_path(root, TABLE), contracts[TABLE], [row], "accepted")
    if (job.name, now.digest) not in job_parts.known(root):
        path = table_path(root, job_parts.TABLE)
        tables.append(path, contracts[job_parts.TABLE], [{**parts, **run}], "accepted")
    return Acceptance(job.name, old_hash, now.digest, None if changes is None else tuple(changes))


def _job(name: str) -> graph.Job:
    """The one job of that name; a step or a room is no job."""
    chosen = graph.select((name,))
    if name in (*graph.STEPS, *graph.ROOMS) or len(chosen) != 1:
        raise ConfigError(f"'{name}' is not one job", WHERE, "name the job by its table; see 'lakehouse plan'")
    return chosen[0]


def _old_hash(job: graph.Job, root: str, new_hash: str) -> str:
    """The hash of the job's last good run, where that is another one and not yet accepted."""
    last = History(root).last(job.name)
    if last is None:
        raise ConfigError(f"{job.name} never ran", WHERE, "there is no history that could stand: let a night run it")
    old_hash, accepted = str(last["job_hash"]), Accepted(root)
    if old_hash == new_hash:
        raise ConfigError(f"nothing of {job.name} changed since its last run", WHERE, "there is nothing to accept")
    if (row := accepted.of(job.name, old_hash, new_hash)) is not None:
        what = f"this change of {job.name} was accepted by {row['accepted_by']} on {row['accepted_at']:%Y-%m-%d}"
        raise ConfigError(f"{what}: {row['reason']}", WHERE, "there is nothing more to accept")
    return old_hash
