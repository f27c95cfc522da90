"""The night's page: self-contained, and it says what failed and what to do."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from jobs.report.nightly import NIGHTS_BACK, index, money, number, rendered
from jobs.report.page.night_facts import QUERIES, Facts

DAY = date(2017, 10, 1)


def facts(**rows) -> Facts:
    jobs = [
        {"job": "silver.orders", "outcome": "done", "seconds": 3.5, "notes": ["silver.orders: a note"], "error": ""},
        {"job": "gold.segments", "outcome": "failed", "seconds": 1.0, "notes": [], "error": "gold.segments: why <b>"},
    ]
    files = [
        {"export": "till", "state": "refused", "path": "2017-10-01/x.csv", "reason": "no header", "remedy": "send it"}
    ]
    fresh = [{"export": "till", "last": None, "age_days": None, "is_late": True}]
    return Facts(DAY, ("r1",), False, jobs, files, fresh, {name: [] for name in QUERIES} | {"reasons": []} | rows)


def test_the_page_names_the_failed_job_the_refused_file_and_the_late_export():
    page = rendered(facts())
    assert "Not published: 1 of 2 jobs" in page
    assert "why &lt;b&gt;" in page  # what an error says is text, never markup
    assert "no header" in page
    assert "send it" in page
    assert "late" in page
    assert "a note" in page


def test_the_page_says_how_unification_went_what_waits_and_how_to_decide():
    linkage = {
        "account_count": 9,
        "customer_count": 5,
        "pairs_compared": 1234,
        "pairs_kept": 7,
        "estimated_precision": 0.985,
        "estimated_recall": 0.9,
        "model_trained_on": DAY,
    }
    review = [
        {
            "subject": "value",
            "reason": "phone shared by too many accounts",
            "questions": 1,
            "accounts": 400,
            "since": DAY,
        }
    ]
    model = {"model": "2017-10-01-v2", "customers": 3, "kept_share": 0.4, "listed_on": DAY}
    ledger = [{"event": "merged", "events": 2}]
    nights = [
        {"run_date": day, "customer_count": 5, "pairs_joined": 4, "review_backlog": 1}
        | {"estimated_precision": 0.985, "estimated_recall": found}
        for day, found in ((DAY, None), (DAY - timedelta(days=1), 0.931))
    ]
    together = {"homes": [{"households": 3, "customers": 7}], "firms": [{"organisations": 2, "accounts": 11}]}
    asked = {"linkage": [linkage], "linkage_nights": nights, "review": review, "model_changes": [model]}
    page = rendered(facts(**asked, **together, ledger=ledger))
    for told in (
        "7 customers share 3 households; 11 accounts belong to 2 organisations.",
        "93.1 %",
        "not known",
        "1,234 pairs compared",
        "98.5 %",
        "2 merged",
        "phone shared by too many accounts",
        "--same ACCOUNT",
        "lakehouse decide --steward YOU --apply-model 2017-10-01-v2",
    ):
        assert told in page


def test_the_page_needs_no_network_and_runs_no_script():
    values = [{"clv": float(n)} for n in range(50)]
    segments = [{"segment": "champions", "customers": 3, "spend": Decimal("9.50")}]
    page = rendered(facts(clv=values, segments=segments))
    assert page.count("<svg") >= 2
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!#)[^\"]*//[^\"]*\"", page) == []


def test_sales_to_come_are_drawn_with_their_band_and_the_errors_of_past_forecasts_said():
    weeks = [{"week_start": date(2017, 9, 4), "sales": 90_000.0}, {"week_start": date(2017, 9, 11), "sales": 95_000.0}]
    ahead = [{"week_start": date(2017, 9, 18), "expected": 93e3, "low": 85e3, "high": 99e3, "model": "smoothing"}]
    errors = [{"level": "total", "wape": 0.052, "interval_coverage": 0.8}]

    page = rendered(facts(weeks=weeks, forecast=ahead, forecast_errors=errors))

    assert "Sales to come" in page
    assert "5 % of sales by total" in page
    assert "The band held 80 % of past outcomes by total" in page
    assert "Sales to come" not in rendered(facts(weeks=weeks))


def test_moves_clusters_and_drift_are_told_and_a_move_that_is_not_allowed_stands_out():
    moves = [{"from_state": "lost", "to_state": "loyal", "customers": 2, "is_allowed": False}]
    clusters = [{"cluster": "top-up", "customers": 7, "spend_share": Decimal("0.25"), "profile": "often <little>"}]
    drift = [{"dimension": "state", "name": "", "psi": 0.31, "verdict": "drifted", "reference_date": DAY}]

    page = rendered(facts(moves=moves, clusters=clusters, drift=drift))

    assert '<span class="bad">2 lost to loyal</span>' in page
    assert "often &lt;little&gt;" in page
    assert "state  (PSI 0.31 since 2017-10-01)" in page


def test_the_same_facts_give_the_same_page():
    values = [{"clv": float(n)} for n in range(50)]
    assert rendered(facts(clv=values)) == rendered(facts(clv=values))


def test_the_page_shows_which_segments_overlap_and_how_each_tag_is_governed():
    overlaps = [{"segment": a, "other": b, "customers": n} for a, b, n in (("x", "x", 9), ("x", "y", 4), ("y", "y", 5))]
    tag = {
        "tag": "vip",
        "customer_count": 7,
        "state": "refused",
        "purpose": "letters",
        "owner": "anna",
        "rule_version": "2",
        "valid_from": DAY,
        "expires_on": None,
        "precision": 0.75,
        "precision_low": 0.5,
        "precision_high": 0.9,
        "began": 0,
        "ended": 1234,
    }
    page = rendered(facts(segment_overlaps=overlaps, tags=[tag]))
    assert '<td>1 x</td><td class="n">9</td><td class="n">4</td>' in page
    assert "refused" in page
    assert "1,234" in page
    assert "75 % (50 to 90)" in page


def test_nothing_is_shown_for_nothing():
    assert (number(None), number(1234.5, 1)) == ("–", "1,234.5")


def test_the_index_lists_nights_newest_first(tmp_path):
    for day in ("2017-10-01", "2017-10-02"):
        (tmp_path / f"{day}.html").write_text("x")
    page = index(tmp_path)
    assert page.index("2017-10-02") < page.index("2017-10-01")


def test_what_the_band_held_is_the_measured_share_and_is_said_to_be_unknown_before_it_is_measured():
    weeks = [{"week_start": date(2017, 9, 4), "sales": 90_000.0}, {"week_start": date(2017, 9, 11), "sales": 95_000.0}]
    ahead = [{"week_start": date(2017, 9, 18), "expected": 93e3, "low": 85e3, "high": 99e3, "model": "smoothing"}]

    low, unknown = (
        rendered(facts(weeks=weeks, forecast=ahead, forecast_errors=[{**error, "interval_coverage": held}]))
        for error in ({"level": "total", "wape": 0.052},)
        for held in (0.44, None)
    )

    assert "The band held 44 %" in low
    assert "four of five" not in low
    assert "not measured yet" in unknown


def test_the_page_opens_with_what_needs_a_person_the_urgent_first():
    checks = [{"severity": "warning", "table": "gold.x", "expectation": "e", "why": "w"}]
    review = [{"subject": "pair", "reason": "r", "questions": 2, "accounts": 4, "since": DAY}]

    page = rendered(facts(failed_checks=checks, review=review))

    opening = page[page.index("Needs a person") : page.index("against usual")]
    told = ("gold.segments failed", "1 export late: till", "1 file refused", "1 warning check", "2 questions")
    places = [opening.index(one) for one in told]
    assert places == sorted(places)


def test_a_quiet_night_says_that_nothing_waits():
    quiet = facts()
    quiet.jobs, quiet.files, quiet.freshness = quiet.jobs[:1], [], []

    assert "Nothing waits for a person" in rendered(quiet)


def test_the_day_is_shown_against_usual_in_the_currency():
    days = [
        {"day": DAY - timedelta(weeks=ago), "orders": 1000 + ago, "sales": 12_345.0 + ago, "refunds": 10.0}
        for ago in range(9)
    ]
    night = facts(sales_days=days, first_order_days=[], value=[{"customers": 3, "clv": 5.0}])
    night.currency = "EUR"

    page = rendered(night)

    assert "<b>12,345 EUR</b><span>sales</span>" in page
    assert "usual 12,350 EUR" in page
    assert "<span>new customers</span>" in page


def test_recommendations_due_items_and_what_follows_what_stand_on_the_page():
    follow = {
        "antecedent": "kettle",
        "consequent": "tea",
        "window_days": 30,
        "confidence": 0.4,
        "base_rate": 0.1,
        "holds_later": None,
    }
    page = rendered(
        facts(
            follow_on=[follow],
            due_now=[{"rows": 9, "customers": 7, "by_rule": 2}],
            due_items=[{"item": "bread", "customers": 5, "probability": 0.6}],
            recommendations=[{"rows": 30, "customers": 3, "new_items": 20}],
            recommended_items=[{"item_name": "green tea", "customers": 3, "new_to": 2}],
        )
    )

    for told in ("kettle", "bread", "green tea", "9 items for 7 customers", "30 to 3 customers"):
        assert told in page


def test_points_and_tiers_stand_on_the_page_with_what_a_tier_earned():
    moved = dict.fromkeys(("earn_points", "burn_points", "take_back_points", "expire_points", "adjust_points"), -5)
    points = {
        **moved,
        "closing_points": 1200,
        "owed_points": 34,
        "moved_points": 0,
        "customer_count": 8,
        "liability": 12.34,
    }
    tier = {"tier": "gold", "customers": 3, "points": 900, "held_out": 1, "came_tonight": 2, "dwell_days": None}
    effect = {
        "experiment": "tier:gold",
        "state": "read",
        "difference": 4.5,
        "sequential_low": -1,
        "sequential_high": 10,
    }
    known = facts(points=[points], points_due=[{"points": 77, "customers": 2, "first_on": DAY}], tiers=[tier])

    assert "its days are not over" in rendered(known)
    known.rows["tier_effects"] = [effect]
    page = rendered(known)

    for told in (
        "8 customers hold 1,234 points",
        "worth 12.34",
        "owe 34",
        "77 of 2 customers",
        "4.50 (-1.00 to 10.00)",
    ):
        assert told in page


def test_an_unfinished_month_is_drawn_as_such_and_a_whole_one_is_not():
    months = [{"month": f"2017-{n:02}", "accounts": 9, "spend": Decimal(9000)} for n in (8, 9, 10)]

    part, whole = (rendered(facts(months=rows)) for rows in (months, months[:2]))

    assert "to 1 Oct" in part
    assert "to 1 Oct" not in whole


def test_sections_without_data_are_folded_into_one_that_says_why():
    page = rendered(facts())

    folded = page[page.index('<details class="folded" id="empty">') :]
    assert "basket rules: no rule holds in enough baskets" in folded
    assert "Top rules" not in page
    assert "sales forecast" in folded


def test_the_last_thirty_nights_are_one_click_away_and_later_ones_are_not():
    nights = [DAY + timedelta(days=ago) for ago in range(-40, 3)]

    page = rendered(facts(), nights)

    links = re.findall(r'href="(\d{4}-\d\d-\d\d)\.html"', page)
    assert links == [str(DAY - timedelta(days=ago)) for ago in range(1, NIGHTS_BACK + 1)]


def test_the_page_has_styles_for_paper_and_for_phones():
    page = rendered(facts())

    assert "@media print" in page
    assert "@media (max-width:480px)" in page


def test_an_amount_is_said_with_its_currency():
    assert (money(1234.4, "JPY"), money(None, "JPY"), money(5, "")) == ("1,234 JPY", "–", "5")


def test_the_page_has_totals_and_ages_of_quarantine_and_what_was_put_through_again():
    pile = {"table": "quarantine.orders", "reason": "rate_missing", "exports": "till"}
    pile |= {"tonight": 2, "lines": 1234, "oldest": DAY - timedelta(days=40), "age_days": 40}
    replay = {"table": "silver.orders", "lines_before": 9, "lines_cured": 7, "lines_after": 2}
    replay |= {"rows_before": 10, "rows_after": 17, "asked_by": "steward"}
    page = rendered(facts(quarantine=[pile], replays=[replay]))
    for told in ("2 tonight, 1,234 in all", "rate_missing", "2017-08-22", "lakehouse replay", "put through again"):
        assert told in page, told
    assert "1,234 lines in quarantine in all, the oldest for 40 days" in page


@pytest.mark.parametrize(("counts", "said"), [(True, "They count as they are"), (False, "They do not count")])
def test_incomplete_orders_are_told_with_their_money_and_whether_they_count(counts, said):
    sides = dict.fromkeys(("orders", "in_orders", "in_lines", "without_lines", "of_incomplete", "charges"), 0)
    row = {"export": "till", **sides, "reductions": 0, "incomplete_orders": 2, "in_incomplete": 12.5}
    night = facts(money=[row | {"told_twice_orders": 1, "in_told_twice": 8.0}])
    night.currency, night.counts_incomplete = "EUR", counts

    page = rendered(night)

    assert "till: 2 orders of 12.50 EUR lost a broken line" in page
    assert said in page
    assert "1 order of 8.00 EUR told twice" in page
