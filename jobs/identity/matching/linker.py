"""Link any records: profile, block, compare, learn, score. No truth, and nothing of one data set.

Tables of the engine that a linkage looks at:
    cleaned   account_id, channel (the source), the fields and their parts as text, record_hash (NULL: nothing usable)
    changed   account_id: those that are compared with all, where not all are with all
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from jobs.identity.matching import (
    blocking,
    comparisons,
    exact_duplicates,
    expectations,
    patterns,
    profiling,
    sessions,
    weights,
    words,
)
from jobs.identity.matching.blocking import Rule
from jobs.identity.matching.engines import Engine, Table
from jobs.identity.matching.exact_duplicates import Duplicates
from jobs.identity.matching.plan import Plan
from jobs.identity.matching.profiling import Budget
from jobs.identity.matching.semantic_types import LOW_FREQUENCY
from jobs.identity.matching.training import Floats, Neighbours, Patterns, train, u_of

# the same order on both engines, whatever the order of rows: md5 is the hash that both have under one name
SHUFFLED = "md5(concat(account_id, '|linkage')), account_id"
PROFILED_RECORDS = 20_000  # blocking rules are chosen by looking at so many
Model = dict[str, Any]


@dataclass(frozen=True)
class Compared:
    """Tables of compared pairs (see patterns.compare), of the records in them, and of the keys that made them."""

    pairs: Table
    records: Table
    keys: Table | None = None


@dataclass(frozen=True)
class Scored:
    """What came out.

    pairs: table of account_id_left, account_id_right, match_weight (bits), match_probability, match_rule; count: how
    many were compared; keys: table of the blocking keys.
    """

    pairs: Table
    count: int
    keys: Table | None


@dataclass
class Linker:
    """Linkage on one engine; learned, random: what its model was trained on, None before it learns."""

    engine: Engine
    plan: Plan
    rules: list[Rule] = field(default_factory=list)
    learned: Compared | None = None
    random: Compared | None = None

    def prepare(self) -> None:
        """Make `numbered`: the usable records of `cleaned`, each with a number (rid), and `sources`."""
        self.engine.number("numbered", "cleaned", "record_hash IS NOT NULL")
        self.engine.make(
            "sources",
            "SELECT channel, CAST(row_number() OVER (ORDER BY channel) - 1 AS INT) AS source "
            "FROM (SELECT DISTINCT channel FROM cleaned) c",
        )
        if self.plan.by_words:
            words.make_tokens(self.engine, "numbered", self.plan.by_words)

    def _records(self, met: Table | None = None) -> Table:
        """The numbered records with the rarity of their values, log2 of the share among all records.

        Args:
            met: table of pairs; only records in them, and only the rarity of values that changed records have: pairs
                agree on no other.

        Returns:
            rid, account_id, channel, source, the fields and their parts, and rare_<field>.
        """
        plan, names = self.plan, self.plan.by_frequency
        joins = " ".join(f"LEFT JOIN ({self._shares(n, met is not None)}) t_{n} ON u.{n} = t_{n}.{n}" for n in names)
        columns = [f"u.{n}" for n in ("rid", "account_id", "channel", *[f.name for f in plan.fields], *plan.parts)]
        columns += ["s.source", *[f"t_{n}.rare_{n}" for n in names]]
        source = "numbered"
        if met is not None:
            ends = f"SELECT rid_l AS rid FROM {met} UNION SELECT rid_r FROM {met}"
            source = f"(SELECT n.* FROM numbered n JOIN ({ends}) m ON n.rid = m.rid)"
        return self.engine.table(
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
        return int(self.engine.fetch("SELECT count(*) AS n FROM numbered").to_pylist()[0]["n"])

    def chosen_rules(self, learning: Table) -> list[Rule]:
        """The plan's rules, or those that fit the records that the model learns from."""
        plan = self.plan
        if plan.rules:
            return list(plan.rules)
        stricter = max(plan.enough_pairs, plan.most_pairs_per_record_beyond * self.count)
        pairs = min(plan.most_pairs_per_record * self.count, stricter)
        budget = Budget(pairs, plan.most_pairs_per_rule, plan.largest_block, plan.most_rules)
        profiled = self.engine.table(
            "profiled", f"SELECT * FROM {learning} ORDER BY {SHUFFLED} LIMIT {PROFILED_RECORDS}"
        )
        return profiling.choose_rules(self.engine, profiled, plan.fields, self.count, budget)

    def compared(
        self,
        spec: patterns.ComparisonSpec,
        rules: Sequence[Rule],
        source: str,
        records: Table | None,
        duplicates: Duplicates | None = None,
    ) -> Compared:
        """The pairs that blocking finds, each with its pattern.

        Args:
            source: table of the records that are blocked.
            records: those that are compared; None: those of the engine's table `changed_rids` with all.
            duplicates: changed records that equal a known one and are compared where that one has pairs.
        """
        engine, plan, only_new = self.engine, self.plan, records is None
        keys = (blocking.keys_of_changed if only_new else blocking.keys_of)(engine, source, rules)
        blocking.refuse_explosions(engine, keys, rules, plan.largest_block, plan.most_pairs_per_rule, only_new)
        met = blocking.pairs(engine, keys, plan.largest_block, only_new, plan.across)
        if duplicates is not None:
            blocked, met = met, engine.table("pairs_to_compare", exact_duplicates.to_compare(met, duplicates))
            engine.drop(blocked)
        compared = self.compare(spec, self._records(met) if records is None else records, met)
        engine.drop(met)
        return replace(compared, keys=keys)

    def compare(self, spec: patterns.ComparisonSpec, records: Table, pairs: Table) -> Compared:
        """These pairs with their patterns."""
        cosines = words.cosines(self.engine, pairs, self.plan.by_words)
        columns = [*[f.name for f in self.plan.fields], *self.plan.parts]
        compared = patterns.compare(self.engine, spec, records, pairs, columns, cosines)
        self.engine.drop(*cosines.values())
        return Compared(compared, records)

    def learn(self) -> Model:
        """A model with parameters learned from the engine's records; samples are drawn by the account's hash."""
        engine, plan = self.engine, self.plan
        spec = patterns.ComparisonSpec(comparisons.comparisons(plan.fields), comparisons.cohorts(plan.fields))
        records = self._records()
        learning = engine.table(
            "learning", f"SELECT * FROM {records} ORDER BY {SHUFFLED} LIMIT {plan.largest_sample_records}"
        )
        self.rules = self.chosen_rules(learning)
        self.random = self._random_pairs(spec, records, learning)
        u = u_of(self._patterns(self.random.pairs, spec, None), spec.levels)
        self.learned = self.compared(spec, self.rules, learning, records)
        possible, names = self._possible(learning)
        parameters = train(
            self._patterns(self.learned.pairs, spec, u),
            u,
            sessions.of_rules(self.rules, plan.fields, spec),
            possible,
            plan.iterations,
            Neighbours(spec.cohorts, self._patterns(self.random.pairs, spec, u)),
        )
        model = comparisons.with_parameters(plan.fields, parameters, names, possible, self.rules, spec.cohorts)
        both = plan.fields, plan.least_expected_precision
        expected = expectations.of_pairs(engine, model, self._spec(model), self.learned.pairs, self.sources, both)
        return {**model, comparisons.THRESHOLD: expected}

    def _spec(self, model: Model) -> patterns.ComparisonSpec:
        return patterns.ComparisonSpec(comparisons.of_fields(model), comparisons.cohorts_of(model, self.plan.fields))

    def _random_pairs(self, spec: patterns.ComparisonSpec, records: Table, learning: Table) -> Compared:
        """All pairs of some records: how often records agree by chance."""
        apart = "l.source < r.source" if self.plan.across else "l.rid < r.rid"
        drawn = self.engine.table(
            "random_records",
            f"SELECT rid, source FROM {learning} ORDER BY {SHUFFLED} LIMIT {self.plan.random_sample_records}",
        )
        pairs = self.engine.table(
            "random_pairs",
            f"SELECT l.rid AS rid_l, r.rid AS rid_r, 0 AS rule FROM {drawn} l JOIN {drawn} r ON {apart}",
        )
        return self.compare(spec, records, pairs)

    def _patterns(self, compared: Table, spec: patterns.ComparisonSpec, u: tuple[Floats, ...] | None) -> Patterns:
        sums = ["rarity", *[f"rarity_{i}" for i in range(len(spec.cohorts))]]
        rounded = ", ".join(f"CAST(round({name}) AS INT) AS {name}" for name in sums)
        rows = self.engine.fetch(
            f"SELECT pattern, least(source_l, source_r) AS one, greatest(source_l, source_r) AS other, {rounded}, "
            f"count(*) AS pairs FROM {compared} GROUP BY {', '.join(str(i + 1) for i in range(3 + len(sums)))}"
        ).sort_by([(name, "ascending") for name in ("pattern", "one", "other", *sums)])  # one order of sums
        codes, one, other = (rows[n].to_numpy().astype(np.int64) for n in ("pattern", "one", "other"))
        gammas = spec.gammas(codes)
        groups = [tuple(spec.by_frequency), *[cohort.columns for cohort in spec.cohorts]]
        shifts = [-rows[name].to_numpy().astype(np.float64) for name in sums]
        for shift, columns in zip(shifts, groups, strict=True):
            for column in set(columns) & set(spec.by_frequency) if u else ():
                shift[gammas[:, column] == spec.levels[column] - 1] += np.log2(u[column][-1])  # type: ignore[index]
        sources = len(self.sources)
        pair = one * sources - one * (one - 1) // 2 + other - one
        near = np.stack(shifts[1:], axis=1) if len(shifts) > 1 else None
        return Patterns(gammas, pair, shifts[0], rows["pairs"].to_numpy().astype(np.float64), near)

    @cached_property
    def sources(self) -> list[str]:
        """Channels in the order of their numbers."""
        rows = self.engine.fetch("SELECT channel FROM sources ORDER BY source").to_pylist()
        return [row["channel"] for row in rows]

    def _possible(self, learning: Table) -> tuple[Floats, list[str]]:
        """How many pairs there are of each pair of sources, and the pair's name."""
        rows = self.engine.fetch(f"SELECT channel, count(*) AS n FROM {learning} GROUP BY channel").to_pylist()
        counts = {row["channel"]: float(row["n"]) for row in rows}
        both = [(a, b) for i, a in enumerate(self.sources) for b in self.sources[i:]]
        of = [counts.get(a, 0.0) * (counts.get(b, 0.0) if a != b else (counts.get(a, 0.0) - 1) / 2) for a, b in both]
        if self.plan.across:
            of = [n if a != b else 0.0 for n, (a, b) in zip(of, both, strict=True)]
        return np.maximum(of, 1.0), [f"{a}|{b}" for a, b in both]

    def score(
        self,
        model: Model,
        keep_weight_bits: float,
        only_new: bool,
        cohorts: bool = True,
        duplicates: Duplicates | None = None,
    ) -> Scored:
        """Pairs of at least `keep_weight_bits`.

        Args:
            only_new: compare the accounts of the engine's table `changed` with all, instead of all with all.
            cohorts: let what mere neighbours share count for less; without it the weights are Splink's.
            duplicates: changed accounts that are compared only where those that they equal have pairs.
        """
        spec, rules = self._spec(model), comparisons.rules_of(model)
        compared = self._to_score(spec, rules, only_new, duplicates)
        bits = weights.bits_of(self.engine, model, spec, compared.pairs, self.sources)
        names = " ".join(f"WHEN {i} THEN '{blocking.rule_name(rule)}'" for i, rule in enumerate(rules))
        pairs = self.engine.table(
            "scored",
            f"""
            SELECT least(a.account_id, b.account_id) AS account_id_left,
                   greatest(a.account_id, b.account_id) AS account_id_right, match_weight,
                   1 / (1 + power(2, -match_weight)) AS match_probability, CASE w.rule {names} END AS match_rule
            FROM ({weights.sql(compared.pairs, bits, spec, cohorts)}) w
            JOIN {compared.records} a ON w.rid_l = a.rid JOIN {compared.records} b ON w.rid_r = b.rid
            WHERE match_weight >= {keep_weight_bits}""",
        )
        count = int(self.engine.fetch(f"SELECT count(*) AS n FROM {compared.pairs}").to_pylist()[0]["n"])
        return Scored(pairs, count, compared.keys)

    def _to_score(
        self, spec: patterns.ComparisonSpec, rules: list[Rule], only_new: bool, duplicates: Duplicates | None
    ) -> Compared:
        if only_new:
            self.engine.make(
                "changed_rids", "SELECT r.rid FROM numbered r JOIN changed c ON r.account_id = c.account_id"
            )
            return self.compared(spec, rules, "numbered", None, duplicates)
        if self.learned is None:  # this linker has not trained
            return self.compared(spec, rules, "numbered", self._records())
        if self.rules == rules and self.count <= self.plan.largest_sample_records:
            return self.learned  # the model was trained on all of them a moment ago
        return self.compared(spec, rules, "numbered", self.learned.records)

    def forget(self) -> None:
        """Drop what a model was learned from; it is not scored by this linker."""
        learned, drawn = self.learned, self.random
        tables = () if learned is None or drawn is None else (drawn.pairs, learned.pairs, learned.records, learned.keys)
        self.engine.drop(*(table for table in tables if table is not None))
        self.learned = self.random = None
