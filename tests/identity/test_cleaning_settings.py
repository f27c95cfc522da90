"""conf/cleaning.yaml is read strictly, and stewards add to it."""

import pytest

from jobs.identity.cleaners import chinese_names, cleaning_settings
from lakehouse.config.layers import Conf
from lakehouse.errors import ConfigError
from lakehouse.runs import graph
from lakehouse.runs.plan import settings_of


@pytest.mark.parametrize(("file", "text"), [("cleaning", "default_countri: CN"), ("china_divisions", "provinces: {}")])
def test_a_fault_is_refused_with_its_place_before_a_night_begins(tmp_path, file, text):
    (tmp_path / f"{file}.yaml").write_text(text)
    (job,) = graph.select(("identity.customer_map",))
    with pytest.raises(ConfigError, match="unknown key") as error:
        settings_of(job, Conf([tmp_path]))
    assert f"{file}.yaml:1" in error.value.where


def test_a_layer_adds_nicknames_to_the_packaged_ones(tmp_path):
    (tmp_path / "cleaning.yaml").write_text("names: {nicknames: {ingeborg: [inge]}}")
    roots = cleaning_settings.rules(Conf([tmp_path])).nickname_roots
    assert (roots["inge"], roots["bob"]) == ("ingeborg", "robert")


def test_the_tables_name_each_other_rightly(rules):
    names = rules.how.chinese_names
    in_pinyin = {chinese_names.pinyin(sign, rules, is_surname=True) for sign in names.one_character if sign != " "}
    assert not set(names.romanised) & (in_pinyin | set(rules.surname_ranks))  # Chang is 常, no other form of Zhang
    assert set(names.romanised.values()) <= in_pinyin | set(rules.surname_ranks)
    assert set(rules.sexes.values()) == {"m", "f"}
    assert rules.places.province_of["深圳"] == "广东"
