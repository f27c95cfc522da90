"""The file in which the lineage of all columns is kept, and by what it is told whether that is still true."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lakehouse.config.documents import home
from lakehouse.config.layers import Conf
from lakehouse.runs.graph import FOLDER


def place() -> Path:
    """Where it is kept."""
    return home() / "var" / "lineage.json"


def digest(conf: Conf) -> str:
    """A digest of all code and configuration that columns follow from."""
    sha = hashlib.sha256()
    for path in _files(conf):
        sha.update(str(path).encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()


def _files(conf: Conf) -> Iterator[Path]:
    for folder in (FOLDER, FOLDER.parent / "lakehouse"):
        yield from sorted(folder.rglob("*.py"))
    for layer in conf.layers:
        yield from sorted(layer.rglob("*.yaml"))


def read(file: Path, wanted: str) -> dict[str, Any] | None:
    """What is kept, None where it is of other code or configuration, or cannot be read."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return dict(told) if isinstance(told, dict) and told.get("digest") == wanted else None


def write(file: Path, told: Mapping[str, Any]) -> None:
    """Keep it; where nothing can be written it is looked at anew each time."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        new.write_text(json.dumps(told, indent=1), encoding="utf-8")
        new.replace(file)
    except OSError:
        return
