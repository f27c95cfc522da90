"""Definitions of audiences, triggers and offers: their hashes, and what is wrong with them beyond their YAML's form."""

import functools
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from jobs.activation.settings.audiences import Message
from jobs.activation.settings.audiences import Settings as Audiences
from jobs.activation.settings.offers import Settings as Offers
from jobs.activation.settings.triggers import Settings as Triggers
from lakehouse.config.layers import Conf
from lakehouse.config.settings import build
from lakehouse.contracts import contract as contracts
from lakehouse.errors import ConfigError, ConfigFileError
from lakehouse.lake.reader import rows
from lakehouse.sql.conditions import Language

PROFILE = "customer_profile"
LANGUAGE = Language(PROFILE)
KINDS = {"audiences": "audience", "triggers": "trigger", "offers": "offer"}
NOT_DEFINING = ("version", "owner", "description", "priority", "expires_on", "capacity_per_night")
SINCE_ADDED = ("points_expire",)  # keys that definitions on record were made without: they count where they are set


def messages(conf: Conf, subject: str) -> dict[str, Message]:
    """The audiences, triggers or offers of conf, by name."""
    if subject == "audiences":
        return dict(build(Audiences, conf.document(subject)).audiences)
    if subject == "offers":
        return dict(build(Offers, conf.document(subject)).offers)
    return dict(build(Triggers, conf.document(subject)).triggers)


def definition_hash(message: Message) -> str:
    """A short hash of all that decides whom a message is for and what it says; blanks in a condition are no change."""
    return hashlib.sha256(json.dumps(said(message), sort_keys=True).encode()).hexdigest()[:16]


def said(message: Message) -> dict[str, Any]:
    """What the hash is of: key -> value."""
    defining = {name: value for name, value in message.model_dump(mode="json").items() if name not in NOT_DEFINING}
    defining["when"] = " ".join(message.when.split())
    return {name: value for name, value in defining.items() if value is not None or name not in SINCE_ADDED}


def changed(conf: Conf, known: Mapping[tuple[str, str, str], str]) -> Iterator[ConfigError]:
    """Definitions that are not those that their version stands for.

    Args:
        known: kind, name, version -> hash, of the lake.
    """
    for subject, kind in KINDS.items():
        document = conf.document(subject)
        for name, message in messages(conf, subject).items():
            if known.get((kind, name, message.version), definition_hash(message)) != definition_hash(message):
                what = f"{name}: the definition is not that of version {message.version}, by which it has run"
                where = document.where((subject, name))
                yield ConfigError(what, where, "raise its version, or take back the change")


def all_faults(conf: Conf, subject: str) -> Iterator[ConfigError]:
    """Conditions that cannot be used, and definitions that changed under the version that the lake knows them by."""
    yield from faults(conf, subject)
    yield from (error for error in changed(conf, known_hashes(conf)) if error.where.startswith(_place(conf, subject)))


def _place(conf: Conf, subject: str) -> str:
    return conf.document(subject).where(()).rpartition(":")[0]


def known_hashes(conf: Conf) -> dict[tuple[str, str, str], str]:
    """Hashes that the lake knows; none where no night has been."""
    try:
        registered = rows(conf, "SELECT kind, name, version, definition_hash FROM activation.message_definitions")
    except ConfigError:
        return {}
    return {(row["kind"], row["name"], row["version"]): row["definition_hash"] for row in registered}


@functools.cache
def first_fault(conf: Conf, subject: str) -> None:
    """Stop at the first one, before Spark starts.

    Raises:
        ConfigError: with file, line and remedy.
    """
    for fault in faults(conf, subject):
        raise fault


def faults(conf: Conf, subject: str) -> Iterator[ConfigError]:
    """Conditions that cannot be used; where the model refuses the file, what it refuses alone."""
    document = conf.document(subject)
    try:
        declared = messages(conf, subject)
    except ConfigFileError as several:
        yield from several.errors
        return
    known: dict[str, dict[str, Any]] = {PROFILE: dict(_columns(conf))}
    for before in list(KINDS)[: list(KINDS).index(subject)]:
        for name in set(declared) & set(messages(conf, before)):
            what = f"{name} is {'an' if before == 'audiences' else 'a'} {KINDS[before]}, too"
            yield ConfigError(what, document.where((subject, name)), "give it another name")
    for name, message in declared.items():
        for what, remedy in LANGUAGE.faults(message.when, known) if message.when else ():
            yield ConfigError(f"{name}: {what}", document.where((subject, name, "when")), remedy)


def _columns(conf: Conf) -> Iterator[tuple[str, str]]:
    for path in conf.files(f"contracts/gold/{PROFILE}.odcs.yaml"):
        yield from ((column.name, column.type) for column in contracts.load(path).columns)
