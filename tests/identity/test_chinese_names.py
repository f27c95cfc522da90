"""Chinese names in characters and in pinyin."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.identity.cleaners import chinese_names, person_names

SURNAMES = st.sampled_from("王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗")
GIVEN = st.text("伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂", min_size=1, max_size=2)


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ("王小明", ("小明", "王")),
        ("王  小明", ("小明", "王")),
        ("王明", ("明", "王")),
        ("欧阳娜娜", ("娜娜", "欧阳")),
        ("歐陽娜娜", ("娜娜", "欧阳")),
        ("司马光", ("光", "司马")),
        ("欧阳", (None, "欧阳")),
        ("王", (None, "王")),
        ("王先生", (None, "王")),
        ("范徐丽泰", ("徐丽泰", "范")),
        ("买买提·阿凡提", ("买买提", "阿凡提")),
        ("王小明（老王）", ("小明", "王")),
        ("王总", (None, "王")),
        ("王小明总经理", ("小明", "王")),
        ("老王", (None, "王")),
        ("老舍", ("舍", "老")),  # no surname behind it
        ("买买提.阿凡提", ("买买提", "阿凡提")),
        ("huangyiming", ("yiming", "huang")),
        ("LiuYuhang", ("yuhang", "liu")),
        ("lina", (None, "lina")),  # a word of any language
        ("Lovelace", (None, "Lovelace")),
        ("王大卫 David Wang", ("大卫", "王")),
    ],
)
def test_a_name_in_characters_is_surname_then_given_name(rules, full, expected):
    assert person_names.split(full, rules) == expected


@pytest.mark.parametrize(
    ("full", "expected"),
    [
        ("Wang Xiaoming", ("Xiaoming", "Wang")),
        ("Xiaoming Wang", ("Xiaoming", "Wang")),
        ("Xiao Ming Wang", ("XiaoMing", "Wang")),
        ("Wang Xiao Ming", ("XiaoMing", "Wang")),
        ("Ouyang Nana", ("Nana", "Ouyang")),
        ("WANG Li", ("Li", "WANG")),
        ("Li Wang", ("Li", "Wang")),  # both can be surnames; Wang is the more frequent
        ("Ming Smith", ("Ming", "Smith")),  # no pinyin: the usual order
    ],
)
def test_in_pinyin_the_surname_is_found_at_either_end(rules, full, expected):
    assert person_names.split(full, rules) == expected


@pytest.mark.parametrize(
    ("surname", "expected"),
    [("单", "shan"), ("曾", "zeng"), ("仇", "qiu"), ("解", "xie"), ("尉迟", "yuchi"), ("吕", "lu"), ("欧阳", "ouyang")],
)
def test_a_surname_has_its_own_reading(rules, surname, expected):
    assert chinese_names.pinyin(surname, rules, is_surname=True) == expected


def test_other_spellings_of_a_surname_share_its_key(rules):
    assert {person_names.family_key(name, rules) for name in ("zhang", "cheung", "张", "張")} == {"zhang"}


def test_every_reading_of_the_library_is_pinyin():
    pypinyin = pytest.importorskip("pypinyin")
    readings = {text for code in range(0x4E00, 0x9FA6) for text in pypinyin.lazy_pinyin(chr(code))}
    odd = {"ê", "hm", "hng", "m", "n", "ng"}  # cries, not names
    assert {r for r in readings if r.isascii() and not chinese_names.is_pinyin(r)} <= odd | {"eng", "lo", "rua"}


@given(SURNAMES, GIVEN)
def test_characters_and_their_pinyin_share_both_keys_in_both_orders(packaged_rules, surname, given_name):
    rules = packaged_rules
    family = chinese_names.pinyin(surname, rules, is_surname=True)
    first = chinese_names.pinyin(given_name, rules, is_surname=False)
    assert person_names.split(surname + given_name, rules) == (given_name, surname)
    assert person_names.given_key(given_name, rules) == person_names.given_key(first, rules)
    assert person_names.family_key(surname, rules) == person_names.family_key(family, rules)
