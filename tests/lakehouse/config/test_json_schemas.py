"""The schemas that editors use are those of the models, and every YAML file of conf/ links its own."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from lakehouse.config import json_schema
from lakehouse.config.documents import packaged
from lakehouse.runs.settings_models import every_model

CONF = packaged("conf")
FILES = [
    *sorted(CONF.glob("*.yaml")),
    *sorted(CONF.glob("profiles/*.yaml")),
    *sorted(CONF.glob("sample/*.yaml")),
    *sorted(CONF.glob("sample/exports/*.yaml")),
]
SCHEMAS = {name: json_schema.schema(model, of) for name, (model, of) in every_model().items()}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_committed_schema_is_the_models(name):
    model, of = every_model()[name]
    committed = (CONF / "schema" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == json_schema.text(model, of), "run: lakehouse contracts --json-schema"


def test_no_schema_is_left_of_a_subject_that_is_gone():
    assert {path.name for path in (CONF / "schema").iterdir()} == {f"{name}.schema.json" for name in SCHEMAS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(CONF)))
def test_a_file_links_its_schema_and_fits_it(path):
    text = path.read_text(encoding="utf-8")
    first = text.split("\n", 1)[0]
    kind = {"exports": "export", "profiles": "profile"}.get(path.parent.name, path.stem)
    assert first.startswith("# yaml-language-server: $schema=")
    assert (path.parent / first.split("=", 1)[1]).resolve() == (CONF / "schema" / f"{kind}.schema.json").resolve()

    as_json = json.loads(json.dumps(yaml.safe_load(text), default=str))  # an editor sees a day as text
    validator = jsonschema.Draft202012Validator(SCHEMAS[kind])
    assert [error.message for error in validator.iter_errors(as_json)] == []
    assert list(validator.iter_errors({**as_json, "no_such_key": 1}))


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_key_says_what_it_means(name):
    model, _ = every_model()[name]
    of_parts = {"": SCHEMAS[name], **SCHEMAS[name].get("$defs", {})}
    silent = [
        f"{part}.{key}"
        for part, schema in of_parts.items()
        for key, field in schema.get("properties", {}).items()
        if not field.get("description") and "$ref" not in field and key != "description"
    ]
    assert silent == [], model


def test_a_schema_refuses_what_the_model_refuses():
    validator = jsonschema.Draft202012Validator(SCHEMAS["customer_rfm"])
    assert list(validator.iter_errors({"window_days": -365}))
    assert not list(validator.iter_errors({"window_days": 30}))  # a layer's file says some keys alone


def test_paths_are_plain():
    assert all(Path(name).name == name for name in SCHEMAS)
