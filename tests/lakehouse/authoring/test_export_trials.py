"""The measure of proposals: a word counts only where it touches what is wrong."""

from benchmarks.export_cases.expected import Case
from benchmarks.export_cases.touching import touching
from benchmarks.export_cases.trial import ANSWERED, WORD, tried

LINES = ["Order No,Order Date,Customer No,Status,Amount,Newsletter"]
LINES += [f"{1000 + at},2024-03-{at + 1:02d},K{at % 3},{'odd' if at < 2 else 'paid'},{at}.50,Yes" for at in range(12)]
SENTENCES = ["Status has odd, which are not known", "Amount is without tax", "Customer No: 0 is taken as a customer"]


def said(tmp_path, wrong: str, sentences=SENTENCES) -> list[str]:
    file = tmp_path / "shop.csv"
    file.write_text("\n".join(LINES), encoding="utf-8")
    return touching(sentences, [wrong], file)


def test_a_wrong_total_is_touched_by_what_names_amounts_and_states(tmp_path):
    assert said(tmp_path, "total: 1.00, not 2.00") == SENTENCES[:2]


def test_a_wrong_number_of_customers_is_touched_by_what_names_their_key(tmp_path):
    assert said(tmp_path, "customers: 3, not 4") == SENTENCES[2:]


def test_a_word_about_another_column_touches_nothing(tmp_path):
    assert said(tmp_path, "first_instant: 09:00, not 08:00") == []


def test_a_name_inside_another_word_is_not_named(tmp_path):
    assert said(tmp_path, "total: 1.00, not 2.00", ["Statuses are fine", "Amounts are fine"]) == []


def test_a_question_that_is_answered_gives_the_right_figures(tmp_path):
    folder = tmp_path / "cases" / "shop" / "2024-03-31"
    folder.mkdir(parents=True)
    rows = [f"{1000 + at},2024-03-{at + 1:02d},K{at % 3},{'odd' if at < 2 else 'paid'},10.00" for at in range(12)]
    (folder / "shop.csv").write_text(
        "\n".join(["Order No,Order Date,Customer No,Status,Amount", *rows]), encoding="utf-8"
    )
    case = Case("shop", folder.parent, {"total": "100.00"})
    assert tried(case, tmp_path / "unanswered", fast=True).outcome == WORD

    (tmp_path / "cases" / "ANSWERS.yaml").write_text("shop: {\"IN \\\\('cancelled'\": \"IN ('odd', 'cancelled'\"}")

    assert tried(case, tmp_path / "answered", fast=True).outcome == ANSWERED
