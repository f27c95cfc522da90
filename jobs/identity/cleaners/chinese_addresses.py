"""Chinese addresses: province, city, district, street and number, whether or not 省, 市 and 区 are written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

KINDS = re.compile(
    "(?:特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市|地区|盟|(?:[\u4e00-\u9fff]{1,3}族)+自治[州县旗]|自治[州县旗]|林区|新区|区|县|旗)$"
)
# one character that stands for a province, as on number plates
SINGLE = {
    "京": "北京",
    "津": "天津",
    "沪": "上海",
    "渝": "重庆",
    "冀": "河北",
    "豫": "河南",
    "云": "云南",
    "辽": "辽宁",
    "黑": "黑龙江",
    "湘": "湖南",
    "皖": "安徽",
    "鲁": "山东",
    "新": "新疆",
    "苏": "江苏",
    "浙": "浙江",
    "赣": "江西",
    "鄂": "湖北",
    "桂": "广西",
    "甘": "甘肃",
    "晋": "山西",
    "蒙": "内蒙古",
    "陕": "陕西",
    "吉": "吉林",
    "闽": "福建",
    "贵": "贵州",
    "黔": "贵州",
    "粤": "广东",
    "青": "青海",
    "藏": "西藏",
    "川": "四川",
    "蜀": "四川",
    "宁": "宁夏",
    "琼": "海南",
    "港": "香港",
    "澳": "澳门",
    "台": "台湾",
}
UNLISTED = re.compile("([\u4e00-\u9fff]{1,6}?(?:自治县|自治旗|林区|新区|[区县旗市]))(?![\u4e00-\u9fff]?[路街道巷])")
STREET = re.compile(
    "([\u4e00-\u9fff0-9a-z]{1,14}?(?:大道|大街|胡同|[路街道巷弄里]))(?!大[道街])(?=[东南西北中]?段?\\d|[^路街巷弄]|$)([东南西北中]段?)?"
)
NUMBER = re.compile("(\\d+(?:[-之]\\d+)?[a-z]?)(?=号|弄|$)|(\\d+(?:-\\d+)?)(?=\\D|$)")
VALUES = {**{sign: value for value, sign in enumerate("零一二三四五六七八九")}, "〇": 0, "两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
NUMERAL = re.compile(
    "[零〇一二两三四五六七八九十百千]+(?=[号弄栋幢座室楼层]|单元)|(?<=[路街道巷])[零〇一二两三四五六七八九十百千]+$"
)
TOWNSHIP = re.compile("^[\u4e00-\u9fff]{1,6}?(?:街道|镇|乡|苏木)(?:办事处)?")


@dataclass(frozen=True, slots=True)
class Address:
    """Short names (广东, 深圳, 南山); street with its kind (科技路), number in digits; None for what is not told."""

    province: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    house: str | None = None
    more: str | None = None  # building, floor, room


UNKNOWN = Address()


def short(name: str) -> str:
    """A division's name without its kind; what would leave one character stays whole (赵县)."""
    bare = KINDS.sub("", name)
    return bare if len(bare) > 1 else name


