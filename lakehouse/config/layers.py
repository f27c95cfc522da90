"""Configuration in layers: the packaged conf/, then each --conf folder, merged key by key, read strictly.

A list, and an export of the same name, replaces the one below it; a mapping is merged.
"""

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from lakehouse.config.documents import Document, home, merged, packaged, read_document, shown
from lakehouse.config.exports import Export
from lakehouse.config.settings import build
from lakehouse.errors import ConfigError

T = TypeVar("T")
FORMERLY = {"tags": "customer_tags"}  # subject -> the name that it had


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


class Conf:
    """All configuration layers, read on demand and strictly.

    Args:
        layers: extra --conf folders, lowest first; the packaged layer is always below them.
        profile: name of a file in profiles/.
        overrides: profile keys given on the command line (lake, drop).
    """

    def __init__(
        self,
        layers: Sequence[Path] = (),
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

    def export_file(self, name: str) -> Path:
        """An export's own file."""
        return self._export_files()[name]

    def export_document(self, name: str) -> Document:
        """An export's own file read, for messages with lines."""
        return read_document(self.export_file(name))

    def files(self, pattern: str) -> Iterator[Path]:
        """Files of all layers that match, lowest layer first."""
        for layer in self.layers:
            yield from sorted(layer.glob(pattern))

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
