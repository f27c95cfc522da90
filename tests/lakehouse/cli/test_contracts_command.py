"""`lakehouse contracts`: the standard's form, the lock, and the JSON Schema that editors use."""

import json

import jsonschema
import yaml

from lakehouse.cli.main import main
from lakehouse.config import json_schema as schema
from lakehouse.config.documents import packaged
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contracts, load


def test_the_committed_json_schema_is_the_generated_one():
    committed = (packaged("conf") / "schema" / "export.schema.json").read_text(encoding="utf-8")
    assert committed == schema.text(), "run: lakehouse contracts --json-schema"


def test_the_json_schema_accepts_the_sample_and_refuses_a_misspelt_key():
    judge = jsonschema.Draft202012Validator(schema.schema())
    for path in (packaged("conf") / "sample" / "exports").glob("*.yaml"):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert [error.message for error in judge.iter_errors(document)] == []
        assert list(judge.iter_errors({**document, "delimeter": ";"}))


def test_tables_and_exports_are_written_in_the_standards_form(tmp_path):
    assert main(["contracts", "--odcs", "--out", str(tmp_path)]) == 0
    conf = Conf([packaged("conf") / "sample"])
    assert load(tmp_path / "silver" / "orders.odcs.yaml").columns == Contracts(conf)["silver.orders"].columns
    made = yaml.safe_load((tmp_path / "bronze" / "pos_cards.odcs.yaml").read_text(encoding="utf-8"))
    properties = {item["name"]: item for item in made["schema"][0]["properties"]}
    assert (made["apiVersion"], made["kind"], made["id"]) == ("v3.1.0", "DataContract", "bronze.pos_cards")
    assert properties["surname"]["classification"] == "personal"
    assert load(tmp_path / "bronze" / "pos_cards.odcs.yaml").table == "bronze.pos_cards"


def test_a_breaking_change_needs_a_new_major_version(tmp_path, capsys):
    source = packaged("conf") / "contracts" / "silver" / "stores.odcs.yaml"
    layer = tmp_path / "own"
    target = layer / "contracts" / "silver" / "stores.odcs.yaml"
    target.parent.mkdir(parents=True)
    text = source.read_text(encoding="utf-8")
    target.write_text(text, encoding="utf-8")
    arguments = ["contracts", "--lock", "--conf", str(layer)]
    assert main(arguments) == 0
    assert "silver.stores" in json.loads((layer / "contracts.lock").read_text(encoding="utf-8"))

    target.write_text(text.replace("name: city", "name: town"), encoding="utf-8")
    assert main(arguments) == 1
    assert "column city is gone" in capsys.readouterr().err
    assert main(["check", "--conf", str(layer), "--no-preview"]) == 2

    target.write_text(text.replace("name: city", "name: town").replace("version: 1.", "version: 2."), encoding="utf-8")
    assert main(arguments) == 0
