"""The same orders with numbers, days and answers as people of many countries write them."""

from tests.lakehouse.authoring.made_exports.base import (
    ORDERS,
    TOTAL,
    Made,
    Order,
    all_orders,
    comma,
    money,
    one_file,
    plain,
    rows_text,
)

WIDE = ["Order No", "Order Date", "Customer No", "Amount"]
BACK = {4, 9, 16}
SUM_BACK = sum(ORDERS[at].total for at in BACK)


def _amounts(
    name: str, what: str, write, delimiter: str = ",", column: str = "Amount", encoding: str = "utf-8", **right
) -> Made:
    rows = [[o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", 100 + o.person.at, write(o)] for o in ORDERS]
    return one_file(
        name, what, f"{name}.csv", rows_text([*WIDE[:3], column], rows, delimiter), encoding, **all_orders(**right)
    )


def _back(o: Order, form: str) -> str:
    return form.format(plain(o.total)) if o.at in BACK else plain(o.total)


LESS = {"total": money(TOTAL - 2 * SUM_BACK)}


def _signs() -> list:
    forms = {
        "trailing_minus": "{}-",
        "unicode_minus": "\u2212{}",
        "credit_suffix": "{} CR",
        "spaced_minus": "- {}",
        "minus_behind_sign": "$-{}",
    }
    return [
        lambda name=name, form=form: _amounts(
            f"money_{name}",
            f"what is given back as {form.format('9.99')}",
            lambda o: _back(o, form) if "$" not in form or o.at in BACK else f"${plain(o.total)}",
            **LESS,
        )
        for name, form in forms.items()
    ]


def indian() -> Made:
    def write(o):
        whole, cents = plain(o.total * 10000).split(".")
        head, tail = whole[:-3], whole[-3:]
        groups = []
        while head:
            groups.insert(0, head[-2:])
            head = head[:-2]
        return f"₹{','.join([*groups, tail])}.{cents}"

    return _amounts("money_indian", "lakhs: ₹1,23,456.00", write, total=money(TOTAL * 10000), currency="INR")


def french() -> Made:
    return _amounts(
        "money_french",
        "1 234,56 € with a narrow space",
        lambda o: comma(o.total * 100).replace(".", "\u202f") + "\u00a0€",
        ";",
        total=money(TOTAL * 100),
        currency="EUR",
    )


def swiss_francs() -> Made:
    return _amounts(
        "money_chf",
        "CHF 1’234.50 with a typographic apostrophe",
        lambda o: f"CHF {o.total:,}.00".replace(",", "’"),
        total=money(TOTAL * 100),
        currency="CHF",
    )


def code_per_row() -> Made:
    codes = ["EUR", "USD", "GBP"]
    return _amounts(
        "money_code_per_row",
        "12.50 EUR, another currency on each row",
        lambda o: f"{plain(o.total)} {codes[o.at % 3]}",
        total=money(sum(round(o.total * [1.08, 1, 1.27][o.at % 3]) for o in ORDERS)),
        currencies="['EUR', 'USD', 'GBP']",
    )


def cents_column() -> Made:
    return _amounts("money_cents", "a column in cents", lambda o: o.total, column="amount_cents")


def yen_sign() -> Made:
    return _amounts(
        "money_yen_jp",
        "¥1,234 beside Japanese names",
        lambda o: f"¥{o.total:,}",
        column="お支払い金額",
        total=money(TOTAL * 100),
        currency="JPY",
    )


def dinar() -> Made:
    return _amounts(
        "money_three_decimals",
        "Kuwaiti dinars have three decimals",
        lambda o: f"KWD {o.total / 1000:.3f}",
        total=money(sum((o.total + 5) // 10 for o in ORDERS)),
    )


def fullwidth() -> Made:
    return _amounts(
        "money_fullwidth",
        "digits of full width",
        lambda o: plain(o.total).translate(str.maketrans("0123456789.", "０１２３４５６７８９．")),
    )


def dashes() -> Made:
    rows = [
        [o.number, f"{o.moment:%Y-%m-%d %H:%M:%S}", 100 + o.person.at, plain(o.total), "-" if o.at % 2 else "1.00"]
        for o in ORDERS
    ]
    return one_file("money_dash", "a dash for nothing", "dash.csv", rows_text([*WIDE, "Tip"], rows), **all_orders())


def text_in_amount() -> Made:
    return _amounts(
        "money_per_mille", "three digits behind the point in a file of decimals", lambda o: f"{o.total / 100:.3f}0"
    )


CASES = (
    *_signs(),
    indian,
    french,
    swiss_francs,
    code_per_row,
    cents_column,
    yen_sign,
    dinar,
    fullwidth,
    dashes,
    text_in_amount,
)
