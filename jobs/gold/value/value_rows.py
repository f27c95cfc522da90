"""Each customer's value in money: their group's figures times their own spend per order, by one query."""

from collections.abc import Mapping
from dataclasses import dataclass

from jobs.gold.customer_figures.customer_days import average_sql
from jobs.gold.value.choice import EVERYBODY
from jobs.gold.value.gamma_gamma import GammaGammaFit
from jobs.gold.value.recent import RecencyMultiplier
from jobs.gold.value.scores import ALIVE, HORIZONS, ORDERS, UNITS
from jobs.gold.value.value_facts import GROUP, with_group_times
from lakehouse.sql.literal import in_query_literal, literal

ENDS = ("", "_low", "_high")


@dataclass(frozen=True)
class Pricing:
    """What a night's fits give the query.

    pull: by which recent spend per order changes each customer's own.
    models: the model in force of each cohort that has its own, and of everybody as "all".
    """

    spend: GammaGammaFit
    multiplier: RecencyMultiplier
    models: Mapping[str, str]
    days_per_bucket: int


def value_sql(pricing: Pricing, margins: str, prior_orders: float) -> str:
    """The rows of gold.customer_value over {facts}, {scores} and the tables of `margins`; NULL where nothing fitted.

    Recent spend per order pulls each customer's own; a factor keeps the sum over customers as it was. It is a
    quotient of sums of whole cents, so that the order of rows changes nothing.

    Args:
        margins: a query for customer_id and margin_share.
    """
    same = " AND ".join(f"f.{name} = s.{name}" for name in GROUP)
    figures = ", ".join(f"s.{name}" for name in (*ALIVE, *ORDERS, *UNITS))
    money = [amount(f"expected_spend_{days}d", f"units_{days}d", "l.level") for days in HORIZONS]
    worth = {"clv_365d": "units_clv", "residual_value": "units_residual"}
    values = [amount(name, unit, "l.level * m.margin_share") for name, unit in worth.items()]
    return f"""
    WITH priced AS (
        SELECT f.*, {spend_per_order_sql(pricing.spend)} AS plain
        FROM ({with_group_times("{facts}", pricing.days_per_bucket)}) f),
    scored AS (
        SELECT f.*, f.plain * {spend_multiplier_sql(pricing.multiplier, prior_orders)} AS each, {figures}
        FROM priced f LEFT JOIN {{scores}} s ON {same}),
    sums AS (SELECT sum({cents("units_90d * plain")}) AS plain, sum({cents("units_90d * each")}) AS pulled FROM scored),
    levels AS (
        SELECT CASE WHEN pulled > 0 THEN CAST(plain AS DOUBLE) / CAST(pulled AS DOUBLE) ELSE CAST(1 AS DOUBLE) END
               AS level FROM sums)
    SELECT v.customer_id, v.cohort, {model_sql(pricing.models)} AS model, v.first_order_date, v.frequency, v.t_x_days,
           v.t_days, v.recent_orders,
           {average_sql("v.later_cents", "v.frequency")} AS mean_spend,
           CAST(v.each * l.level AS DECIMAL(18,2)) AS expected_order_spend, m.margin_share,
           {", ".join(f"v.{name}" for name in (*ALIVE, *ORDERS))}, {", ".join([*money, *values])}
    FROM scored v CROSS JOIN levels l LEFT JOIN ({margins}) m ON v.customer_id = m.customer_id"""


def amount(name: str, unit: str, factor: str) -> str:
    """A figure and its range as money, in the columns `name`, `name`_low and `name`_high."""
    return ", ".join(f"CAST(v.{unit}{end} * v.each * {factor} AS DECIMAL(18,2)) AS {name}{end}" for end in ENDS)


def cents(amount: str) -> str:
    """Whole cents of a DOUBLE."""
    return f"CAST(round({amount} * 100) AS BIGINT)"


def number(value: float) -> str:
    """A DOUBLE that both engines read alike."""
    return literal(float(value))


def spend_per_order_sql(fit: GammaGammaFit) -> str:
    """`gamma_gamma.expected_spend` over frequency, later_cents and first_cents of f; NULL without a fit."""
    if fit.parameters is None:
        return "CAST(NULL AS DOUBLE)"
    p, q, v = fit.parameters
    first = f"(CASE WHEN f.first_cents > 0 THEN {number(fit.first_weight)} / (1 + f.frequency) ELSE {number(0.0)} END)"
    cents = f"(greatest(f.later_cents, 0) + {first} * f.first_cents)"
    shape = f"({number(p)} * (f.frequency + {first}) + {number(q - 1.0)})"
    shape = shape if q > 1.0 else f"greatest({shape}, {number(p / 2)})"
    return f"{number(p)} * ({number(v)} + {cents} / CAST(100 AS DOUBLE)) / {shape}"


def spend_multiplier_sql(multiplier: RecencyMultiplier, prior_orders: float) -> str:
    """`recent.spend_ratio` to the power learned, over f with its expected spend per order as `plain`."""
    prior = number(float(prior_orders))

    def per_order(cents: str, orders: str) -> str:
        return f"((greatest(f.{cents}, 0) / CAST(100 AS DOUBLE) + {prior} * f.plain) / (f.{orders} + {prior}))"

    recent, whole = per_order("recent_cents", "recent_orders"), per_order("later_cents", "frequency")
    return f"CASE WHEN f.plain > 0 THEN power({recent} / {whole}, {number(multiplier.power)}) ELSE {number(1.0)} END"


def model_sql(models: Mapping[str, str]) -> str:
    """The model in force for a customer's cohort, or everybody's; NULL where there is none."""
    own = "".join(
        f" WHEN v.cohort = {in_query_literal(cohort)} THEN {in_query_literal(model)}"
        for cohort, model in sorted(models.items())
        if cohort != EVERYBODY
    )
    rest = in_query_literal(models[EVERYBODY]) if EVERYBODY in models else "CAST(NULL AS STRING)"
    return f"CASE{own} ELSE {rest} END" if own else rest


def margins_sql(gross_margin_share: float, by_category: Mapping[str, float]) -> str:
    """customer_id and margin_share: the margin of what the customer has bought, by spend per category.

    Over {facts} and, where categories have margins of their own, {order_lines}, {products} and {customer_map}. What
    has no category, or one without a margin of its own, counts with the general share; so does who bought nothing.
    """
    general = number(float(gross_margin_share))
    if not by_category:
        return f"SELECT customer_id, {general} AS margin_share FROM {{facts}}"
    margins = sorted(by_category.items())
    cases = " ".join(f"WHEN {in_query_literal(name)} THEN {number(float(margin))}" for name, margin in margins)
    return f"""
        SELECT f.customer_id, coalesce(c.earned / CAST(c.spent AS DOUBLE), {general}) AS margin_share
        FROM {{facts}} f LEFT JOIN (
            SELECT customer_id, sum(spent) AS spent, sum(spent * share) AS earned FROM (
                SELECT m.customer_id, CASE p.product_category {cases} ELSE {general} END AS share,
                       CAST(sum(l.sales_cents) AS BIGINT) AS spent
                FROM {{order_lines}} l JOIN {{customer_map}} m ON l.account_id = m.account_id
                LEFT JOIN {{products}} p ON l.product_id = p.product_id
                WHERE l.sales_cents > 0 GROUP BY m.customer_id, 2) parts
            GROUP BY customer_id) c ON f.customer_id = c.customer_id"""
