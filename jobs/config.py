"""Configuration in layers: the packaged conf/, then each --conf folder, merged key by key, read strictly.

A document keeps the file and line of every key, so that a fault in it is named where it stands. A list, and an export
of the same name, replaces the one below it; a mapping is merged.
"""

import dataclasses
import difflib
import hashlib
import os
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml

from jobs.errors import ConfigError

T = TypeVar("T")
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml reads ten times as fast
Path_ = tuple[Any, ...]
FORMERLY = {"tags": "customer_tags"}  # subject -> the name that it had


def home() -> Path:
    """The folder that relative paths of a profile start from: LAKEHOUSE_HOME, the checkout, or the working folder."""
    if "LAKEHOUSE_HOME" in os.environ:
        return Path(os.environ["LAKEHOUSE_HOME"])
    checkout = Path(__file__).resolve().parent.parent
    return checkout if (checkout / "pyproject.toml").exists() else Path.cwd()


def packaged(folder: str) -> Path:
    """conf/ or expectations/, in the checkout or inside the installed wheel."""
    checkout = Path(__file__).resolve().parent.parent / folder
    return checkout if checkout.is_dir() else Path(__file__).resolve().parent / "_packaged" / folder


@dataclass(frozen=True)
class Document:
    """A merged YAML document: plain values, and for each path of keys the file and line it came from."""

    name: str
    value: Any
    origins: dict[Path_, tuple[Path, int]]

    def where(self, path: Path_) -> str:
        """`file:line` of a key, or of its nearest parent that is written somewhere."""
        while path and path not in self.origins:
            path = path[:-1]
        file, line = self.origins.get(path, (Path(self.name), 1))
        return f"{shown(file)}:{line}"


def shown(path: Path) -> str:
    """A path as a user wrote it: relative to where they stand when it is below."""
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)


def read_document(path: Path) -> Document:
    """Read one YAML file with the line of each key; a repeated key or broken YAML is a ConfigError."""
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "not UTF-8 text"
        raise ConfigError(f"this is not valid YAML: {problem}", f"{shown(path)}:{line}", "correct the line") from error
    origins: dict[Path_, tuple[Path, int]] = {(): (path, 1)}
    value = _plain(node, (), path, origins) if node is not None else {}
    return Document(path.stem, value, origins)


def _plain(node: yaml.Node, at: Path_, file: Path, origins: dict[Path_, tuple[Path, int]]) -> Any:
    origins.setdefault(at, (file, node.start_mark.line + 1))
    if isinstance(node, yaml.MappingNode):
        value: dict[Any, Any] = {}
        for key_node, value_node in node.value:
            key = _scalar(key_node)
            if isinstance(key, bool):  # a column may be called no, or on: to YAML 1.1 these are not words
                key = key_node.value
            if key in value:
                line = key_node.start_mark.line + 1
                raise ConfigError(f"the key '{key}' stands twice", f"{shown(file)}:{line}", "keep one of them")
            origins[(*at, key)] = (file, key_node.start_mark.line + 1)
            value[key] = _plain(value_node, (*at, key), file, origins)
        return value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, (*at, i), file, origins) for i, item in enumerate(node.value)]
    return _scalar(node)


_CONSTRUCTOR = yaml.SafeLoader("")


def _scalar(node: yaml.Node) -> Any:
    return _CONSTRUCTOR.construct_object(node, deep=True)


def merged(documents: list[Document]) -> Document:
    """Later documents win key by key; lists are replaced whole."""
    value: Any = {}
    origins: dict[Path_, tuple[Path, int]] = {}
    for document in documents:
        value = _merge(value, document.value)
        origins.update(document.origins)
    return Document(documents[-1].name, value, origins)


def _merge(below: Any, above: Any) -> Any:
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    return {**below, **{key: _merge(below.get(key), value) for key, value in above.items()}}


def build(form: type[T], document: Document, at: Path_ = (), value: Any = None) -> T:
    """Turn a document into a frozen dataclass, strictly.

    Raises:
        ConfigError: an unknown key (with the nearest valid one), a missing key, or a value of the wrong type.
    """
    value = document.value if at == () and value is None else value
    if not isinstance(value, dict):
        raise ConfigError(f"a mapping of {form.__name__} is expected here", document.where(at))
    fields = {f.name.rstrip("_"): f for f in dataclasses.fields(form)}  # type: ignore[arg-type]
    for key in value:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1, cutoff=0.0)
            raise ConfigError(
                f"unknown key '{key}'",
                document.where((*at, key)),
                f"did you mean '{near[0]}'?" if near else "",
            )
    hints = typing.get_type_hints(form)
    arguments = {}
    for name, spec in fields.items():
        if name in value:
            arguments[spec.name] = convert(hints[spec.name], document, (*at, name), value[name])
        elif spec.default is dataclasses.MISSING and spec.default_factory is dataclasses.MISSING:
            raise ConfigError(f"the key '{name}' is missing", document.where(at), f"add '{name}:' there")
    return form(**arguments)


