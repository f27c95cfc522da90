"""The YAML beside a record file: what its columns mean, and nothing else."""

import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

import pydantic

from jobs.identity.matching.semantic_types import Field, fields_of
from jobs.identity.record_sets import record_files
from jobs.identity.settings.identity import FieldType
from lakehouse.config.documents import read_document
from lakehouse.config.fields import Listed, Word
from lakehouse.config.model import SettingsModel
from lakehouse.config.settings import build

PLAIN = re.compile("^[^a-z]+|[^a-z0-9]")


class FileField(SettingsModel):
    """A field: its semantic type, and the column that has it (several: the first that is not empty); none: its name."""

    type: FieldType | Literal["full_name"] = pydantic.Field(description="what the field means; full_name is two names")
    columns: Listed[Word] = pydantic.Field(
        default=(), description="columns that have it, in order; none: the field's name"
    )


class TruthSpec(SettingsModel):
    """How a truth file is written: an entity per record, or pairs of records; columns, or SQL over them."""

    id: Word | None = pydantic.Field(default=None, description="the record's key")
    entity: Word | None = pydantic.Field(default=None, description="what the record is of")
    left: Word | None = pydantic.Field(default=None, description="the one record of a pair")
    right: Word | None = pydantic.Field(default=None, description="the other one")


class FileSettings(SettingsModel):
    """The YAML beside a record file."""

    id: Word = pydantic.Field(description="column of the record's key")
    fields: Annotated[dict[Word, FileField], pydantic.Field(min_length=1)] = pydantic.Field(
        description="what the columns mean"
    )
    link: Literal["duplicates", "one_to_one"] = pydantic.Field(
        default="duplicates",
        description="any number of records of one thing; or one_to_one: lists without duplicates, so that a thing "
        "has two records at most (with no source: two lists that were written into one)",
    )
    source: Word | None = pydantic.Field(
        default=None, description="column of the list that a record comes from (several files: the file)"
    )
    truth: TruthSpec = pydantic.Field(default=TruthSpec(), description="how a truth file is written")

    @cached_property
    def names(self) -> dict[str, str]:
        """Name inside -> name in the YAML: a column may be called by any word of SQL, and by any word of ours."""
        return {f"{PLAIN.sub('', name.lower())}n{number}": name for number, name in enumerate(self.fields, 1)}

    @cached_property
    def types(self) -> dict[str, str]:
        """Name inside -> type; a full name is two of them."""
        types: dict[str, str] = {}
        for inside, name in self.names.items():
            kind = self.fields[name].type
            halves = {f"{inside}_given": "given_name", f"{inside}_family": "family_name"}
            types |= halves if kind == "full_name" else {inside: kind}
        return types

    @cached_property
    def typed(self) -> tuple[Field, ...]:
        """The fields as the engine takes them."""
        return fields_of(self.types)

    @cached_property
    def shown_names(self) -> dict[str, str]:
        """Name inside -> how people know it, of every field that is compared."""
        return {inside: self.shown(inside) for inside in self.types}

    def columns_of(self, inside: str) -> tuple[str, ...]:
        """The columns of a field, as the file names them."""
        return self.fields[self.names[inside]].columns or (self.names[inside],)

    def texts(self, unknown: Sequence[str]) -> dict[str, str]:
        """Name inside -> SQL of its text: the first of its columns that is known."""
        made = {}
        for inside, name in self.names.items():
            is_name = self.fields[name].type in ("given_name", "family_name")
            columns = [record_files.quoted(column) for column in self.columns_of(inside)]
            known = [record_files.text_of(column, unknown, is_name) for column in columns]
            made[inside] = f"coalesce({', '.join([*known, 'NULL'])})"
        return made

    def shown(self, part: str) -> str:
        """A part of a blocking key as the YAML names it: `firstnamen1:3` -> `First Name:3`."""
        inside = re.split("[^a-z0-9]", part, maxsplit=1)[0]
        return self.names[inside] + part.removeprefix(inside) if inside in self.names else part


def settings_of(path: Path) -> FileSettings:
    """Read the YAML strictly: an unknown key or type is a ConfigError with file and line."""
    document = read_document(path)
    file_settings = build(FileSettings, document)
    _ = file_settings.typed
    return file_settings
