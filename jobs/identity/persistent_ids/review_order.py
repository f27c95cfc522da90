"""Which question comes first: what the customers are worth that it touches, times how likely its answer changes them.

A pair that stayed apart is one person as likely as its weight says, less where what kept it apart seldom errs: given
names, colleagues, keys that are lent. A join is wrong as seldom as its weight says. The shares below are what made-up
companies and the sample's truth had; they order questions and are no promise.

Tables of the engine that it looks at: account_values (account_id, value_cents: what was bought under an account).
"""

from jobs.identity.grouping import relatives
from jobs.identity.grouping.groups import BRIDGE, CONTRADICTION, SIZE, TORN, WEAK
from jobs.identity.matching.engines import Table

CHANCE = {  # doubt -> how often an answer changes something where the weight has no doubt
    BRIDGE: 0.8,
    relatives.TWO_PEOPLE: 0.5,
    CONTRADICTION: 0.9,
    TORN: 0.5,
    SIZE: 0.5,
    WEAK: 0.4,
    relatives.GIVEN_NAMES: 0.1,
    relatives.COLLEAGUES: 0.05,
}
OF_A_RULE, OF_A_KEY, OF_MANY = 0.5, 0.05, 0.3  # of a cannot-link rule; of holders of one key; of many accounts


def sizes(assigned: Table) -> str:
    """SQL: customer_id, accounts, value_cents, first_account, last_account."""
    return (
        "SELECT a.customer_id, count(*) AS accounts, CAST(coalesce(sum(v.value_cents), 0) AS BIGINT) AS value_cents, "
        f"min(a.account_id) AS first_account, max(a.account_id) AS last_account FROM {assigned} a "
        "LEFT JOIN account_values v ON a.account_id = v.account_id GROUP BY a.customer_id"
    )


def ranked(questions: Table, sizes: Table) -> str:
    """SQL: the questions with value_cents, change_probability and priority (1 is to be asked first).

    Two customers are asked about once, by the pair that an answer most likely changes.

    Everybody is worth what a customer is worth on average, and what they bought beside it: who has not bought yet is
    no nobody, and where no orders are known the doubt alone counts.
    """
    typical = f"(SELECT CASE WHEN sum(value_cents) > 0 THEN avg(value_cents) ELSE 1.0 END FROM {sizes})"
    named = (
        f"SELECT q.*, CAST(coalesce(l.value_cents, 0) + CASE WHEN q.customer_count = 2 THEN coalesce(r.value_cents, 0) "
        f"ELSE 0 END AS BIGINT) AS value_cents, {_chance()} AS change_probability FROM {questions} q "
        f"LEFT JOIN {sizes} l ON q.customer_id_left = l.customer_id "
        f"LEFT JOIN {sizes} r ON q.customer_id_right = r.customer_id"
    )
    worth = f"(value_cents + {typical} * greatest(customer_count, 1)) * change_probability"
    once = (
        f"SELECT *, row_number() OVER (PARTITION BY CASE WHEN subject = 'value' THEN concat(reason, account_id_left) "
        f"ELSE concat(subject, least(customer_id_left, customer_id_right), greatest(customer_id_left, "
        f"customer_id_right)) END ORDER BY change_probability DESC, reason, account_id_left, account_id_right) AS turn "
        f"FROM ({named}) n"
    )
    columns = (
        "subject, reason, account_id_left, account_id_right, customer_id_left, customer_id_right, match_weight, "
        "change_if_decided, account_count, customer_count, value_cents, change_probability"
    )
    return (
        f"SELECT {columns}, CAST(row_number() OVER (ORDER BY {worth} DESC, account_count DESC, reason, "
        f"account_id_left, account_id_right) AS INT) AS priority FROM ({once}) o WHERE turn = 1"
    )


def _chance() -> str:
    """SQL: how likely the answer is to change something, 0 to 1; that a value must be cleaned is certain."""
    one = "1 / (1 + power(CAST(2 AS DOUBLE), -least(coalesce(q.match_weight, 0), 20)))"
    share = " ".join(f"WHEN '{doubt}' THEN {chance}" for doubt, chance in CHANCE.items())
    return (
        f"CASE WHEN q.subject = 'value' THEN 1.0 WHEN q.reason = '{WEAK}' THEN {CHANCE[WEAK]} * (1 - {one}) "
        f"WHEN q.subject = 'cluster' THEN {OF_MANY} WHEN q.match_weight IS NULL THEN {OF_A_KEY} "
        f"WHEN q.match_weight < 0 THEN {one} ELSE {one} * CASE q.reason {share} ELSE {OF_A_RULE} END END"
    )
