"""Checks of conf/<subject>.yaml and conf/profiles/: models, conditions, profiles."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from lakehouse.config.documents import Document, shown
from lakehouse.config.findings import Findings, nearest
from lakehouse.config.layers import FOLDERS as SUBJECTS
from lakehouse.config.layers import Conf, Profile
from lakehouse.config.settings import build
from lakehouse.contracts.contract import Contract
from lakehouse.modelling import named
from lakehouse.runs import job_modules, references
from lakehouse.runs.graph import Job
from lakehouse.runs.settings_models import model_of, subjects
from lakehouse.sql.checks import Scope, check_expression

CONDITIONS = ("when", "evidence")  # keys whose text is SQL over the tables that the subject's job reads
FOLDERS = ("exports", "contracts", "profiles", "expectations", "schema", "sample", "models", *SUBJECTS)


def check(conf: Conf, contracts: Mapping[str, Contract], findings: Findings) -> None:
    """All subjects, profiles, models, and files that nothing reads."""
    for name, jobs in subjects().items():
        with findings.caught(name):
            document = conf.document(name)
            if not jobs[0].faults:
                _conditions(document, jobs[0], contracts, findings)
            with findings.caught(name):
                findings.items += references.undefined(conf, name)
            build(model_of(name), document)
            if jobs[0].faults:
                _closer(conf, name, jobs[0], findings)
    for name in sorted({path.stem for path in conf.files("profiles/*.yaml")}):
        _profile(conf, name, findings)
    for name in sorted({path.stem for path in conf.files("models/*.yaml")}):
        with findings.caught(name):
            named.model_of(conf, name)
    _strangers(conf, findings)


def _conditions(document: Document, job: Job, contracts: Mapping[str, Contract], findings: Findings) -> None:
    tables = [contracts[table] for table in (*job.reads, *job.writes) if table in contracts]
    scope = Scope({column.name for contract in tables for column in contract.columns})
    for path, sql in _texts(document.value, ()):
        if path[-1] in CONDITIONS and isinstance(sql, str):
            check_expression(sql, scope, document.where(path), findings)


def _closer(conf: Conf, name: str, job: Job, findings: Findings) -> None:
    """What the room that reads a subject has to say of it."""
    for fault in job_modules.faults(job).all_faults(conf, name):
        findings.error(fault.where, fault.what, fault.remedy)


def _texts(value: Any, at: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*at, key), inner
        yield from _texts(inner, (*at, key))


def _profile(conf: Conf, name: str, findings: Findings) -> None:
    with findings.caught(name):
        document = conf.document(f"profiles/{name}")
        build(Profile, dataclasses.replace(document, value={**document.value, "name": name}))


def _strangers(conf: Conf, findings: Findings) -> None:
    """Files of a layer that nothing reads are mostly misspelt ones."""
    known = subjects()
    for layer in conf.layers:
        for path in sorted(layer.iterdir()):
            if path.suffix in (".yaml", ".yml") and (path.stem not in known or path.suffix == ".yml"):
                findings.warning(shown(path), "nothing reads this file", nearest(path.stem, known))
            if path.is_dir() and path.name not in FOLDERS and not path.name.startswith("."):
                findings.warning(shown(path), "nothing reads this folder", nearest(path.name, FOLDERS))