def convert(hint: Any, document: Document, at: Path_, value: Any) -> Any:
    """Check and convert one value to a type hint (scalars, Optional, Literal, tuple, dict, nested dataclass)."""
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in inner:
            return None
        return _first_that_fits([h for h in inner if h is not type(None)], document, at, value)
    if origin is Literal:
        if value in inner:
            return value
        near = difflib.get_close_matches(str(value), [str(i) for i in inner], n=1, cutoff=0.0)
        raise ConfigError(
            f"'{value}' is none of {', '.join(map(str, inner))}",
            document.where(at),
            f"did you mean '{near[0]}'?",
        )
    if origin is tuple:
        items = value if isinstance(value, list) else [value]
        return tuple(convert(inner[0], document, (*at, i), item) for i, item in enumerate(items))
    if origin is dict:
        if not isinstance(value, dict):
            raise ConfigError(f"'{at[-1]}' must be a mapping", document.where(at))
        return {
            convert(inner[0], document, (*at, k), k): convert(inner[1], document, (*at, k), v) for k, v in value.items()
        }
    if dataclasses.is_dataclass(hint):
        return build(typing.cast(type, hint), document, at, value if value is not None else {})
    return _scalar_of(hint, document, at, value)


def _first_that_fits(hints: list[Any], document: Document, at: Path_, value: Any) -> Any:
    for hint in hints[:-1]:
        try:
            return convert(hint, document, at, value)
        except ConfigError:
            continue
    return convert(hints[-1], document, at, value)


def _scalar_of(hint: Any, document: Document, at: Path_, value: Any) -> Any:
    if hint is Any:
        return value
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if hint is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        wanted = {
            str: "text",
            int: "a whole number",
            float: "a number",
            bool: "true or false",
            date: "a date",
        }.get(hint, hint.__name__)
        remedy = "words such as no and on need quotes" if hint is str and isinstance(value, bool) else ""
        raise ConfigError(f"'{at[-1]}' must be {wanted}", document.where(at), remedy)
    return value


@dataclass(frozen=True)
class Profile:
    """Where things are and how Spark runs: conf/profiles/<name>.yaml. Relative paths start from `home()`."""

    lake: str
    drop: str
    reports: str
    business_time_zone: str
    reporting_currency: str
    mlflow_tracking_uri: str
    account_secret: str  # env:NAME or file:PATH; never the secret itself
    jars: str = "var/jars"
    event_logs: str = "var/spark/events"
    register_catalog: str = ""  # each night tables get catalog names: this, then <layer>.<table>; empty: none
    collect_up_to_rows: int = 0  # a publish of no more is committed without Spark's Delta writer; 0: never
    query_up_to_rows: int = 0  # tables of no more rows are queried by DuckDB where a job asks for that; 0: never
    spark: dict[str, str] = field(default_factory=dict)
    name: str = "local"

    def path(self, value: str) -> str:
        """An absolute path; a URI (s3a://, hdfs://, sqlite:///) stays as it is."""
        return value if "://" in value or Path(value).is_absolute() else str(home() / value)


@dataclass(frozen=True)
class ExportColumn:
    """One column of an export's file."""

    required: bool = True
    personal: bool = False
    purpose: str = ""
    description: str = ""


@dataclass(frozen=True)
class Account:
    """How a line names its account: SQL expressions over the export's columns."""

    key: str
    personal: bool = False
    channel: str | None = None


@dataclass(frozen=True)
class Explode:
    """A JSON text column turned into one row per element, read as `as`."""

    column: str
    schema: str
    as_: str = "item"


@dataclass(frozen=True)
class Target:
    """A silver table that an export fills, and one read-only SQL expression per column of it."""

    table: str
    columns: dict[str, str]
    where: str = ""
    discard: dict[str, str] = field(default_factory=dict)
    explode: Explode | None = None
    group_by: tuple[str, ...] = ()
    flags: dict[str, str] = field(default_factory=dict)
    account: Account | None = None


