"""JSON Schemas of settings models: completion, descriptions and checks in editors."""

import json
import sys
import typing
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from lakehouse.config.exports import Export
from lakehouse.config.model import SettingsModel
from lakehouse.config.model_fields import models_of, plain

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def text(model: type[SettingsModel] = Export, of: str = "an export") -> str:
    """The schema as it is committed."""
    return json.dumps(schema(model, of), indent=2, ensure_ascii=False) + "\n"


def schema(model: type[SettingsModel] = Export, of: str = "an export") -> dict[str, Any]:
    """The schema as plain data.

    A subject's file may be one of several layers, merged key by key: no key is required of a single file, but for
    the entries of lists, which are replaced whole, and for exports, which are one file each.
    """
    made = model.model_json_schema(by_alias=True, schema_generator=_Untitled)
    if model.__name__ == "Settings":
        made["description"] = " ".join((sys.modules[model.__module__].__doc__ or "").split("\n\n")[0].split())
    if model is not Export:
        whole = _in_lists(model)
        for name, part in [("", made), *made.get("$defs", {}).items()]:
            if name not in whole:
                part.pop("required", None)
    return {"$schema": DRAFT, **made, "title": f"customer-lakehouse: {of}"}


class _Untitled(GenerateJsonSchema):
    """A key's own name says enough."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def _in_lists(model: type[SettingsModel], is_entry: bool = False) -> set[str]:
    """Names of the models that are entries of lists, or parts of such."""
    names = {model.__name__} if is_entry else set()
    for field in model.model_fields.values():
        for part in plain(field.annotation):
            is_list = typing.get_origin(part.hint) is tuple
            for inner in models_of(part.hint):
                names |= _in_lists(inner, is_entry or is_list)
    return names
