"""Lists of two sellers in several trades and languages, made up, known truth: books, fashion, wine, food, parts.

Each seller writes names by its own pattern, leaves things out, shortens words, and has prices of its own; things of one
series differ in a year, a size, a volume or a number alone, and only some are in both lists.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.people import skewed, slips, words

Thing = dict[str, Any]
Draw = np.random.Generator


@dataclass(frozen=True)
class Trade:
    """How things of a trade are made, and how either seller names and describes them; overlap: share in both lists."""

    make: Callable[[Draw, int], list[Thing]]
    names: tuple[Callable[[Draw, Thing], str], Callable[[Draw, Thing], str]]
    describes: Callable[[Draw, Thing], str]
    overlap: float
    longer: float


def trade_lists(trade: str, count: int, seed: int) -> pd.DataFrame:
    """record, product, shop, name, brand, price, description: `count` in the shorter list."""
    draw, how = np.random.default_rng(seed), TRADES[trade]
    both = int(count * how.overlap)
    things = how.make(draw, count + int(count * how.longer) - both)
    order = draw.permutation(len(things))
    sides = [order[:count], order[count - both :]]
    rows = [
        {
            "product": f"t{number}",
            "shop": f"shop{side}",
            "name": how.names[side](draw, things[number]),
            "brand": things[number]["brand"] if draw.random() < (0.9 if side else 0.5) else None,
            "price": f"{things[number]['price'] * draw.uniform(0.9, 1.1):.2f}" if draw.random() < 0.9 else None,
            "description": how.describes(draw, things[number]) if draw.random() < 0.6 else None,
        }
        for side, numbers in enumerate(sides)
        for number in numbers
    ]
    made = pd.DataFrame(rows).iloc[draw.permutation(len(rows))].reset_index(drop=True)
    return made.assign(record=[f"k{i:06}" for i in range(len(made))])


def _some(draw: Draw, parts: list[str], share: float) -> str:
    kept = [part for part in parts if draw.random() < share]
    return " ".join(kept or parts[:1])


def _slip(draw: Draw, text: str, share: float = 0.08) -> str:
    return str(slips(draw, np.array([text], object))[0]) if draw.random() < share and len(text) > 3 else text


def _books(draw: Draw, count: int) -> list[Thing]:
    vocabulary, names, houses = words(draw, 700, 2), words(draw, 500, 3), words(draw, 30, 3)
    things: list[Thing] = []
    while len(things) < count:
        title = " ".join(
            ["the" if draw.random() < 0.4 else "", *skewed(draw, vocabulary, int(draw.integers(2, 7)), 0.6)]
        )
        author, volumes = f"{draw.choice(vocabulary)} {draw.choice(names)}", int(draw.choice([1, 1, 1, 3, 5]))
        for volume in range(1, volumes + 1):
            things += [
                {
                    "brand": str(draw.choice(houses)),
                    "title": title.strip().title(),
                    "author": author.title(),
                    "volume": f"{volume}" if volumes > 1 else "",
                    "year": int(draw.integers(1990, 2025)),
                    "cover": str(draw.choice(["paperback", "hardcover"])),
                    "price": float(draw.uniform(5, 60)),
                }
            ]
    return things[:count]


def _book_one(draw: Draw, t: Thing) -> str:
    volume = f", Vol. {t['volume']}" if t["volume"] else ""
    return (
        f"{_slip(draw, t['title'])}{volume} ({t['cover']}, {t['year']})" if draw.random() < 0.8 else t["title"] + volume
    )


def _book_two(draw: Draw, t: Thing) -> str:
    given, family = t["author"].split(" ", 1)
    author = f"{family}, {given[0]}." if draw.random() < 0.6 else t["author"]
    volume = f" Band {t['volume']}" if t["volume"] else ""
    return f"{author}: {_slip(draw, t['title'])}{volume}"


def _book_text(draw: Draw, t: Thing) -> str:
    return _some(
        draw, [f"by {t['author']}", t["brand"], str(t["year"]), t["cover"], "new edition", "with an index"], 0.6
    )


def _listed(text: str) -> list[str]:
    return text.split()


COLOURS = {"schwarz": "black", "weiss": "white", "blau": "navy", "rot": "red", "grün": "green", "beige": "sand"}
CLOTHES = (
    "Herrenhemd",
    "Damenbluse",
    "Strickjacke",
    "Winterjacke",
    "Jeans",
    "Kleid",
    "Pullover",
    "Rock",
    "Hose",
    "Mantel",
)
CUTS = ("Slim Fit", "Regular Fit", "Oversize", "tailliert", "mit Kapuze", "langarm", "kurzarm", "mit Stehkragen")
STUFFS = ("Baumwolle", "Leinen", "Wolle", "Polyester", "Viskose", "Seide", "Kaschmir")


def _fashion(draw: Draw, count: int) -> list[Thing]:
    brands, lines = words(draw, 40, 2), words(draw, 900, 3)
    things: list[Thing] = []
    while len(things) < count:
        base = {
            "brand": str(skewed(draw, brands, 1, 0.7)[0]).title(),
            "line": str(draw.choice(lines)).title(),
            "kind": str(draw.choice(CLOTHES)),
            "cut": str(draw.choice(CUTS)),
            "stuff": str(draw.choice(STUFFS)),
            "price": float(draw.uniform(15, 200)),
        }
        for colour in draw.permutation(list(COLOURS))[: int(draw.integers(1, 4))]:
            things += [{**base, "colour": str(colour)}]
    return things[:count]


def _fashion_one(draw: Draw, t: Thing) -> str:
    return _some(
        draw, [t["brand"], t["kind"], f'"{_slip(draw, t["line"])}"', t["cut"], "aus", t["stuff"], t["colour"]], 0.85
    )


def _fashion_two(draw: Draw, t: Thing) -> str:
    colour = COLOURS[t["colour"]] if draw.random() < 0.3 else t["colour"]
    return _some(draw, [_slip(draw, t["line"]), t["brand"].upper(), "-", t["kind"], colour, t["cut"]], 0.85)


def _fashion_text(draw: Draw, t: Thing) -> str:
    return _some(
        draw, [t["kind"], "in", t["colour"], t["cut"], "100 %", t["stuff"], "maschinenwaschbar", t["line"]], 0.7
    )


GRAPES = ("Riesling", "Pinot Noir", "Chardonnay", "Merlot", "Syrah", "Sauvignon Blanc", "Tempranillo", "Sangiovese")


def _wines(draw: Draw, count: int) -> list[Thing]:
    houses, fields = words(draw, 350, 3), words(draw, 500, 2)
    things: list[Thing] = []
    while len(things) < count:
        base = {
            "brand": f"{draw.choice(('Domaine', 'Weingut', 'Bodega', 'Cantina'))} {str(draw.choice(houses)).title()}",
            "field": str(draw.choice(fields)).title(),
            "grape": str(draw.choice(GRAPES)),
            "class": str(draw.choice(["", "Réserve", "Grand Cru", "trocken", "Crianza", "Classico"])),
            "price": float(np.exp(draw.normal(2.7, 0.6))),
        }
        for year in draw.permutation(np.arange(2014, 2024))[: int(draw.integers(1, 4))]:
            things += [{**base, "year": int(year), "litre": str(draw.choice(["0.75", "0.75", "0.75", "1.5"]))}]
    return things[:count]


def _wine_one(draw: Draw, t: Thing) -> str:
    parts = [t["brand"], t["field"], t["grape"], t["class"], str(t["year"]), f"{t['litre']} l"]
    return _some(draw, [part for part in parts if part], 0.9)


def _wine_two(draw: Draw, t: Thing) -> str:
    parts = [str(t["year"]), _slip(draw, t["brand"].split(" ", 1)[1]), t["grape"], f'"{t["field"]}"', t["class"]]
    return _some(draw, [part for part in parts if part], 0.9)


def _wine_text(draw: Draw, t: Thing) -> str:
    return _some(
        draw, [t["grape"], "from", t["field"], str(t["year"]), t["class"], "aged in oak", "dry", "13 % vol"], 0.6
    )


HAN_BRANDS = _listed(
    "海天 金龙 老坛 百味 千禾 双汇 五芳 云南 蓝月 立白 清风 心相 美加 好孩 小米 华光 飞鹤 三元 光明 蒙山"
)
HAN_KINDS = _listed(
    "酱油 陈醋 花生油 大米 火腿肠 方便面 洗衣液 洗发水 抽纸 牙膏 保温杯 电饭煲 奶粉 酸奶 绿茶 咖啡 饼干 坚果"
)
HAN_TALK = _listed("正品 包邮 特价 家用 新品 官方 实惠装 礼盒 超值")


def _han_goods(draw: Draw, count: int) -> list[Thing]:
    lines = [
        a + b
        for a in ["特级", "有机", "鲜味", "纯香", "原味", "清爽", "经典", "轻巧", "金装", "臻品", "山泉", "田园"]
        for b in ["红标", "蓝标", "一号", "二号", "A款", "B款", "尊享", "简装"]
    ]
    things: list[Thing] = []
    while len(things) < count:
        base = {
            "brand": str(draw.choice(HAN_BRANDS)) + str(draw.choice(list("福禄喜安康宁瑞祥泰和"))),
            "kind": str(draw.choice(HAN_KINDS)),
            "line": str(draw.choice(lines)),
            "price": float(np.exp(draw.normal(3.2, 0.7))),
        }
        for size in draw.permutation(["500ml", "1L", "2kg", "5kg", "120g", "250g", "3包", "12瓶"])[
            : int(draw.integers(1, 4))
        ]:
            things += [{**base, "size": str(size)}]
    return things[:count]


def _han_one(draw: Draw, t: Thing) -> str:
    talk = str(draw.choice(HAN_TALK)) if draw.random() < 0.4 else ""
    return f"{talk}{t['brand']}{t['line']}{t['kind']}{t['size'] if draw.random() < 0.9 else ''}"


def _han_two(draw: Draw, t: Thing) -> str:
    size = f" {t['size'].replace('ml', '毫升').replace('kg', '千克')}" if draw.random() < 0.85 else ""
    return f"{t['brand'] if draw.random() < 0.85 else ''}{t['kind']} {t['line']}{size}"


def _han_text(draw: Draw, t: Thing) -> str:
    parts = [t["brand"], t["line"], t["kind"], t["size"], str(draw.choice(HAN_TALK))]
    return "".join(part for part in parts if draw.random() < 0.7)


def _parts(draw: Draw, count: int) -> list[Thing]:
    brands, nouns = words(draw, 25, 2), words(draw, 50, 3)
    things: list[Thing] = []
    while len(things) < count:
        series = f"{str(draw.choice(brands))[:3].upper()}{draw.integers(10, 99)}"
        base = {
            "brand": str(draw.choice(brands)).upper(),
            "noun": str(draw.choice(nouns)),
            "price": float(draw.uniform(2, 90)),
        }
        for number in draw.permutation(np.arange(100, 999))[: int(draw.integers(1, 6))]:
            things += [
                {**base, "code": f"{series}-{number}", "size": f"M{draw.integers(3, 20)}x{draw.integers(10, 90)}"}
            ]
    return things[:count]


def _part_one(draw: Draw, t: Thing) -> str:
    return _some(draw, [t["noun"], t["size"], t["brand"], t["code"]], 0.88)


def _part_two(draw: Draw, t: Thing) -> str:
    code = t["code"].replace("-", "" if draw.random() < 0.5 else " ")
    return _some(draw, [code, t["brand"].lower(), t["noun"], t["size"].replace("x", " x ")], 0.88)


def _part_text(draw: Draw, t: Thing) -> str:
    return _some(draw, [t["noun"], "steel", "zinc plated", t["size"], "DIN 912", "pack of 10", t["code"]], 0.5)


TRADES = {
    "books": Trade(_books, (_book_one, _book_two), _book_text, 0.5, 2.0),
    "fashion": Trade(_fashion, (_fashion_one, _fashion_two), _fashion_text, 0.7, 1.3),
    "wine": Trade(_wines, (_wine_one, _wine_two), _wine_text, 0.6, 1.5),
    "goods in Chinese": Trade(_han_goods, (_han_one, _han_two), _han_text, 0.6, 1.4),
    "parts": Trade(_parts, (_part_one, _part_two), _part_text, 0.8, 1.2),
}