@dataclass(frozen=True)
class Export:
    """One channel export: where it lands, its format, its columns, and what it fills."""

    export: str
    channel: str
    files: tuple[str, ...]
    format: Literal["csv", "json_lines", "parquet"]
    columns: dict[str, ExportColumn]
    targets: tuple[Target, ...]
    description: str = ""
    encoding: str = "auto"
    delimiter: str = ","
    quote: str = '"'
    header: bool = True
    done_marker: str | None = None
    late_after_days: int | None = None
    account: Account | None = None

    @property
    def name(self) -> str:
        """The export's name, which is also its bronze table's."""
        return self.export


class Conf:
    """All configuration layers, read on demand and strictly.

    Args:
        layers: extra --conf folders, lowest first; the packaged layer is always below them.
        profile: name of a file in profiles/.
        overrides: profile keys given on the command line (lake, drop).
    """

    def __init__(
        self,
        layers: typing.Sequence[Path] = (),
        profile: str = "local",
        overrides: dict[str, str] | None = None,
    ) -> None:
        for layer in layers:
            if not layer.is_dir():
                raise ConfigError("this --conf folder does not exist", str(layer), "give an existing folder")
        self.layers = [packaged("conf"), *(Path(layer) for layer in layers)]
        self.profile_name, self.overrides = profile, dict(overrides or {})

    def documents(self, name: str) -> list[Path]:
        """The files called name.yaml, lowest layer first."""
        return [path for layer in self.layers if (path := layer / f"{name}.yaml").exists()]

    def document(self, name: str) -> Document:
        """The merged document of a subject."""
        files = self.documents(name)
        for path in self.documents(FORMERLY.get(name, "")):
            raise ConfigError("this file has another name now", shown(path), f"rename it to {name}.yaml")
        if not files:
            raise ConfigError(
                f"no {name}.yaml in any layer",
                ", ".join(shown(layer) for layer in self.layers),
                f"add {name}.yaml",
            )
        return merged([read_document(path) for path in files])

    def settings(self, name: str, form: type[T]) -> T:
        """A subject's settings as the dataclass that a job declares."""
        return build(form, self.document(name))

    @cached_property
    def profile(self) -> Profile:
        """The chosen profile with command-line overrides."""
        document = self.document(f"profiles/{self.profile_name}")
        value = {**document.value, "name": self.profile_name, **self.overrides}
        return build(Profile, dataclasses.replace(document, value=value))

    @cached_property
    def _exports(self) -> dict[str, Export]:
        exports: dict[str, Export] = {}
        for path in self._export_files().values():
            document = read_document(path)
            export = build(Export, document)
            if export.export != path.stem:
                raise ConfigError(
                    f"export '{export.export}' stands in a file of another name",
                    document.where(("export",)),
                    f"name the file {export.export}.yaml",
                )
            exports[export.export] = export
        return exports

    def _export_files(self) -> dict[str, Path]:
        return {path.stem: path for layer in self.layers for path in sorted((layer / "exports").glob("*.yaml"))}

    def exports(self) -> dict[str, Export]:
        """All exports by name; one of a higher layer replaces one of the same name below."""
        return self._exports

    def export_document(self, name: str) -> Document:
        """An export's own file, for messages with lines."""
        return read_document(self._export_files()[name])

    def files(self, pattern: str) -> Iterator[Path]:
        """Files of all layers that match, lowest layer first."""
        for layer in self.layers:
            yield from sorted(layer.glob(pattern))

    def digest(self, *names: str) -> str:
        """A hash of what these subjects say (`exports` for all exports): an input of the jobs that use them."""
        sha = hashlib.sha256()
        for name in names:
            files = sorted(self._export_files().values()) if name == "exports" else self.documents(name)
            for path in files:
                sha.update(path.name.encode() + b"\0" + path.read_bytes())
        return sha.hexdigest()[:16]

    def secret(self, reference: str) -> str:
        """The value behind `env:NAME` or `file:PATH`; a missing local key file is made once."""
        kind, _, name = reference.partition(":")
        if kind == "env":
            if name not in os.environ:
                raise ConfigError(
                    f"the environment variable {name} is not set",
                    f"profile {self.profile_name}",
                    f"export {name}",
                )
            return os.environ[name]
        path = Path(self.profile.path(name))
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(hashlib.sha256(os.urandom(32)).hexdigest())
            path.chmod(0o600)
        return path.read_text().strip()
