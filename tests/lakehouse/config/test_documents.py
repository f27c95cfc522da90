"""YAML that cannot be read is refused with its line, whatever is wrong with it."""

import gc
import os

import pytest
import yaml

from lakehouse.config.documents import read_document
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.runs.settings_models import model_of


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


def test_a_subject_that_is_a_folder_has_an_entry_for_each_file_with_its_lines(tmp_path):
    layers = [tmp_path / name for name in ("below", "above")]
    for layer, size in zip(layers, (5, 7), strict=True):
        (layer / "destinations").mkdir(parents=True)
        (layer / "destinations" / "crm.yaml").write_text(f"channels: [email]\nbatch_size: {size}\n")
    (layers[0] / "destinations" / "mail.yaml").write_text("channels: [email]\n")

    document = Conf(layers).document("destinations")

    assert document.value["destinations"] == {
        "crm": {"channels": ["email"], "batch_size": 7},
        "mail": {"channels": ["email"]},
    }
    assert document.where(("destinations", "crm", "batch_size")).endswith("above/destinations/crm.yaml:2")
    assert document.where(("destinations", "mail", "no_such_key")).endswith("below/destinations/mail.yaml:1")
    assert Conf().document("destinations").value == {"destinations": {}}


def test_the_single_file_that_became_a_folder_is_refused_with_the_move(tmp_path):
    (tmp_path / "destinations.yaml").write_text("destinations: {}\n")
    with pytest.raises(ConfigError, match="are a folder now, one file each") as error:
        Conf([tmp_path]).document("destinations")
    assert "destinations/<name>.yaml" in error.value.remedy


def test_a_fault_in_a_file_of_a_folder_is_named_where_it_stands(tmp_path):
    (tmp_path / "destinations").mkdir()
    (tmp_path / "destinations" / "crm.yaml").write_text("chanels: [email]\nfiles: {folder: out}\n")
    with pytest.raises(ConfigError, match="chanels") as error:
        Conf([tmp_path]).settings("destinations", model_of("destinations"))
    assert error.value.where.endswith("destinations/crm.yaml:1")


def test_what_a_single_file_said_of_all_has_a_file_of_its_own(tmp_path):
    (tmp_path / "experiments.yaml").write_text("salt: '1'\nexperiments: {}\n")
    with pytest.raises(ConfigError, match=r"experiments are a folder now.*goes to experiment_reading\.yaml"):
        Conf([tmp_path]).document("experiments")


def test_a_reader_that_changes_its_copy_changes_no_other_readers(tmp_path):
    file = tmp_path / "any.yaml"
    file.write_text("rates: {EUR: [1]}\n")
    mine = read_document(file)
    mine.value["rates"]["EUR"].append(2)
    mine.origins.clear()

    assert read_document(file).value == {"rates": {"EUR": [1]}}
    assert read_document(file).where(("rates",)).endswith("any.yaml:1")


def test_a_file_written_anew_in_the_same_moment_is_read_anew(tmp_path):
    file = tmp_path / "any.yaml"
    stamp = 1_700_000_000
    for value in (1, 2, 3):
        file.write_text(f"rate: {value}\n")
        os.utime(file, (stamp, stamp))

        assert read_document(file).value == {"rate": value}
