"""Link any records: profile, block, compare, learn, weigh. No truth, and nothing of one data set.

Tables of the lane, in the order they are made:
    cleaned   account_id, channel (the source), the fields and their parts as text, record_hash (NULL: nothing usable)
    records   the usable ones, numbered (rid), with `rare_<field>`: log2 of the value's share
    scored    account_id_left, account_id_right, match_weight (bits), match_probability, match_rule
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from jobs.identity.matching import (
    blocking,
    comparisons,
    patterns,
    profiling,
    sessions,
    threshold,
    twins,
    weights,
    words,
)
from jobs.identity.matching.blocking import Rule
from jobs.identity.matching.lanes import Lane
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.profiling import Budget
from jobs.identity.matching.semantic_types import LOW_FREQUENCY
from jobs.identity.matching.training import Floats, Patterns, train, u_of

# the same order on both lanes, whatever the order of rows: md5 is the hash that both have under one name
SHUFFLED = "md5(concat(account_id, '|linkage')), account_id"
PROFILED_RECORDS = 20_000  # blocking rules are chosen by looking at so many
Model = dict[str, Any]


@dataclass
class Engine:
    """Linkage on one lane."""

    lane: Lane
    plan: Plan
    rules: list[Rule] = field(default_factory=list)

    def prepare(self) -> None:
        """Make `numbered`: the usable records of `cleaned`, each with a number (rid), and `sources`."""
        self.lane.number("numbered", "cleaned", "record_hash IS NOT NULL")
        self.lane.make(
            "sources",
            "SELECT channel, CAST(row_number() OVER (ORDER BY channel) - 1 AS INT) AS source "
            "FROM (SELECT DISTINCT channel FROM cleaned) c",
        )
        if self.plan.by_words:
            words.make_tokens(self.lane, "numbered", self.plan.by_words)

    def _make_records(self, met: str | None = None) -> None:
        """Make `records`: numbered ones with the rarity of their values, log2 of the share among all records.

        Args:
            met: table of pairs; only records in them, and only the rarity of values that changed records have: pairs
                agree on no other.
        """
        plan, names = self.plan, self.plan.by_frequency
        joins = " ".join(f"LEFT JOIN ({self._shares(n, met is not None)}) t_{n} ON u.{n} = t_{n}.{n}" for n in names)
        columns = [f"u.{n}" for n in ("rid", "account_id", "channel", *[f.name for f in plan.fields], *plan.parts)]
        columns += ["s.source", *[f"t_{n}.rare_{n}" for n in names]]
        source = "numbered"
        if met is not None:
            ends = f"SELECT rid_l AS rid FROM {met} UNION SELECT rid_r FROM {met}"
            source = f"(SELECT n.* FROM numbered n JOIN ({ends}) m ON n.rid = m.rid)"
        self.lane.make(
            "records", f"SELECT {', '.join(columns)} FROM {source} u JOIN sources s ON u.channel = s.channel {joins}"
        )

    def _shares(self, name: str, of_changed: bool) -> str:
        total = f"(SELECT count({name}) FROM numbered)"
        changed = f"SELECT n.{name} FROM numbered n JOIN changed_rids c ON n.rid = c.rid"
        condition = f"{name} IN ({changed})" if of_changed else f"{name} IS NOT NULL"
        share = f"greatest(CAST(count(*) AS DOUBLE) / {total}, {LOW_FREQUENCY})"
        return f"SELECT {name}, log2({share}) AS rare_{name} FROM numbered WHERE {condition} GROUP BY {name}"

    @cached_property
    def count(self) -> int:
        """Usable records."""
        return int(self.lane.fetch("SELECT count(*) AS n FROM numbered").to_pylist()[0]["n"])

    def chosen_rules(self) -> list[Rule]:
        """The plan's rules, or those that fit the data."""
        if self.plan.rules:
            return list(self.plan.rules)
        plan = self.plan
        pairs = min(
            plan.most_pairs_per_record * self.count,
            max(plan.enough_pairs, plan.most_pairs_per_record_beyond * self.count),
        )
        budget = Budget(pairs, plan.most_pairs_per_rule, plan.largest_block, plan.most_rules)
        self.lane.make("profiled", f"SELECT * FROM learning ORDER BY {SHUFFLED} LIMIT {PROFILED_RECORDS}")
        return profiling.choose_rules(self.lane, "profiled", plan.fields, self.count, budget)

    def compared(
        self,
        table: str,
        rules: Sequence[Rule],
        source: str,
        form: patterns.Form,
        only_new: bool,
        has_twins: bool = False,
    ) -> None:
        """Make `table`: the pairs that blocking finds, each with its pattern."""
        lane, plan, met = self.lane, self.plan, f"{table}_pairs"
        if only_new:
            blocking.make_keys_of_changed(lane, "keys", source, rules)
        else:
            blocking.make_keys(lane, "keys", source, rules)
        blocking.refuse_explosions(lane, "keys", rules, plan.largest_block, plan.most_pairs_per_rule, only_new)
        blocking.pairs(lane, met, "keys", plan.largest_block, only_new, plan.across)
        if has_twins:
            lane.make(f"{met}_to_compare", twins.to_compare(met))
            met = f"{met}_to_compare"
        if only_new:
            self._make_records(met)
        self.compare(table, met, form)

    def compare(self, table: str, pairs: str, form: patterns.Form) -> None:
        """Make `table`: these pairs with their patterns."""
        words.make_cosines(self.lane, pairs, self.plan.by_words)
        columns = [*[f.name for f in self.plan.fields], *self.plan.parts]
        patterns.compare(self.lane, form, table, pairs, columns, self.plan.by_words)

    def learn(self) -> Model:
        """A model with parameters learned from the lane's records; samples are drawn by the account's hash."""
        lane, plan = self.lane, self.plan
        form = patterns.Form(comparisons.comparisons(plan.fields), comparisons.cohorts(plan.fields))
        self._make_records()
        lane.make("learning", f"SELECT * FROM records ORDER BY {SHUFFLED} LIMIT {plan.largest_sample_records}")
        self.rules = self.chosen_rules()
        u = u_of(self._strangers(form), form.levels)
        strangers = self._patterns("strangers_met", form, u)
        self.compared("learned", self.rules, "learning", form, only_new=False)
        possible, names = self._possible()
        counted = self._patterns("learned", form, u)
        found = train(
            counted,
            u,
            sessions.of_rules(self.rules, plan.fields, form),
            possible,
            plan.iterations,
            form.cohorts,
            strangers,
        )
        model = comparisons.with_parameters(plan.fields, found, names, possible, self.rules, form.cohorts)
        return {**model, comparisons.THRESHOLD: asdict(self._threshold(model))}

    def _threshold(self, model: Model) -> threshold.Expectation:
        """From which weight on two records count as one, by the weights of the pairs that the model learned from."""
        form = self._form(model)
        weights.make_bits(self.lane, model, form, "learned", self.sources)
        binned = f"SELECT (floor(match_weight * 4) + 0.5) / 4 AS bits FROM ({weights.sql('learned', form)}) w"
        rows = self.lane.fetch(f"SELECT bits, count(*) AS n FROM ({binned}) b GROUP BY bits ORDER BY bits")
        bits, count = (rows[name].to_numpy().astype(np.float64) for name in ("bits", "n"))
        return threshold.chosen(threshold.expectations(bits, count), self.plan.least_expected_precision)

    def _form(self, model: Model) -> patterns.Form:
        return patterns.Form(comparisons.of_fields(model), comparisons.cohorts_of(model, self.plan.fields))

    def _strangers(self, form: patterns.Form) -> Patterns:
        """All pairs of some records: how often strangers agree by chance."""
        apart = "l.source < r.source" if self.plan.across else "l.rid < r.rid"
        self.lane.make(
            "strangers", f"SELECT rid, source FROM learning ORDER BY {SHUFFLED} LIMIT {self.plan.random_sample_records}"
        )
        self.lane.make(
            "stranger_pairs",
            f"SELECT l.rid AS rid_l, r.rid AS rid_r, 0 AS rule FROM strangers l JOIN strangers r ON {apart}",
        )
        self.compare("strangers_met", "stranger_pairs", form)
        return self._patterns("strangers_met", form, None)

    def _patterns(self, table: str, form: patterns.Form, u: tuple[Floats, ...] | None) -> Patterns:
        sums = ["rarity", *[f"rarity_{i}" for i in range(len(form.cohorts))]]
        rounded = ", ".join(f"CAST(round({name}) AS INT) AS {name}" for name in sums)
        rows = self.lane.fetch(
            f"SELECT pattern, least(source_l, source_r) AS one, greatest(source_l, source_r) AS other, {rounded}, "
            f"count(*) AS pairs FROM {table} GROUP BY {', '.join(str(i + 1) for i in range(3 + len(sums)))}"
        ).sort_by([(name, "ascending") for name in ("pattern", "one", "other", *sums)])  # one order of sums
        codes, one, other = (rows[n].to_numpy().astype(np.int64) for n in ("pattern", "one", "other"))
        gammas = form.gammas(codes)
        groups = [tuple(form.by_frequency), *[cohort.columns for cohort in form.cohorts]]
        shifts = [-rows[name].to_numpy().astype(np.float64) for name in sums]
        for shift, columns in zip(shifts, groups, strict=True):
            for column in set(columns) & set(form.by_frequency) if u else ():
                shift[gammas[:, column] == form.levels[column] - 1] += np.log2(u[column][-1])  # type: ignore[index]
        sources = len(self.sources)
        pair = one * sources - one * (one - 1) // 2 + other - one
        near = np.stack(shifts[1:], axis=1) if len(shifts) > 1 else None
        return Patterns(gammas, pair, shifts[0], rows["pairs"].to_numpy().astype(np.float64), near)

    @cached_property
    def sources(self) -> list[str]:
        """Channels in the order of their numbers."""
        rows = self.lane.fetch("SELECT channel FROM sources ORDER BY source").to_pylist()
        return [row["channel"] for row in rows]

    def _possible(self) -> tuple[Floats, list[str]]:
        """How many pairs there are of each pair of sources, and the pair's name."""
        rows = self.lane.fetch("SELECT channel, count(*) AS n FROM learning GROUP BY channel").to_pylist()
        counts = {row["channel"]: float(row["n"]) for row in rows}
        both = [(a, b) for i, a in enumerate(self.sources) for b in self.sources[i:]]
        of = [counts.get(a, 0.0) * (counts.get(b, 0.0) if a != b else (counts.get(a, 0.0) - 1) / 2) for a, b in both]
        if self.plan.across:
            of = [n if a != b else 0.0 for n, (a, b) in zip(of, both, strict=True)]
        return np.maximum(of, 1.0), [f"{a}|{b}" for a, b in both]

    def score(
        self, model: Model, keep_weight_bits: float, only_new: bool, cohorts: bool = True, has_twins: bool = False
    ) -> int:
        """Make `scored`: pairs of at least `keep_weight_bits`; how many were compared.

        Args:
            only_new: compare the accounts of the lane's table `changed` with all, instead of all with all.
            has_twins: changed accounts of the lane's table `twins` are compared only where their twins have pairs.
            cohorts: let what mere neighbours share count for less; without it the weights are Splink's.
        """
        form = self._form(model)
        rules = comparisons.rules_of(model)
        whole = not only_new and self.rules == rules and self.count <= self.plan.largest_sample_records
        table = "learned" if whole else "tonight"  # the model was trained on all of them a moment ago
        if only_new:
            self.lane.make("changed_rids", "SELECT r.rid FROM numbered r JOIN changed c ON r.account_id = c.account_id")
        elif not self.rules:  # this engine has not trained
            self._make_records()
        if not whole:
            self.compared(table, rules, "numbered", form, only_new, has_twins)
        weights.make_bits(self.lane, model, form, table, self.sources)
        names = " ".join(f"WHEN {i} THEN '{blocking.rule_name(rule)}'" for i, rule in enumerate(rules))
        self.lane.make(
            "scored",
            f"""
            SELECT least(a.account_id, b.account_id) AS account_id_left,
                   greatest(a.account_id, b.account_id) AS account_id_right, match_weight,
                   1 / (1 + power(2, -match_weight)) AS match_probability, CASE w.rule {names} END AS match_rule
            FROM ({weights.sql(table, form, cohorts)}) w
            JOIN records a ON w.rid_l = a.rid JOIN records b ON w.rid_r = b.rid
            WHERE match_weight >= {keep_weight_bits}""",
        )
        return int(self.lane.fetch(f"SELECT count(*) AS n FROM {table}").to_pylist()[0]["n"])
