"""Encodings: right, or asked; never other letters without a word."""

import pytest

from lakehouse.files.detection import Evidence, detect
from tests.lakehouse.files.made_texts import KINDS, Made, made

FEW = ("one_value",)  # a word of two or three letters beyond ASCII may fit several encodings: asking is right there


def told(text: bytes, **known: object) -> str | None:
    return detect(Evidence.of([text]), **known).encoding  # type: ignore[arg-type]


def is_wrong(one: Made) -> bool:
    encoded = one.text.encode(one.encoding)
    encoding = told(encoded)
    return encoding is not None and encoded.decode(encoding) != one.text


def is_right(one: Made) -> bool:
    encoded = one.text.encode(one.encoding)
    encoding = told(encoded)
    return encoding is not None and encoded.decode(encoding) == one.text


@pytest.mark.parametrize("kind", KINDS)
def test_of_made_lists_none_is_read_with_other_letters_and_nearly_all_are_read(kind: str) -> None:
    lists = [one for one in made(20240301, 2) if one.kind == kind]

    assert [one for one in lists if is_wrong(one)] == []
    right = sum(map(is_right, lists)) / len(lists)
    assert right >= (0.7 if kind in FEW else 0.95), f"{kind}: {right:.3f}"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("order,total\n1,€9.99\n2,€3\n", "cp1252"),
        ("order,total\n1,£9.99\n2,£13\n", "cp1252"),
        ("order;Währung\n1;EUR\n", "cp1252"),
        ("品名,x\niPhone手机壳,500ml牛奶\n", "gbk"),
        ("名前,x\nﾔﾏﾀﾞ ﾀﾛｳ,1\nさくら,2\n", "shift_jis"),
        ("Имя,Город\nИванов,Москва\nПетрова,Тула\n", "koi8-r"),
        ("رقم الفاتورة;المبلغ\n1;9.99\n", "cp1256"),
        ("رقم الفاتورة;المبلغ الإجمالي\n1;9.99\n", "iso8859-6"),
        ("מספר חשבונית;סכום\n1;9.99\n", "cp1255"),
        ("מספר חשבונית;סכום\n1;9.99\n", "cp862"),
        ("Αριθμός;Πελάτης\n1;Άννα\n", "cp1253"),
        ("Αριθμός;Πελάτης\n1;Άννα\n", "iso8859-7"),
        ("เลขที่บิล;ยอดรวม\n1;9.99\n", "cp874"),
        ("Номер;Сумма\n1;9.99\n", "iso8859-5"),
        ("Клиент\nИвановИван\nПетроваАнна\n", "cp1251"),
    ],
)
def test_short_texts_that_real_tills_write(text: str, encoding: str) -> None:
    encoded = text.encode(encoding)
    found = told(encoded)
    assert found is not None
    assert encoded.decode(found) == text


def test_where_two_fit_both_are_named() -> None:
    found = detect(Evidence.of(["name,x\nMariño,1\n".encode("cp1252")]))
    assert found.encoding is None
    assert {"cp1252", "cp1250"} <= set(found.rivals)


def test_the_exports_column_names_decide_what_the_letters_alone_do_not() -> None:
    text = "Año,x\nMariño,1\n".encode("cp1252")
    assert told(text, names=["Año"]) == "cp1252"
    assert told("měna,x\nčára,1\n".encode("cp1250"), names=["měna"]) == "cp1250"


def test_earlier_deliveries_decide_what_is_too_short_to_tell() -> None:
    text = "name,x\nMariño,1\n".encode("cp1252")
    assert told(text, usual="cp1252") == "cp1252"


def test_a_file_of_no_known_encoding_is_not_read() -> None:
    assert told("Όνομα,Πόλη\nΠαπαδόπουλος,Αθήνα\nΓεωργίου,Θεσσαλονίκη".encode("cp869")) is None


def test_damaged_utf8_is_no_other_encoding() -> None:
    text = "name\nMüller\nKöhler\nJäger\n".encode() + b"W\xe4hrung\n"
    found = detect(Evidence.of([text]))
    assert (found.encoding, Evidence.of([text]).bad_line) == (None, 5)


@pytest.mark.parametrize(
    "text",
    [
        "٠١٢٣٤٥٦٧٨٩",
        "۰۱۲۳۴۵۶۷۸۹",
        "०१२३४५६७८९",
        "दूध और रोटी",
        "მარიამი თბილისი",
        "Արամ Երևան",
        "தமிழ் பால்",
        "ភ្នំពេញ",
        "ਪੰਜਾਬੀ",
    ],
)
def test_utf8_in_any_script_is_in_no_doubt(text: str) -> None:
    assert told(f"account,name\n1,{text}\n2,{text[::-1]}\n".encode()) == "utf-8"


@pytest.mark.parametrize("text", ["✓", "✔", "✅", "✗ ✓", "™", "°", "£", "😀", "→", "Preis (€)", "Price (£)"])
def test_a_lone_sign_in_utf8_is_in_no_doubt(text: str) -> None:
    assert told(f"account,consent\n1,{text}\n2,\n".encode()) == "utf-8"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("Г©", "cp1251"), ("ÉÀ", "cp1252"), ("陆", "gb18030"), ("联通", "gb18030"), ("ЙА", "cp1251"), ("翻", "cp950")],
)
def test_one_or_two_characters_that_another_encoding_may_mean_are_asked_about(text: str, encoding: str) -> None:
    assert told(f"account,name\n1,{text}\n".encode(encoding)) is None