@dataclass(frozen=True)
class Gazetteer:
    """Divisions by the names that addresses use: in full and short."""

    divisions: dict[str, dict[str, str]]
    former: dict[str, dict[str, str]]  # city -> a district that is no more -> what it is part of now

    @cached_property
    def provinces(self) -> dict[str, str]:
        """A province's names -> its short name."""
        return _named((name, short(name)) for name in self.divisions)

    @cached_property
    def cities(self) -> dict[str, dict[str, str]]:
        """Province -> its cities' names -> short name."""
        return self._below({short(p): list(cities) for p, cities in self.divisions.items()})

    @cached_property
    def every_city(self) -> dict[str, str]:
        """The names of the cities of all provinces -> short name."""
        return {form: bare for names in self.cities.values() for form, bare in names.items()}

    @cached_property
    def districts(self) -> dict[str, dict[str, str]]:
        """City -> its districts' names, those of before among them -> short name of today's."""
        now = self._below({short(c): d.split() for cities in self.divisions.values() for c, d in cities.items()})
        for city, districts in self.former.items():
            for form in (short, str):  # a name of before must not hide one of today
                before = {form(name): short(today) for name, today in districts.items()}
                now[short(city)] = {**before, **now.get(short(city), {})}
        return now

    @cached_property
    def province_of(self) -> dict[str, str]:
        """City -> province, both short."""
        return {short(city): short(province) for province, cities in self.divisions.items() for city in cities}

    @cached_property
    def city_of(self) -> dict[str, str]:
        """A district's name that only one city has -> that city; short names are left out, they mean other things."""
        city_by_district: dict[str, str] = {}
        for cities in self.divisions.values():
            for city, districts in cities.items():
                for district in districts.split():
                    city_by_district[district] = "" if district in city_by_district else short(city)
        return {district: city for district, city in city_by_district.items() if city}

    @cached_property
    def unique_districts(self) -> dict[str, str]:
        """The full names that only one city's district has."""
        return {name: name for name in self.city_of}

    def _below(self, names: dict[str, list[str]]) -> dict[str, dict[str, str]]:
        return {above: _named((name, short(name)) for name in below) for above, below in names.items()}


def _named(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {form: bare for name, bare in pairs for form in (bare, name)}


def parse(text: str, places: Gazetteer, known: Address = UNKNOWN) -> Address:
    """Read a plain address (simplified characters, half-width digits, no spaces).

    广东省深圳市南山区科技路1号, 深圳南山科技路1号 and 粤深圳市南山区科技路1号 give the same.

    Args:
        known: province, city and district as other fields tell them, for what the text leaves out.
    """
    text = NUMERAL.sub(lambda match: str(_number(match.group())), text)
    province, rest = _taken(text, places.provinces)
    if province is None and text[:1] in SINGLE and _taken(text[1:], places.cities[SINGLE[text[0]]])[0]:
        province, rest = SINGLE[text[0]], text[1:]
    province = province or known.province
    city, rest = _taken(rest, places.cities.get(province, {}) if province else places.every_city)
    if city is None and province in places.districts:  # 上海市徐汇区: the city is the province
        city = province
    city = city or known.city
    district, rest = _district(rest, city, places)
    if city is None and district is not None:
        city = places.city_of.get(district)
    province = province or places.province_of.get(city or "")
    address = Address(province, city, short(district) if district else known.district)
    return _street(TOWNSHIP.sub("", rest) or rest, address)


def _number(numeral: str) -> int:
    """A number below 10,000 in characters: 一百五十二, 二〇三."""
    if not set(numeral) & set("十百千"):
        return int("".join(str(VALUES[sign]) for sign in numeral))
    total, digit = 0, 0
    for sign in numeral:
        if sign in TENS:
            total, digit = total + (digit or 1) * TENS[sign], 0
        else:
            digit = VALUES[sign]
    return total + digit


def _taken(text: str, names: dict[str, str]) -> tuple[str | None, str]:
    """The longest name that a text begins with, in its short form, and the rest."""
    for length in range(min(len(text), 12), 1, -1):
        if text[:length] in names:
            return names[text[:length]], text[length:]
    return None, text


def _district(text: str, city: str | None, places: Gazetteer) -> tuple[str | None, str]:
    district, rest = _taken(text, places.districts.get(city or "", {}))
    if district is not None:
        return district, rest
    listed, rest = _taken(text, places.unique_districts)
    if listed is not None:
        return listed, rest
    unlisted = UNLISTED.match(text)  # a district that is older or newer than the list
    return (unlisted.group(1), text[unlisted.end() :]) if unlisted else (None, text)


def _street(text: str, address: Address) -> Address:
    street = STREET.match(text)
    after = text[street.end() :] if street else text
    number = NUMBER.search(after)
    house = (number.group(1) or number.group(2)).replace("之", "-") if number else None
    more = after[number.end() :].removeprefix("号") if number else after
    return Address(
        address.province, address.city, address.district, street.group() if street else None, house, more or None
    )
