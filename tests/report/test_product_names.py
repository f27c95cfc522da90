"""Products by their names."""

from jobs.report.page.product_names import named


def test_numbers_of_products_become_names_where_the_level_is_the_product_and_unknown_ones_stay():
    rows = {
        "rules": [
            {"level": "product_id", "antecedent": ["1", "9"], "consequent": "2"},
            {"level": "product_category", "antecedent": ["1"], "consequent": "2"},
        ],
        "due_items": [{"level": "product_id", "item": "o'2"}],
        "checks": [{"checks": 3}],
    }
    asked = []

    def ask(sql: str) -> list[dict[str, object]]:
        asked.append(sql)
        names = {"1": "bread", "2": "milk", "o'2": "oil", "9": None}
        return [{"product_id": number, "product_name": name} for number, name in names.items()]

    seen = named(rows, ask)

    assert seen["rules"][0] == {"level": "product_id", "antecedent": ["bread", "9"], "consequent": "milk"}
    assert seen["rules"][1] == rows["rules"][1]
    assert seen["due_items"][0]["item"] == "oil"
    assert len(asked) == 1
    assert "'9'" in asked[0]


def test_without_numbers_nothing_is_asked():
    rows = {"rules": [{"level": "product_category", "antecedent": ["A"], "consequent": "B"}]}

    assert named(rows, lambda _: 1 / 0) is rows
