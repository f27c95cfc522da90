"""Configuration in layers: the packaged conf/, then each --conf folder, merged key by key, read strictly.

A list, and an export of the same name, replaces the one below it; a mapping is merged.
"""

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from lakehouse.config.documents import Document, as_entry, merged, packaged, read_document, shown
from lakehouse.config.exports import Export
from lakehouse.config.findings import nearest
from lakehouse.config.model import SettingsModel
from lakehouse.config.profile import Profile as Profile
from lakehouse.config.settings import build
from lakehouse.errors import ConfigError

M = TypeVar("M", bound=SettingsModel)
FORMERLY = {"tags": "customer_tags"}  # subject -> the name that it had
FOLDERS = ("destinations", "templates", "experiments")  # subjects that are a folder: each file is the entry of its name
BESIDE = {"experiments": "experiment_reading"}  # folder -> the subject of what its single file said for all


class Conf:
    """All configuration layers, read on demand and strictly.

    Args:
        layers: extra --conf folders, lowest first; the packaged layer is always below them.
        profile: name of a file in profiles/.
        overrides: profile keys given on the command line (lake, drop, engine).

    Raises:
        ConfigError: a folder does not exist.
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
        """The files called name.yaml, or all of the folder of that name; lowest layer first."""
        if name in FOLDERS:
            return list(self.files(f"{name}/*.yaml"))
        return [path for layer in self.layers if (path := layer / f"{name}.yaml").exists()]

    def document(self, name: str) -> Document:
        """The merged document of a subject."""
        files = self.documents(name)
        for path in self.documents(FORMERLY.get(name, "")):
            raise ConfigError("this file has another name now", shown(path), f"rename it to {name}.yaml")
        if name in FOLDERS:
            return self._folder(name, files)
        if not files:
            places = ", ".join(shown(layer) for layer in self.layers)
            raise ConfigError(f"no {name}.yaml in any layer", places, self._remedy(name))
        return merged([read_document(path) for path in files])

    def _folder(self, name: str, files: list[Path]) -> Document:
        for layer in self.layers:
            if (single := layer / f"{name}.yaml").exists():
                remedy = f"move each entry into a file of its name, {name}/<name>.yaml, and remove this one"
                if name in BESIDE:
                    remedy += f"; what it says of all of them goes to {BESIDE[name]}.yaml"
                raise ConfigError(f"{name} are a folder now, one file each", shown(single), remedy)
        return merged([Document(name, {name: {}}, {}), *(read_part(path, name) for path in files)])

    def _remedy(self, name: str) -> str:
        """What to do about a document that no layer has: the nearest file beside it, or a new one."""
        folder = Path(name).parent
        near = nearest(Path(name).name, sorted({path.stem for path in self.files(f"{folder}/*.yaml")}))
        return f"{near} Or add {name}.yaml" if near else f"add {name}.yaml"

    def settings(self, name: str, model: type[M]) -> M:
        """A subject's settings as the model that a job declares."""
        return build(model, self.document(name))

    @cached_property
    def profile(self) -> Profile:
        """The chosen profile with command-line overrides."""
        document = self.document(f"profiles/{self.profile_name}")
        value = {**document.value, "name": self.profile_name, **self.overrides}
        profile = build(Profile, dataclasses.replace(document, value=value))
        if profile.is_on_spark_alone:
            return profile.model_copy(update={"collect_up_to_rows": 0, "query_up_to_rows": 0})
        return profile

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


def read_part(path: Path, subject: str) -> Document:
    """A file of a subject: a layer's document, or of a folder the entry that it is."""
    return as_entry(read_document(path), subject) if subject in FOLDERS else read_document(path)
