"""Names, towns and mail providers of the made-up people."""

import numpy as np

from benchmarks.people import words


def _listed(text: str) -> list[str]:
    return text.split()


GIVEN = {
    "m": _listed(
        "Peter Thomas Michael Andreas Stefan Robert William James David Martin Frank Klaus Jürgen Wolfgang Bernd "
        "Christian Daniel Markus Oliver Sebastian Alexander Tobias Matthias Ralf Uwe Dieter Heinz Karl Otto Paul Emil "
        "Felix Jonas Lukas Leon Noah Henry George Edward Charles Arthur Simon "
        "Marc Mark Tim Tom Adrian Victor Hugo Oscar Philip Gregory"
    ),
    "f": _listed(
        "Anna Maria Lina "
        "Juliane Anne Hanne Susanne Sabine Petra Monika Claudia Andrea Birgit Karin Julia Katharina Christine "
        "Barbara Ursula "
        "Elisabeth Margaret Helen Catherine Laura Emma Mia Hannah Lena Sophie Charlotte Emily Grace Alice Clara Ida "
        "Frieda Johanna Theresa Veronica Victoria Rebecca Rachel Deborah Judith Martha Eleanor Beatrice Cecilia Nora"
    ),
}
TWINS = (("Lena", "Lina"), ("Marc", "Mark"), ("Julia", "Juliane"), ("Tim", "Tom"), ("Anne", "Hanne"))
CHINESE_FAMILY = _listed("王 李 张 刘 陈 杨 赵 黄 周 吴 徐 孙 胡 朱 高 林 何 郭 马 罗 梁 宋 郑 谢 韩 唐 冯 于 董 萧")
CHINESE_GIVEN = _listed(
    "建国 志强 秀英 丽华 伟明 海燕 小红 文杰 国栋 美玲 晓东 雪梅 俊杰 婷婷 浩然 子涵 春兰 玉珍 永刚 丹丹 思远 嘉怡 "
    "一鸣 佳琪 志伟 红霞 桂英 明亮 立新 少华 若兰 天宇 庆丰 慧敏 德胜 凤英 振华 淑贞 宏伟 静怡"
)
PROVIDERS = ("mail.example", "post.example", "gmail.com", "web.de", "163.com")
CITIES = (("Lindau", "881"), ("Neustadt", "234"), ("Bergheim", "501"), ("Altenburg", "046"), ("Seeberg", "998"))


def family_names(seed: int) -> list[str]:
    """Surnames, the first ones more often."""
    made = [word.capitalize() for word in words(np.random.default_rng(seed), 260, 3)]
    return made + made[:120] + made[:40] * 2


def streets(seed: int) -> list[str]:
    """Streets of all towns."""
    return [f"{word.capitalize()} street" for word in words(np.random.default_rng(seed + 1), 160, 3)]
