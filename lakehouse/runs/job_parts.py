"""Everything that shapes a job's result beside its inputs, part by part.

Code, settings, exports, contracts, suites, pins: a job is rebuilt when one of them changes, and `lakehouse plan` names
it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from lakehouse.config.documents import merged, read_document
from lakehouse.config.layers import Conf, read_part
from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.quality import suites
from lakehouse.runs import code_hash
from lakehouse.runs.code_hash import Code
from lakehouse.runs.graph import Job
from lakehouse.runs.pins import pins
from lakehouse.runs.source.reach import Reached

LEARNED = "learned"  # the part that says by what a job learns what it keeps, see `learned_hash`
PROFILE_KEYS = ("business_time_zone", "reporting_currency")  # of the profile, these change figures
UNREAD = ("description", "purpose")  # keys of an export that are for people
OF_INTAKE = ("drift",)  # top keys that landing alone asks, every night
DEPTH = 3  # keys below are part of the key above
MOST_KEYS = 50  # a mapping with more is one part


@dataclass(frozen=True)
class Fingerprint:
    """What a job's result depends on beside its inputs.

    digest: 16 hexadecimal digits for all of it; parts: what it is made of, name -> short hash.
    learned: of what the job keeps for longer than a night (a model) the code and settings alone, "" for none.
    """

    digest: str
    parts: dict[str, str]
    learned: str = ""


def fingerprint(job: Job, conf: Conf, contracts: Contracts, code: Code | None = None) -> Fingerprint:
    """What the job's result depends on as of now.

    Raises:
        LakehouseError: the job's source cannot be read.
    """
    code = code or code_hash.installed()
    reached = code.of_job(job)
    of_conf = {name: _short(value) for name, value in _declared(job, conf, contracts, reached)}
    digest = hashlib.sha256(json.dumps([reached.digest, sorted(of_conf.items())]).encode()).hexdigest()[:16]
    learned = learned_hash(job, conf, code)
    parts = {**reached.parts, **of_conf, **({LEARNED: learned} if learned else {})}
    return Fingerprint(digest, parts, learned)


def learned_hash(job: Job, conf: Conf, code: Code | None = None) -> str:
    """A hash of the code that learns (LEARNS: functions of the room) and the settings it learns by (LEARNS_BY).

    The engine, the libraries' versions and all else of the job are not in it: what was learned outlasts them. It
    begins with `m`, so that hashes of another kind are told from it; "" for a job that learns nothing.
    """
    if not job.learns:
        return ""
    reached = (code or code_hash.installed()).of_rooms(job.learns)
    settings = {name: setting(conf, name) for name in job.learns_by}
    return "m" + hashlib.sha256(json.dumps([reached.digest, settings], default=str).encode()).hexdigest()[:15]


def setting(conf: Conf, dotted: str) -> Any:
    """`identity.training.iterations` of conf/identity.yaml; None where it is not there."""
    subject, *keys = dotted.split(".")
    value = conf.document(subject).value
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _declared(job: Job, conf: Conf, contracts: Contracts, reached: Reached) -> Iterator[tuple[str, Any]]:
    for subject in dict.fromkeys((*job.conf, *reached.subjects)):
        yield from _subject(conf, subject)
    for key in PROFILE_KEYS:
        if key in reached.attrs:
            yield f"setting profile.{key}", getattr(conf.profile, key)
    for export in _exports(job, conf):
        path = conf.export_file(export)
        yield from ((f"export {export}{name}", part) for name, part in _export(path, path.read_bytes()))
    for table in dict.fromkeys((*job.readable, *job.writes)):
        if table in set(contracts):  # those of bronze and quarantine follow from exports and code
            yield from _contract(contracts[table])
    for table in job.writes:
        for i, one in enumerate(suites.stewards(conf, table)):
            yield f"suite {table}: {one.name} ({i + 1})", [one.type, one.kwargs, one.severity]
    yield from ((f"pin {name}", version) for name, version in pins(reached.outside).items())


def _subject(conf: Conf, subject: str) -> Iterator[tuple[str, Any]]:
    """The keys of a subject, and what stands in files that it names."""
    documents = tuple((path, path.read_bytes()) for path in conf.documents(subject))
    if not documents:
        return  # a job whose subject is missing says so when it reads it
    parts, texts = _document(documents, subject)
    yield from ((f"setting {subject}{name}", part) for name, part in parts)
    for text in texts:
        if files := [layer / text for layer in conf.layers if (layer / text).is_file()]:
            yield f"file {text}", hashlib.sha256(files[-1].read_bytes()).hexdigest()


@lru_cache(maxsize=512)
def _document(documents: tuple[tuple[Path, bytes], ...], subject: str) -> tuple[list[tuple[str, Any]], list[str]]:
    """The parts of documents laid one over the other, and the names of tables in files; once for the same content."""
    value = merged([read_part(path, subject) for path, _ in documents]).value
    return list(_flat(value)), sorted({text for text in _texts(value) if text.endswith(".csv")})


@lru_cache(maxsize=512)
def _export(path: Path, content: bytes) -> list[tuple[str, Any]]:
    """The parts of one export's YAML that are not for people alone; once for the same content."""
    value = {key: part for key, part in read_document(path).value.items() if key not in (*UNREAD, *OF_INTAKE)}
    return [(name, _readable(part)) for name, part in _flat(value)]


def _exports(job: Job, conf: Conf) -> list[str]:
    """The exports whose YAML says something to the job.

    All to one that takes files or lines in, else those that fill a table which it reads or writes.
    """
    is_intake = job.room in ("landing", "bronze")
    if not is_intake and not any(name.startswith("bronze.") for name in job.reads):
        return []
    tables = {*job.reads, *job.writes}
    return [e.name for e in conf.exports().values() if is_intake or any(t.table in tables for t in e.targets)]


def _contract(contract: Contract) -> Iterator[tuple[str, Any]]:
    """What of a contract can change a result; what it tells people is not in it."""
    name = f"contract {contract.table}"
    for column in contract.columns:
        yield f"{name}.{column.name}", [column.type, column.required, column.key, column.enum]
    yield f"{name}: order of columns", [column.name for column in contract.columns]
    yield f"{name}: publish mode", contract.publish_mode
    yield f"{name}: version", contract.version


def _flat(value: Any, depth: int = 1) -> Iterator[tuple[str, Any]]:
    """Parts of a mapping by their dotted keys; below the first level the order of keys is a part, too."""
    if not isinstance(value, Mapping) or not value or depth > DEPTH or len(value) > MOST_KEYS:
        yield "", value
        return
    for key, below in value.items():
        yield from ((f".{key}{name}", part) for name, part in _flat(below, depth + 1))
    if depth > 1 and len(value) > 1:
        yield ": order of keys", list(value)


def _readable(value: Any) -> Any:
    """A value without what is for people."""
    if isinstance(value, Mapping):
        return {key: _readable(below) for key, below in value.items() if key not in UNREAD}
    return [_readable(below) for below in value] if isinstance(value, list) else value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (Mapping, list)):
        for below in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(below)


def _short(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, default=str).encode()).hexdigest()[:8]
