"""Steps of set-up: each says what it does, which of how many it is and how long it took; done ones are not repeated."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lakehouse.setup.places import Places

_LOCK = threading.Lock()


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes:
        name: the key under which its completion is remembered.
        says: what it does, for the terminal.
        inputs: files whose content decides whether it must run again.
        makes: paths that must exist for it to count as done.
        act: does it, and returns a line of result.
        after: the step that must be done before it; independent steps run side by side.
        database: a database server that it fills; another one is filled again.
    """

    name: str
    says: str
    inputs: tuple[Path, ...]
    makes: tuple[Path, ...]
    act: Callable[[Places], str]
    after: str | None = None
    database: str = ""


def key(step: Step, places: Places) -> str:
    """Hash of what the step depends on: where the clone stands, and its input files."""
    digest = hashlib.sha256(f"{places.root}\n{step.name}\n{step.says}{step.database}".encode())
    for path in step.inputs:
        digest.update(path.read_bytes() if path.is_file() else b"missing")
    return digest.hexdigest()


def pending(steps: Iterable[Step], places: Places) -> list[Step]:
    """The steps to run: not done, done from other inputs, their result gone, or behind one that runs."""
    done = _done(places)
    todo: list[Step] = []
    for step in steps:
        stale = done.get(step.name) != key(step, places) or not all(path.exists() for path in step.makes)
        if stale or step.after in {earlier.name for earlier in todo}:
            todo.append(step)
    return todo


def run(steps: list[Step], places: Places, say: Callable[[str], None] = print) -> None:
    """Run the steps, those that wait for nothing side by side, and remember each as it ends.

    Raises:
        MachineError: of the first step that failed, after those beside it have ended.
    """
    names = [step.name for step in steps]
    futures: dict[str, Future[None]] = {}

    def one(step: Step) -> None:
        if step.after in futures:
            futures[step.after].result()
        place = f"[{names.index(step.name) + 1}/{len(names)}]"
        say(f"{place} {step.says} ...")
        started = time.monotonic()
        result = step.act(places)
        _remember(step, places)
        say(f"{place} {step.says}: {result} ({time.monotonic() - started:.0f} s)")

    with ThreadPoolExecutor(max_workers=len(steps) or 1) as pool:
        for step in steps:  # a step is submitted after the one it waits for, so no wait can be circular
            futures[step.name] = pool.submit(one, step)
    for step in steps:
        futures[step.name].result()


def _done(places: Places) -> dict[str, str]:
    try:
        return dict(json.loads(places.stamps.read_text()))
    except (OSError, ValueError):
        return {}


def _remember(step: Step, places: Places) -> None:
    with _LOCK:
        places.stamps.parent.mkdir(parents=True, exist_ok=True)
        part = places.stamps.with_suffix(".part")
        part.write_text(json.dumps(_done(places) | {step.name: key(step, places)}, indent=1))
        part.replace(places.stamps)
