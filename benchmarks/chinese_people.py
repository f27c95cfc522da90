"""Chinese customers made up, known truth, as shops, apps and call centres write them, with twelve kinds of fault.

Traditional characters; pinyin in two words, in either order; pinyin in one word; a title or "old" in place of the given
name (王总, 老王); two phones in one cell; a masked phone; a word for "unknown"; ethnic names with a dot; an address
without its province, or without its city; numbers of a house in characters; a district by an older name; a character
that sounds alike; and fields that are missing, homes and phones that have changed.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pandas as pd


def _listed(text: str) -> list[str]:
    return text.split()


SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢"
DOUBLE = ("欧阳", "司马", "上官", "诸葛", "夏侯")
GIVEN = _listed(
    "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 霞 平 刚 桂英 秀兰 建华 志强 建国 玉兰 志明 秀珍 海燕 "
    "小红 文杰 国栋 美玲 晓东 雪梅 俊杰 婷婷 浩然 子涵 春兰 永刚 丹丹 思远 嘉怡 一鸣 佳琪 志伟 红霞 明亮 立新 "
    "少华 若兰 天宇 庆丰 慧敏 德胜 凤英 振华 淑贞 宏伟 静怡 梓轩 雨桐 欣怡 宇航 诗涵 博文 家豪 晨曦 梦琪 语嫣 "
    "子墨 宇轩 浩宇 雅婷 晓明 小龙 志刚 丽娟 建军 国强"
)
ETHNIC = ("买买提·吐尔逊", "阿依古丽·艾合买提", "巴哈尔·阿布都", "古丽娜尔·哈力克", "艾力·司马义", "帕提古丽·肉孜")
CITIES = {  # province, city: districts, with what some were called before
    ("广东省", "深圳市"): (("南山区", ""), ("福田区", ""), ("龙岗区", "")),
    ("广东省", "广州市"): (("天河区", ""), ("越秀区", "东山区"), ("海珠区", "")),
    ("浙江省", "杭州市"): (("西湖区", ""), ("上城区", "江干区"), ("拱墅区", "下城区")),
    ("江苏省", "南京市"): (("鼓楼区", "下关区"), ("玄武区", ""), ("秦淮区", "白下区")),
    ("四川省", "成都市"): (("锦江区", ""), ("武侯区", ""), ("青羊区", "")),
    ("湖北省", "武汉市"): (("江岸区", ""), ("武昌区", ""), ("洪山区", "")),
    ("山东省", "青岛市"): (("市南区", ""), ("崂山区", ""), ("市北区", "四方区")),
    ("上海市", "上海市"): (("浦东新区", "南汇区"), ("静安区", "闸北区"), ("黄浦区", "卢湾区")),
}
ROADS = [
    f"{a}{b}路"
    for a in ["人民", "解放", "建设", "中山", "新华", "文化", "科技", "和平", "长江", "黄河", "友谊", "迎宾"]
    for b in ("一", "二", "东", "南", "北", "")
]
ALIKE = {
    "静": "婧",
    "伟": "玮",
    "芳": "方",
    "娜": "那",
    "磊": "雷",
    "洋": "阳",
    "霞": "侠",
    "涛": "韬",
    "敏": "闵",
    "杰": "洁",
}
DIGITS = "零一二三四五六七八九"
UNKNOWN = ("无", "未知", "暂无", "不详", "/")
TITLES = ("先生", "女士", "总", "老师")
Record = dict[str, Any]


@dataclass(frozen=True)
class Person:
    """Who someone is."""

    name: str
    family: str
    given: str
    birth: str
    phone: str
    other_phone: str
    email: str
    city: tuple[str, str]
    district: tuple[str, str]
    road: str
    house: int
    room: str


def chinese_people(count: int, seed: int) -> pd.DataFrame:
    """record, person, channel, name, phone, birth_date, address, email: one to four records of each person."""
    draw = random.Random(seed)
    rows: list[Record] = []
    for number in range(count):
        one = _person(draw, number)
        for turn in range(draw.choice((1, 2, 2, 3, 4))):
            now = one if draw.random() > 0.08 * turn else _moved(draw, one)
            rows += [{"person": one.name, **_written(draw, now)}]
    draw.shuffle(rows)
    return pd.DataFrame([{"record": f"z{number:06}", **row} for number, row in enumerate(rows)])


def _person(draw: random.Random, number: int) -> Person:
    family = draw.choice(DOUBLE) if draw.random() < 0.02 else draw.choice(SURNAMES[: draw.choice((8, 20, 50))])
    given = draw.choice(GIVEN)
    if draw.random() < 0.03:
        given, family = draw.choice(ETHNIC).split("·")
    birth = f"{draw.randint(1950, 2004)}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}"
    city = draw.choice(list(CITIES))
    return Person(
        f"p{number}",
        family,
        given,
        birth,
        _phone(draw),
        _phone(draw),
        f"{draw.randrange(10**8, 10**9)}@qq.com" if draw.random() < 0.7 else f"m{draw.randrange(10**6)}@163.com",
        city,
        draw.choice(CITIES[city]),
        draw.choice(ROADS),
        draw.randint(1, 299),
        f"{draw.randint(1, 20)}栋{draw.randint(1, 30)}0{draw.randint(1, 4)}室",
    )


def _phone(draw: random.Random) -> str:
    return f"1{draw.choice(('38', '39', '50', '86', '77'))}{draw.randrange(10**8):08}"


def _moved(draw: random.Random, one: Person) -> Person:
    city = draw.choice(list(CITIES))
    district, road = draw.choice(CITIES[city]), draw.choice(ROADS)
    phone = _phone(draw) if draw.random() < 0.3 else one.phone
    return replace(one, city=city, district=district, road=road, house=draw.randint(1, 299), phone=phone)


def _written(draw: random.Random, one: Person) -> Record:
    row = {
        "channel": draw.choice(("shop", "app", "crm")),
        "name": _name(draw, one),
        "phone": _numbers(draw, one) if draw.random() < 0.85 else None,
        "birth_date": one.birth if draw.random() < 0.5 else None,
        "address": _address(draw, one) if draw.random() < 0.7 else None,
        "email": one.email if draw.random() < 0.5 else None,
    }
    if row["phone"] is None and row["email"] is None:  # an account needs either
        row["email"] = one.email
    for name in ("phone", "address", "email"):
        if row[name] is None and draw.random() < 0.2:
            row[name] = draw.choice(UNKNOWN)
    return row


def _name(draw: random.Random, one: Person) -> str:
    is_ethnic = len(one.given) > 2 or len(one.family) > 2
    if is_ethnic:
        return f"{one.given}{draw.choice('·•.')}{one.family}" if draw.random() < 0.5 else f"{one.given}·{one.family}"
    given = "".join(ALIKE.get(sign, sign) if draw.random() < 0.03 else sign for sign in one.given)
    forms: tuple[tuple[float, Callable[[], str]], ...] = (
        (0.58, lambda: one.family + given),
        (0.72, lambda: _traditional(one.family + given)),
        (0.82, f"{_pinyin(one.family)} {_pinyin(given)}".title),
        (0.87, f"{_pinyin(given)} {_pinyin(one.family)}".title),
        (0.93, lambda: _pinyin(one.family + given)),
        (0.97, lambda: one.family + given + draw.choice(TITLES)),
        (1.00, lambda: draw.choice((f"老{one.family}", f"{one.family}{draw.choice(TITLES)}"))),
    )
    turn = draw.random()
    return next(form for bound, form in forms if turn <= bound)()


def _numbers(draw: random.Random, one: Person) -> str:
    turn = draw.random()
    if turn < 0.08:
        return f"{one.phone}{draw.choice(('/', '、', ' ', ';'))}{one.other_phone}"
    if turn < 0.14:
        return f"{one.phone[:3]}****{one.phone[7:]}"
    if turn < 0.3:
        return draw.choice(
            (f"+86 {one.phone}", f"{one.phone[:3]}-{one.phone[3:7]}-{one.phone[7:]}", f"0086{one.phone}")
        )
    return one.phone


def _address(draw: random.Random, one: Person) -> str:
    province, city = one.city
    parts = [province, city] if province != city else [city]
    turn = draw.random()
    if turn < 0.2:
        parts = [city]
    elif turn < 0.3:
        parts = [part.removesuffix("省").removesuffix("市") for part in parts]
    elif turn < 0.35:
        parts = []
    now, before = one.district
    parts.append(before if before and draw.random() < 0.15 else now)
    house = _in_characters(one.house) if draw.random() < 0.12 else str(one.house)
    room = one.room if draw.random() < 0.6 else ""
    parts.append(f"{one.road}{house}{'号' if room or draw.random() < 0.8 else ''}{room}")
    text = "".join(parts)
    return _traditional(text) if draw.random() < 0.1 else text


def _in_characters(number: int) -> str:
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    text = f"{DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (DIGITS[ones] if ones else "")


def _pinyin(text: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(text))


def _traditional(text: str) -> str:
    converted: str = _converter().convert(text)
    return converted


@cache
def _converter() -> Any:
    import opencc

    return opencc.OpenCC("s2t")
