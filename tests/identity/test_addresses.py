"""Addresses: house numbers of Latin streets; province, city, district, street and number of Chinese ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.identity.cleaners import addresses, chinese_addresses
from jobs.identity.cleaners.chinese_addresses import Address, parse


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("12 king street", ("king street", "12")),
        ("hauptstr. 12 a", ("hauptstr.", "12 a")),
        ("king street", ("king street", None)),
        ("12", ("12", None)),
        ("3-5 king st", ("king st", "3-5")),
        ("42nd street", ("42nd street", None)),
    ],
)
def test_the_house_number_stands_first_or_last(line, expected):
    assert addresses.street_and_house(line) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("广东省深圳市南山区科技路1号", ("广东", "深圳", "南山", "科技路", "1")),
        ("广东深圳南山科技路1号", ("广东", "深圳", "南山", "科技路", "1")),
        ("粤深圳市南山区科技路1号", ("广东", "深圳", "南山", "科技路", "1")),
        ("深圳市南山区科技路1号", ("广东", "深圳", "南山", "科技路", "1")),
        ("深圳南山区粤海街道科技路1号3栋201室", ("广东", "深圳", "南山", "科技路", "1")),
        ("上海市徐汇区漕溪北路18号", ("上海", "上海", "徐汇", "漕溪北路", "18")),
        ("北京朝阳区建国门外大街1号", ("北京", "北京", "朝阳", "建国门外大街", "1")),
        ("吉林省吉林市昌邑区解放大路5号", ("吉林", "吉林", "昌邑", "解放大路", "5")),
        ("内蒙古自治区呼和浩特市新城区中山东路8号", ("内蒙古", "呼和浩特", "新城", "中山东路", "8")),
        ("湖北仙桃沔街大道12号", ("湖北", "仙桃", None, "沔街大道", "12")),
        ("杭州市下城区武林路3号", ("浙江", "杭州", "拱墅", "武林路", "3")),  # a district until 2021
        ("南京白下新华路3号", ("江苏", "南京", "秦淮", "新华路", "3")),
        ("深圳市南山区解放一路一百五十二号", ("广东", "深圳", "南山", "解放一路", "152")),
        ("深圳市南山区科技路二〇三号", ("广东", "深圳", "南山", "科技路", "203")),
        ("深圳市南山区科技路十二", ("广东", "深圳", "南山", "科技路", "12")),
        ("香港九龙弥敦道100号", ("香港", "香港", None, "九龙弥敦道", "100")),
        ("科技路1号", (None, None, None, "科技路", "1")),
        ("", (None, None, None, None, None)),
    ],
)
def test_a_chinese_address_is_read_from_the_largest_to_the_smallest(rules, text, expected):
    address = parse(text, rules.places)
    assert (address.province, address.city, address.district, address.street, address.house) == expected


def test_what_other_fields_tell_helps_where_the_line_leaves_it_out(rules):
    known = Address("广东", "深圳", "南山")
    assert parse("科技路1号", rules.places, known) == Address("广东", "深圳", "南山", "科技路", "1")
    assert parse("福田深南大道2号", rules.places, known).district == "福田"


def test_all_divisions_are_found_with_and_without_their_kind(rules):
    lost = []
    for province, cities in rules.divisions.items():
        for city, districts in cities.items():
            for district in districts.split():
                for words in ((province, city, district), tuple(map(chinese_addresses.short, (province, city)))):
                    address = parse("".join(words) + "人民路1号", rules.places)
                    wanted = tuple(map(chinese_addresses.short, (province, city, district)[: len(words)]))
                    if (address.province, address.city, address.district)[: len(words)] != wanted:
                        lost.append(words)
    assert len(lost) <= 0.01 * sum(len(d.split()) for cities in rules.divisions.values() for d in cities.values()), lost


@given(st.text(st.sampled_from("广东省深圳市南山区科技路1号上海北京0新一二-之栋室abc县旗州"), max_size=30))
def test_any_text_is_read(packaged_rules, text):
    address = parse(text, packaged_rules.places)
    assert "" not in (address.province, address.city, address.district, address.street, address.house, address.more)
