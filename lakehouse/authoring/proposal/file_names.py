"""Names from a file's name: the export's, the channel's, and the pattern of later deliveries."""

import re
from pathlib import Path

from lakehouse.authoring.proposal.column_forms import plain

GENERIC = frozenset(
    [
        "order",
        "orders",
        "customer",
        "customers",
        "client",
        "clients",
        "product",
        "products",
        "item",
        "items",
        "sale",
        "sales",
        "transaction",
        "transactions",
        "data",
        "export",
        "exports",
        "user",
        "users",
        "store",
        "stores",
        "bestellungen",
        "kunden",
        "commandes",
        "ventes",
        "pedidos",
        "invoice",
        "invoices",
        "my",
        "all",
        "report",
        "list",
        "full",
        "new",
        "final",
        "copy",
        "file",
        "march",
        "april",
        "may",
        "june",
        "july",
        "csv",
        "download",
        "part",
    ]
)
MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "januar",
    "februar",
    "märz",
    "maerz",
    "mai",
    "juni",
    "juli",
    "oktober",
    "dezember",
    "janvier",
    "février",
    "mars",
    "avril",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
]
ENDINGS = r"(\.(csv|txt|tsv|tab|json|jsonl|ndjson|parquet|gz|zip|dat|xlsx?|xlsm|ods|xml|html?|prn|asc))+$"
CHANGING = re.compile(
    rf"\d+|(?<=[_-])[A-Za-z]$|\[\d*\]|\(\d+\)|(?<![^\W\d_])({'|'.join(MONTHS)})(?![^\W\d_])|(?<![A-Za-z0-9])[0-9a-f]*\d[0-9a-f]{{5,}}(?![A-Za-z0-9])",
    re.IGNORECASE,
)


DAY = re.compile(
    r"(?<!\d)(?:(?P<y>20\d\d)(?P<s>[-_.]?)(?P<m>0[1-9]|1[0-2])(?P=s)(?P<d>0[1-9]|[12]\d|3[01])"
    r"|(?P<d2>0[1-9]|[12]\d|3[01])(?P<s2>[-_.])(?P<m2>0[1-9]|1[0-2])(?P=s2)(?P<y2>20\d\d))(?!\d)"
)


def day_of(name: str) -> tuple[str, str] | None:
    """The day in a file's name, and a regular expression that finds its like; None where there is none, or several."""
    found = list(DAY.finditer(name))
    if len(found) != 1:
        return None
    between = re.escape(found[0]["s"] or found[0]["s2"] or "")
    parts = (r"\d{4}", r"\d{2}", r"\d{2}") if found[0]["y"] else (r"\d{2}", r"\d{2}", r"\d{4}")
    return found[0].group(), between.join(parts)


def name_of(path: Path) -> str:
    """An export's name from a file's: its words without dates, numbers and endings."""
    stem = re.sub(ENDINGS, "", path.name, flags=re.IGNORECASE)
    words = [word for word in plain(stem).split("_") if word and not word.isdigit()]
    name = re.sub("[^a-z0-9_]", "", "_".join(word for word in words if word.isascii())).strip("_") or "new_export"
    return name if name[0].isalpha() else f"export_{name}"


def channel_of(name: str) -> str:
    """The first word of the name that is not about any company's files."""
    return next((word for word in name.split("_") if word not in GENERIC and word[0].isalpha()), "shop")


def glob_of(path: Path) -> str:
    """A pattern for the file and its later deliveries: digits, months and what numbers a copy may change.

    Letters stand as they are but for their case: UPPER CASE files have lower case brothers.
    """
    ending = (re.search(ENDINGS, path.name, flags=re.IGNORECASE) or re.search("$", path.name)).group()  # type: ignore[union-attr]
    stem = path.name[: len(path.name) - len(ending)]
    pattern = re.sub(r"\*[\s_.,:-]*(\*[\s_.,:-]*)*", "*", CHANGING.sub("*", stem))
    pattern = pattern if pattern.endswith("*") else f"{pattern}*"
    pattern = re.sub(r"[\[\]?!]", "?", pattern)
    if not re.search(r"[^\W\d_*?]", pattern):
        pattern = f"{stem[:1]}*" if stem[:1].isalpha() else "*"
    return f"{pattern}{ending}"
