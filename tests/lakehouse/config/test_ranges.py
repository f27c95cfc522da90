"""Every number of every settings model has a range: what is outside is refused with its line, what is packaged fits."""

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakehouse.config.documents import Document, merged, packaged, read_document, shown
from lakehouse.config.layers import Conf
from lakehouse.config.model import SettingsModel
from lakehouse.config.settings import build
from lakehouse.errors import ConfigFileError
from lakehouse.runs.settings_models import every_model, model_of, subjects
from tests.lakehouse.config.numbers import Number, layer_of, numbers_of

CONF = Conf()
NUMBERS = [(name, number) for name, (model, _) in every_model().items() for number in numbers_of(model)]
EVERY = pytest.mark.parametrize(
    ("name", "number"), NUMBERS, ids=[f"{name}-{'-'.join(map(str, n.path))}" for name, n in NUMBERS]
)


def below(name: str) -> list[Document]:
    """The packaged document that a layer lies above."""
    places = {"export": [], "profile": [packaged("conf") / "profiles" / "local.yaml"]}
    return [read_document(path) for path in places.get(name, CONF.documents(name))]


BELOW = {name: below(name) for name in every_model()}


def refused(name: str, number: Number, value: object, folder: Path) -> list[str]:
    """What is said of a layer that says this value: `line: what`."""
    path = folder / "layer.yaml"
    path.write_text(f"# a comment\n{yaml.safe_dump(layer_of(number.path, value))}", encoding="utf-8")
    model: type[SettingsModel] = every_model()[name][0]
    with pytest.raises(ConfigFileError) as error:
        build(model, merged([*BELOW[name], read_document(path)]))
    return [one.paragraph() for one in error.value.errors if shown(path) in one.where]


@EVERY
def test_every_number_has_a_lowest_and_a_highest_value(name, number):
    assert number.below() < number.above()


@EVERY
def test_a_number_outside_its_range_is_refused_with_its_key_and_line(name, number, tmp_path):
    key = next(str(key) for key in reversed(number.path) if key != [])
    line = 1 + len([key for key in number.path if key != []])
    hostile = [number.below(), number.above(), -(10**30), 10**30, 10**400]
    hostile += [math.nan, math.inf, -math.inf] if number.kind is float else [number.below() + 1.5]
    for value in [*hostile, True, "many", {"a": 1}]:
        sentences = refused(name, number, value, tmp_path)
        assert any(f"'{key}'" in sentence for sentence in sentences), (value, sentences)
        assert any(f":{at}: " in sentence for at in (line, line + 1) for sentence in sentences), (value, sentences)


@EVERY
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(distance=st.floats(min_value=1e-3, max_value=1e20))
def test_whatever_lies_outside_is_refused(name, number, tmp_path, distance):
    away = distance if number.kind is float else math.ceil(distance)
    for value in (number.below() - away, number.above() + away):
        assert refused(name, number, value, tmp_path)


@pytest.mark.parametrize("layers", [(), ("sample",)])
def test_the_packaged_values_are_inside(layers):
    conf = Conf([packaged("conf") / layer for layer in layers])
    for name in subjects():
        assert conf.settings(name, model_of(name))
    assert conf.profile
    assert bool(conf.exports()) == bool(layers)
