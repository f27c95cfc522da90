"""Disturbances other than a plain kill: lost replies, a full or closed disk, stores that fail, others at work."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

from lakehouse.config.layers import Conf
from tests.crash import beside, kills, machine, nights
from tests.crash.commits import AFTER, Hook, is_commit
from tests.crash.processes import Child, Send, settle
from tests.crash.setting import Setting, Tried

ROOMS_BYTES = (0, 4_096, 20_000, 65_536, 200_000, 500_000, 1_500_000)  # left on the disk when a night begins


class LostReplyError(Exception):
    """A commit was made, and its reply did not come."""


def replies_lost(setting: Setting) -> Tried:
    """Of a third of the commits the reply is lost: the night must look whether they were made."""
    for number in range(setting.times(3)):
        conf = setting.begun("second", f"replies-{number}")
        every = [name for name, side in setting.points["second"] if side == AFTER and is_commit(name)]
        lost = frozenset(setting.chance.sample(every, max(1, len(every) // 3)))

        _, sent = setting.nights["second"].start(conf, partial(_losing, lost)).ended()
        kills.finish(setting.nights["second"], conf)
        yield "second", conf, sum(answer[0] == "lost" for answer in sent)


def _losing(lost: frozenset[str], send: Send) -> Hook:
    def hook(name: str, side: str) -> None:
        if side == AFTER and name in lost:
            send(("lost", name))
            raise LostReplyError(name)

    return hook


def disk_full(setting: Setting) -> Tried:
    """The disk of the lake and of MLflow's store fills while data, logs, checkpoints and runs are written."""
    rooms = setting.chance.sample(ROOMS_BYTES, setting.times(len(ROOMS_BYTES)))
    for number, room in enumerate(rooms):
        conf = setting.begun("second", f"full-{number}")
        with machine.small_disk(Path(conf.profile.lake).parent, room) as is_full:
            if not is_full:
                return  # nobody may mount a disk here
            setting.nights["second"].start(conf).ended()
        kills.finish(setting.nights["second"], conf)
        yield "second", conf, 1


def lake_read_only(setting: Setting) -> Tried:
    """Nobody may write in the lake."""
    conf = setting.begun("second", "read-only")
    with machine.read_only(Path(conf.profile.lake)):
        code, _ = setting.nights["second"].start(conf, first=machine.obey_file_modes).ended()
        assert code == 1, "a night that could write nothing said that all was well"
    kills.finish(setting.nights["second"], conf)
    yield "second", conf, 1


def store_failing(how: Callable[[Path], AbstractContextManager[None]]) -> Callable[[Setting], Tried]:
    """MLflow's database fails during a first night, which trains models."""

    def trial(setting: Setting) -> Tried:
        conf = setting.begun("first", f"mlflow-{how.__name__}")
        with how(Path(conf.profile.lake).parent / "mlflow.db"):
            setting.nights["first"].start(conf).ended()
        kills.finish(setting.nights["first"], conf)
        yield "first", conf, 1

    return trial


def two_at_once(setting: Setting) -> Tried:
    """Airflow starts a night, and somebody does by hand: one of them is refused."""
    conf, company = setting.begun("second", "two"), setting.nights["second"]
    both = [company.start(conf, night="scheduled"), company.start(conf)]
    ended = [child.ended() for child in both]
    refused = [sent for code, sent in ended if code and "the lake is in use" in str(sent[-1])]
    assert len(refused) == 1, ended
    kills.finish(company, conf)
    yield "second", conf, 1


def success_lost(setting: Setting) -> Tried:
    """Each task of the DAG is run twice under one run id, as after a success that Airflow never heard of."""
    conf, company = setting.begun("second", "retried"), setting.nights["second"]
    for name in company.steps:
        for _ in range(2):
            code, sent = company.start(conf, names=(name,), night="scheduled").ended()
            assert code == 0, sent
    yield "second", conf, len(company.steps)


def others_at_work(setting: Setting) -> Tried:
    """OPTIMIZE, VACUUM and readers during a night."""
    conf, company = setting.begun("second", "others"), setting.nights["second"]
    others = [beside.compacting(conf, setting.seconds), beside.reading(conf, setting.seconds)]
    _, sent = company.start(conf).ended()
    assert sent[-1] == (nights.ERRORS, []), sent[-1]
    (_, compacted), (_, read) = (other.ended() for other in others)
    times, faults = read[-1]
    assert not faults, faults
    yield "second", conf, compacted[-1] + times


def decided_meanwhile(setting: Setting) -> Tried:
    """A decision during a night waits for the next one, and is not refused; the night is as without it."""
    conf, company = setting.begun("second", "decided"), setting.nights["second"]
    mark = Path(f"{conf.profile.lake}.mapped")

    def telling(_send: Send) -> Hook:
        return lambda name, side: mark.touch() if name.startswith("identity.customer_map") and side == AFTER else None

    child = company.start(conf, telling)
    while not mark.exists() and not _is_over(child):
        nights.pause()
    code, sent = beside.deciding(conf).ended()
    assert (code, sent[-1]) == (0, 0), sent
    _, sent = child.ended()
    assert sent[-1] == (nights.ERRORS, []), sent[-1]
    assert list((Path(conf.profile.lake) / "_decisions").glob("*.json")), "the decision is gone"
    yield "second", conf, 1


def workers_killed(setting: Setting) -> Tried:
    """Python workers are killed and Spark's jobs are cut short while a first night runs."""
    conf, company = setting.begun("first", "workers"), setting.nights["first"]
    child = company.start(conf)

    killed = beside.killing_workers(company.spark, setting.chance, lambda: _is_over(child))
    child.ended()
    settle(company.spark)
    kills.finish(company, conf)
    yield "first", conf, killed


def _is_over(child: Child) -> bool:
    """Whether a night has ended; who asks does not take its exit code away."""
    return os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


OTHERS: dict[str, Callable[[Setting], Iterator[tuple[str, Conf, Any]]]] = {
    "reply of a commit lost": replies_lost,
    "disk full": disk_full,
    "lake read-only": lake_read_only,
    "MLflow's database locked": store_failing(machine.locked),
    "MLflow's database absent": store_failing(machine.absent),
    "two nights at once": two_at_once,
    "a task's success lost": success_lost,
    "OPTIMIZE, VACUUM, readers meanwhile": others_at_work,
    "decide meanwhile": decided_meanwhile,
    "workers and tasks killed": workers_killed,
}
