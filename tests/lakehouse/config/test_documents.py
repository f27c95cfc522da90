"""YAML that cannot be read is refused with its line, whatever is wrong with it."""

import gc

import pytest
import yaml

from lakehouse.config.documents import read_document
from lakehouse.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("rates:\n  2017-13-45: {EUR: 1}\n", 2, "'2017-13-45' cannot be read"),
        ("day: 2017-02-30\n", 1, "'2017-02-30' cannot be read"),
        ("a: 1\nb: !secret x\n", 2, "'x' cannot be read"),
        ("? [a, b]\n: 1\n", 1, "a key must be a word or a number"),
        ("a: 1\na: 2\n", 2, "the key 'a' stands twice"),
        ("a: [1\nb: 2\n", 2, "this is not valid YAML"),
        ("a: *nowhere\n", 1, "this is not valid YAML"),
        ("a: \x07\n", 1, "this is not valid YAML"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(tmp_path, text, line, words):
    path = tmp_path / "any.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        read_document(path)
    assert error.value.where.endswith(f"any.yaml:{line}")
    assert words in error.value.what


def test_nothing_of_a_document_is_kept_once_it_was_read(tmp_path):
    file = tmp_path / "many.yaml"
    file.write_text("".join(f"k{n}: [{n}, a, 2024-01-01]\n" for n in range(500)))
    read_document(file)
    gc.collect()

    assert not [one for one in gc.get_objects() if isinstance(one, yaml.Node)]
