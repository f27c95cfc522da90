"""JSON Schemas of settings models: completion and checks in editors."""

import json
from typing import Any

from lakehouse.config.exports import Export
from lakehouse.config.model import SettingsModel

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def text(model: type[SettingsModel] = Export, title: str = "An export of customer-lakehouse") -> str:
    """The schema as it is committed."""
    return json.dumps(schema(model, title), indent=2, ensure_ascii=False) + "\n"


def schema(model: type[SettingsModel] = Export, title: str = "An export of customer-lakehouse") -> dict[str, Any]:
    """The schema as plain data."""
    return {"$schema": DRAFT, **model.model_json_schema(by_alias=True), "title": title}
