"""Where a model's versions are: registered in MLflow, and the last champion's files beside, for when MLflow is down.

The copy is what scores: its manifest is verified each time, so that neither MLflow nor the disk can slip in another
model. A night whose champion is the copy's never loads MLflow.
"""

import json
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from lakehouse.config.documents import home
from lakehouse.config.layers import Conf
from lakehouse.errors import LakehouseError
from lakehouse.lake_models import LakeModels, of_root
from lakehouse.mlflow_store import SERVES_FROM, connected, tracking_uri
from lakehouse.modelling import manifest
from lakehouse.ops import whole_file

CHALLENGER = "challenger"
HORIZON, HELD_OUT, BEFORE, REASON, COMPARED = (
    "horizon_days",
    "held_out_as_of",
    "champion_before",
    "reason",
    "compared_as_of",
)
FILES, FACTS, CHANGES = "files", "champion.json", "changes.jsonl"


class ForeignVersionError(LakehouseError):
    """A version without our files: registered by hand, or by an earlier form of the product."""


@dataclass(frozen=True)
class Version:
    """A version that may score, its files verified.

    Attributes:
        is_copy: MLflow could not be asked; this is the last champion that was seen.
    """

    kind: str
    number: str
    folder: Path
    tags: dict[str, str]
    is_copy: bool = False

    @property
    def serves_from(self) -> date | None:
        """The first day that it may serve; None: any."""
        return date.fromisoformat(self.tags[SERVES_FROM]) if SERVES_FROM in self.tags else None

    @property
    def horizon_days(self) -> int | None:
        """Days that it looks ahead, where it says."""
        text = self.tags.get(HORIZON, "")
        return int(text) if text.isdigit() else None

    def serves(self, as_of: date, horizon_days: int | None = None) -> bool:
        """Whether it was champion by that day, and looks so far ahead."""
        is_asked = horizon_days is None or self.horizon_days in (None, horizon_days)
        return is_asked and (self.serves_from is None or self.serves_from <= as_of)


