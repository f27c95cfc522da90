"""The forms of a column's name that words are looked for in: plain, without units and remarks, in other spellings."""

import re
import unicodedata

from lakehouse.authoring.proposal.amounts import currency_code

SPELLED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "å": "a", "ł": "l", "ı": "i", "đ": "d"}
)
BARE = str.maketrans({"ø": "o", "æ": "a", "å": "a", "ł": "l", "ı": "i", "ß": "s", "đ": "d"})
# characters of our words that Taiwan and Japan write otherwise
SIMPLIFIED = str.maketrans(
    "訂單編號會員戶顧買賣賬帳貨價總額實應訊時間類態產稱數門電話郵費優惠減運稅點錢幣別採購營業銷連絡條碼學標題圖規"
    "結開關閉發貨處驗還進閱讀謝絕圓區縣鄉鎮國際號碼樣於資訊號",
    "订单编号会员户顾买卖账账货价总额实应讯时间类态产称数门电话邮费优惠减运税点钱币别采购营业销连络条码学标题图规"
    "结开关闭发货处验还进阅读谢绝圆区县乡镇国际号码样于资讯号",
)
MINOR = re.compile(r"(^|_)(in_)?(cents?|minor(_units?)?|pence|ct|centimes|centavos|oere|ore|fen|分)$")
REMARK = re.compile(r"\s*[（(\[【][^)）\]】]*[)）\]】]\s*")
WITHOUT_TAX = re.compile(r"(?i)\b(ex(cl)?|without|net)\b|ohne|hors|sans|未税|不含税|税抜")


def plain(name: str) -> str:
    """A name in small letters, words joined by _: `CustomerID`, `Customer ID` and `customer-id` are customer_id."""
    return _joined(_split(name).lower().translate(SPELLED))


def _split(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name.strip())


def _joined(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text)
    bare = "".join(c for c in bare if not unicodedata.combining(c) or c in "\u3099\u309a")
    return re.sub(r"[\W_]+", "_", unicodedata.normalize("NFC", bare)).strip("_")


def path_of(name: str) -> list[str]:
    """The keys of a name that stands inside an object; the points of abbreviations (`Auftr.geb.`, `No.`) part none."""
    keys = name.split(".")
    return keys if all(key.strip() for key in keys) and not re.search(r"\.\s", name) else [name]


def without_unit(name: str) -> str:
    """A plain name without the currency or minor unit that stands at its end: amount_eur is amount, 金额_元 is 金额."""
    bare = MINOR.sub("", name)
    head, _, last = bare.rpartition("_")
    return head if head and currency_code(last.upper()) else bare or name


SHORT = {  # as tables of tills and ERP programs shorten words
    **{"nbr": "number", "num": "number", "trx": "transaction", "trn": "transaction", "tran": "transaction"},
    **{
        "ord": "order",
        "inv": "invoice",
        "rcpt": "receipt",
        "vch": "voucher",
        "rct": "receipt",
        "tkt": "ticket",
        "cus": "customer",
    },
    **{"cust": "customer", "acct": "account", "mbr": "member", "lyl": "loyalty", "loy": "loyalty", "crd": "card"},
    **{"str": "store", "reg": "register", "trm": "terminal", "itm": "item", "prd": "product", "prod": "product"},
    **{"dsc": "description", "dept": "department", "unt": "unit", "prc": "price", "amt": "amount", "ext": "extended"},
    **{"dt": "date", "tm": "time", "cd": "code", "curr": "currency", "dsct": "discount", "disc": "discount"},
    **{"pmt": "payment", "stat": "status", "sts": "status", "sls": "sales", "ttl": "total", "tot": "total"},
}


def spelled_out(name: str) -> str:
    """A plain name of several words without their abbreviations: trx_nbr is transaction_number."""
    words = name.split("_")
    return "_".join(SHORT.get(word, word) for word in words) if len(words) > 1 else name


THOUSANDS = re.compile(
    r"(?i)(?<![a-z])(t(eur|usd|chf|gbp|€|\$)|k(eur|usd|chf|gbp|€|\$)|tsd|tausend|thousands?|in_?000s?|000s|'000|milliers"
    r"|migliaia|miles de|milhares|tys|tis|тыс|千円|千元|천원)(?![a-z])"
)
MILLIONS = re.compile(
    r"(?i)(?<![a-z])(mio|millions?|millionen|millones|milioni|milhões|mln|млн|百万円|百万元)(?![a-z])"
)
TEN_THOUSANDS = re.compile(r"万元|万円|만원")


def scale_of(name: str) -> int:
    """How many units a number of the column counts: 1000 for `Umsatz (TEUR)`; 1 where its name says nothing."""
    scales = ((TEN_THOUSANDS, 10_000), (MILLIONS, 1_000_000), (THOUSANDS, 1_000))
    return next((scale for words, scale in scales if words.search(name)), 1)


TAX_BEHIND = re.compile(
    r"_(in(cl(uding)?|kl)?|ex(cl(uding)?|kl)?|with|without)_?(vat|tax(es)?|gst|mwst|ust|tva|iva|btw|moms)$"
)


OF_LINES = re.compile(
    r"(?i)^[^/]*\b(lines?|items?|zeilen?|positionen|lignes?|l[ií]neas?|linhas?|righe|regels?|rader|linjer|pozycje)\b[^/]*/"
)


OF_ORDERS = re.compile(r"(?i)^(deal|order|opportunity|transaction|sale|invoice|booking) - ")  # `Deal - Value`


def forms(name: str) -> tuple[str, ...]:
    """All forms of a column's name, the name as it is first.

    A remark in parentheses is left out (`Created (UTC)`), unless it says that an amount is without tax; and the list of
    lines that a column is of (`Order Lines/Quantity`).
    """
    if OF_LINES.search(name):
        return forms(OF_LINES.sub("", name))
    if OF_ORDERS.search(name):
        rest = forms(OF_ORDERS.sub("", name))
        return (plain(name), *(form for form in rest if form not in ("title", "name")))  # a deal's own, no product's
    remarked = plain(name)
    made = [remarked, without_unit(remarked), _joined(_split(name).lower().translate(BARE))]
    made += [TAX_BEHIND.sub("", remarked)]
    made += [spelled_out(remarked)]
    made += [form.translate(SIMPLIFIED) for form in made]
    if REMARK.search(name) and not WITHOUT_TAX.search(name):
        short = plain(REMARK.sub(" ", name))
        made += [short, short.translate(SIMPLIFIED)]
    return tuple(form for form in dict.fromkeys(made) if form)
