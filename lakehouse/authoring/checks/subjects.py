"""Checks of conf/<subject>.yaml and conf/profiles/: the form that the jobs declare, conditions, places."""

import dataclasses
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

from lakehouse.authoring.checks.forms import form_of, subjects
from lakehouse.config.documents import Document, shown
from lakehouse.config.findings import Findings, nearest
from lakehouse.config.layers import Conf, Profile
from lakehouse.config.settings import build
from lakehouse.contracts.contract import Contract
from lakehouse.runs import job_modules
from lakehouse.runs.graph import Job
from lakehouse.sql.checks import Scope, check_expression

CONDITIONS = ("when", "evidence")  # keys whose text is SQL over the tables that the subject's job reads
FOLDERS = ("exports", "contracts", "profiles", "expectations", "schema", "sample")


def check(conf: Conf, contracts: Mapping[str, Contract], findings: Findings) -> None:
    """All subjects, profiles, and files that nothing reads."""
    for name, jobs in subjects().items():
        with findings.caught(name):
            document = conf.document(name)
            owners = [job for job in jobs if job.conf[0] == name]  # others look something up in it
            for form in dict.fromkeys(form for job in owners if (form := form_of(job))):
                build(form, document)
            if jobs[0].faults:
                _closer(conf, name, jobs[0], findings)
            else:
                _conditions(document, jobs[0], contracts, findings)
    for name in sorted({path.stem for path in conf.files("profiles/*.yaml")}):
        _profile(conf, name, findings)
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
        profile = build(Profile, dataclasses.replace(document, value={**document.value, "name": name}))
        _profile_values(profile, document, findings)


def _profile_values(profile: Profile, document: Document, findings: Findings) -> None:
    zone, currency, secret = profile.business_time_zone, profile.reporting_currency, profile.account_secret
    if zone not in zoneinfo.available_timezones():
        remedy = nearest(zone, zoneinfo.available_timezones())
        findings.error(document.where(("business_time_zone",)), f"'{zone}' is no time zone", remedy)
    if not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        where = document.where(("reporting_currency",))
        findings.error(where, f"'{currency}' is no ISO 4217 code", "write three capital letters, such as EUR")
    if not secret.startswith(("env:", "file:")):
        where = document.where(("account_secret",))
        findings.error(where, "the secret itself stands here", "write env:NAME or file:PATH, and replace the secret")


def _strangers(conf: Conf, findings: Findings) -> None:
    """Files of a layer that nothing reads are mostly misspelt ones."""
    known = subjects()
    for layer in conf.layers:
        for path in sorted(layer.iterdir()):
            if path.suffix in (".yaml", ".yml") and (path.stem not in known or path.suffix == ".yml"):
                findings.warning(shown(path), "nothing reads this file", nearest(path.stem, known))
            if path.is_dir() and path.name not in FOLDERS and not path.name.startswith("."):
                findings.warning(shown(path), "nothing reads this folder", nearest(path.name, FOLDERS))