@dataclass(frozen=True)
class Store:
    """One lake's models: in MLflow, and its copies."""

    models: LakeModels
    secret: Callable[[], str]
    folder: Path

    def whose(self, kind: str) -> str:
        """What a manifest is signed for."""
        return f"{kind} of lake {self.models.lake_id}"

    def champion(self, kind: str) -> Version | None:
        """The version that the alias points at; the copy where MLflow cannot be asked; None where there is none.

        Raises:
            LakehouseError: its files are not as they were signed.
        """
        kept = self._kept(kind)
        try:
            number = self.models.champion_number(kind)
        except (sqlite3.Error, OSError, _mlflow_error()) as error:
            if kept is None:
                raise LakehouseError(
                    f"MLflow cannot be asked for the champion ({type(error).__name__}), and there is no copy",
                    kind,
                    "start MLflow again; the next run then scores",
                ) from None
            return self._verified(Version(kind, kept["number"], self._place(kind, kept["number"]), kept["tags"], True))
        if number is None:
            return None
        if kept is None or kept["number"] != number or not self._place(kind, number).is_dir():
            kept = self.fetch(kind, number)
        return self._verified(Version(kind, number, self._place(kind, number), kept["tags"]))

    def serving(self, kind: str, as_of: date, horizon_days: int | None = None) -> Version | None:
        """The version that serves as of a day: the alias's, or else the one promoted last before that day.

        Args:
            horizon_days: what it must look ahead, where it says; None for any.

        Raises:
            LakehouseError: its files are not as they were signed.
        """
        present = self.champion(kind)
        if present is None or present.is_copy or present.serves(as_of, horizon_days):
            return present if present is None or present.serves(as_of, horizon_days) else None
        others = []
        for found in self.models.versions(kind):
            one = Version(kind, str(found.version), self._place(kind, str(found.version)), dict(found.tags))
            if one.serves_from is not None and one.serves(as_of, horizon_days):
                others.append(one)
        last = max(others, key=lambda one: (one.serves_from or date.min, int(one.number)), default=None)
        return self.version(kind, last.number) if last else None

    def version(self, kind: str, number: str) -> Version:
        """Any version of this lake's, its files brought here.

        Raises:
            LakehouseError: there is no such version, or its files are not as they were signed.
        """
        found = self.models.version(kind, number)
        if found is None:
            raise LakehouseError(f"there is no version {number} of {kind} in this lake", "", "see 'lakehouse models'")
        folder = self._place(kind, number)
        if not folder.is_dir():
            self._download(found, folder)
        return self._verified(Version(kind, number, folder, dict(found.tags)))

    def fetch(self, kind: str, number: str) -> dict[str, Any]:
        """Bring a champion's files here, so that it scores without MLflow; what is kept of it."""
        found = self.models.version(kind, number)
        if found is None:
            raise LakehouseError(f"there is no version {number} of {kind} in this lake", "", "see 'lakehouse models'")
        folder = self._place(kind, number)
        if not folder.is_dir():
            self._download(found, folder)
        kept = {"number": number, "tags": dict(found.tags)}
        whole_file.write(self.folder / kind / FACTS, json.dumps(kept, indent=1, sort_keys=True))
        return kept

    def _download(self, version: Any, folder: Path) -> None:
        """All at once, so that no half of a model is ever found."""
        mlflow = connected(self.models.uri)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as place:
            got = mlflow.artifacts.download_artifacts(f"models:/{version.name}/{version.version}", dst_path=place)
            inner = Path(got) / "artifacts" / FILES
            if not inner.is_dir():
                raise ForeignVersionError(
                    f"version {version.version} of {version.name} was not made by a training of this product",
                    "",
                    "train anew; a model registered by hand has no signed manifest and does not score",
                )
            shutil.move(inner, folder)

    def _kept(self, kind: str) -> dict[str, Any] | None:
        try:
            kept: dict[str, Any] = json.loads((self.folder / kind / FACTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return kept if {"number", "tags"} <= kept.keys() else None

    def _place(self, kind: str, number: str) -> Path:
        return self.folder / kind / f"version_{int(number)}"

    def _verified(self, version: Version) -> Version:
        manifest.verify(version.folder, self.secret(), self.whose(version.kind))
        return version

    def promote(self, kind: str, number: str, why: str, serves_from: date | None = None) -> None:
        """Let a version serve, after its files were verified; what served before is remembered, and who said so.

        Raises:
            LakehouseError: there is no such version, or its files are not as they were signed.
        """
        self.version(kind, number)
        before = self.models.champion_number(kind)
        if serves_from is not None:
            self.models.tag(kind, number, SERVES_FROM, serves_from.isoformat())
        if before and before != number:
            self.models.tag(kind, number, BEFORE, before)
        self.models.tag(kind, number, REASON, why)
        if self._is_later(kind, before, serves_from):
            return  # an old night trained anew does not take a later promotion back
        self.models.promote(kind, number)
        self.unalias(kind, CHALLENGER, number)
        self.fetch(kind, number)
        self.record(kind, "promote", before, number, why)

    def _is_later(self, kind: str, number: str | None, serves_from: date | None) -> bool:
        """Whether a version was promoted for days after this one."""
        found = self.models.version(kind, number) if number and serves_from else None
        begins = found.tags.get(SERVES_FROM, "") if found else ""
        return bool(begins and serves_from and date.fromisoformat(begins) > serves_from)

    def roll_back(self, kind: str, why: str) -> str:
        """Let the champion before the present one serve again; its version.

        Raises:
            LakehouseError: there was none before.
        """
        present = self.models.champion_number(kind)
        found = self.models.version(kind, present) if present else None
        before = str(found.tags.get(BEFORE, "")) if found else ""
        if not before:
            raise LakehouseError(f"{kind} has no champion before the present one", "", "see 'lakehouse models'")
        self.version(kind, before)
        self.models.promote(kind, before)
        self.fetch(kind, before)
        self.record(kind, "rollback", present, before, why)
        return before

    def challenge(self, kind: str, number: str, why: str) -> None:
        """Keep a version that did not become champion as the challenger."""
        found = self.models.version(kind, number)
        self.models.tag(kind, number, REASON, why)
        self.models.client.set_registered_model_alias(found.name if found else kind, CHALLENGER, number)
        self.record(kind, "challenge", self.models.champion_number(kind), number, why)

    def challenger(self, kind: str) -> str | None:
        """The version that waits; a search of versions does not tell of aliases."""
        name = self.models.name(kind)
        aliases = self.models.client.get_registered_model(name).aliases if name else {}
        return str(aliases[CHALLENGER]) if CHALLENGER in aliases else None

    def unalias(self, kind: str, alias: str, number: str) -> None:
        """Take an alias away where it points at a version."""
        found = self.models.version(kind, number)
        if found is not None and alias in getattr(found, "aliases", []):
            self.models.client.delete_registered_model_alias(found.name, alias)

    def record(self, kind: str, action: str, before: str | None, after: str, why: str) -> None:
        """Write down who moved what, when and why; lines are only ever added."""
        line = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "action": action,
            "model": kind,
            "from_version": before,
            "to_version": after,
            "why": why,
            "by": os.environ.get("LAKEHOUSE_USER", os.environ.get("USER", "unknown")),
        }
        path = self.folder / CHANGES
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def changes(self) -> list[dict[str, Any]]:
        """What was moved so far, the oldest first."""
        path = self.folder / CHANGES
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def of_conf(conf: Conf) -> Store:
    """The store of the configured lake; a lake without an id gets one."""
    models = of_root(tracking_uri(conf.profile), conf.profile.path(conf.profile.lake))
    return of_models(conf, models)


def of_models(conf: Conf, models: LakeModels) -> Store:
    """The store of a lake's models."""
    root = conf.profile.path(conf.profile.lake)
    place = Path(home(), "var", "models", models.lake_id or "none") if "://" in root else Path(root, "_models")
    return Store(models, lambda: conf.secret(conf.profile.model_secret), place)


def _mlflow_error() -> type[Exception]:
    """MLflow's own error, where MLflow is loaded at all: our SQLite file is read without it."""
    import sys

    loaded = sys.modules.get("mlflow.exceptions")
    error: type[Exception] = loaded.MlflowException if loaded else OSError
    return error
