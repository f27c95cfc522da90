"""YAML files of conf/: read with the file and line of every key, so that faults are named where they stand; merged."""

import functools
import math
import os
import pickle
from collections.abc import Hashable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.constructor import SafeConstructor

from lakehouse.errors import ConfigError

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads ten times as fast
KeyPath = tuple[Any, ...]  # keys and list places from the document's top down


def home() -> Path:
    """The folder that relative paths of a profile start from: LAKEHOUSE_HOME, the checkout, or the working folder."""
    if "LAKEHOUSE_HOME" in os.environ:
        return Path(os.environ["LAKEHOUSE_HOME"])
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "pyproject.toml").exists() else Path.cwd()


def packaged(folder: str) -> Path:
    """conf/ or expectations/, in the checkout or inside the installed wheel."""
    checkout = Path(__file__).resolve().parents[2] / folder
    return checkout if checkout.is_dir() else Path(__file__).resolve().parents[1] / "_packaged" / folder


@dataclass(frozen=True)
class Document:
    """A merged YAML document: plain values, and for each path of keys the file and line it came from."""

    name: str
    value: Any
    origins: dict[KeyPath, tuple[Path, int]]

    def where(self, path: KeyPath) -> str:
        """`file:line` of a key, or of its nearest parent that is written somewhere."""
        file, line = self._origin(path)
        return f"{shown(file)}:{line}"

    def is_default(self, path: KeyPath) -> bool:
        """Whether what stands there is the product's own, not a layer's."""
        file, own = self._origin(path)[0], packaged("conf")
        return file.is_relative_to(own) and not file.is_relative_to(own / "sample")

    def _origin(self, path: KeyPath) -> tuple[Path, int]:
        while path and path not in self.origins:
            path = path[:-1]
        return self.origins.get(path, (Path(self.name), 1))


def shown(path: Path) -> str:
    """A path as a user wrote it: relative to where they stand when it is below."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def read_document(path: Path) -> Document:
    """Read one YAML file with the line of each key; a repeated key or broken YAML is a ConfigError."""
    return document_of(path, path.read_bytes())


def document_of(path: Path, content: bytes) -> Document:
    """A YAML file of which the content is known already; see `read_document`."""
    try:
        value, origins = _parsed(path, content.decode("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not UTF-8 text"
        raise ConfigError(f"this is not valid YAML: {problem}", f"{shown(path)}:{line}", "correct the line") from error
    except RecursionError:
        raise _too_much(path) from None
    return Document(path.stem, pickle.loads(value), dict(origins))  # noqa: S301 what this process wrote itself


@functools.lru_cache(maxsize=1024)
def _parsed(path: Path, text: str) -> tuple[bytes, dict[KeyPath, tuple[Path, int]]]:
    """A file's values, in a form of which each reader gets a copy of its own, and where they stand.

    A night and a check ask for the same files hundreds of times; a file that changes is another text.
    """
    node = yaml.compose(text, Loader=LOADER)
    origins: dict[KeyPath, tuple[Path, int]] = {(): (path, 1)}
    if node is not None and _size(node, {}, 0) > MOST_NODES:
        raise _too_much(path)
    value = _plain(node, (), path, origins) if node is not None else {}
    return pickle.dumps(value), origins


def as_entry(document: Document, subject: str) -> Document:
    """A file of a folder as the entry of its name in the subject's document."""
    at = (subject, document.name)
    origins = {(*at, *path): place for path, place in document.origins.items()}
    return Document(subject, {subject: {document.name: document.value}}, origins)


MOST_NODES, DEEPEST = 500_000, 60  # of one file, what its aliases stand for included


def _size(node: yaml.Node, known: dict[int, float], depth: int) -> float:
    """How many nodes there are when every alias is written out; infinite where one holds itself, or is too deep."""
    if depth > DEEPEST:
        return math.inf
    if id(node) not in known:
        known[id(node)] = math.inf  # an alias inside itself
        below = [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
        parts = below if isinstance(node, yaml.CollectionNode) else ()
        known[id(node)] = 1 + sum(_size(part, known, depth + 1) for part in parts)
    return known[id(node)]


def _too_much(path: Path) -> ConfigError:
    what = "its aliases stand for more than any configuration holds, or it is nested without end"
    return ConfigError(what, shown(path), "write it out")


def _plain(node: yaml.Node, at: KeyPath, file: Path, origins: dict[KeyPath, tuple[Path, int]]) -> Any:
    origins.setdefault(at, (file, node.start_mark.line + 1))
    if isinstance(node, yaml.MappingNode):
        value: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node, file)
            if isinstance(key, bool):  # a column may be called no, or on: to YAML 1.1 these are not words
                key = key_node.value
            if not isinstance(key, Hashable):
                where = f"{shown(file)}:{key_node.start_mark.line + 1}"
                raise ConfigError("a key must be a word or a number", where, "put the key in quotes")
            if key in value:
                line = key_node.start_mark.line + 1
                raise ConfigError(f"the key '{key}' stands twice", f"{shown(file)}:{line}", "keep one of them")
            origins[(*at, key)] = (file, key_node.start_mark.line + 1)
            value[key] = _plain(value_node, (*at, key), file, origins)
        return value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*at, i), file, origins) for i, item in enumerate(node.value)]
    return _scalar(node, file)


def _scalar(node: yaml.Node, file: Path) -> Any:
    """A plain value; a day that no calendar has, or a tag that nothing knows, is a ConfigError."""
    try:
        return SafeConstructor().construct_object(node, deep=True)  # a lasting one keeps every node that it ever saw
    except (yaml.YAMLError, ValueError) as error:
        where = f"{shown(file)}:{node.start_mark.line + 1}"
        remedy = "correct it, or put it in quotes where it is a text"
        raise ConfigError(f"'{node.value}' cannot be read", where, remedy) from error


def merged(documents: list[Document]) -> Document:
    """Later documents win key by key; lists are replaced whole."""
    value: Any = {}
    origins: dict[KeyPath, tuple[Path, int]] = {}
    for document in documents:
        value = _merge(value, document.value)
        origins.update(document.origins)
    return Document(documents[-1].name, value, origins)


def _merge(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: _merge(below.get(key), value) for key, value in above.items()}}
