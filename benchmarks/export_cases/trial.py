"""One case from file to figures: proposed, answered, checked, loaded, compared."""

import re
import shutil
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from benchmarks.export_cases import real_night
from benchmarks.export_cases.answers import answered
from benchmarks.export_cases.expected import Case
from benchmarks.export_cases.figures import APART, Tables, differences
from benchmarks.export_cases.touching import touching
from lakehouse.authoring.checks.exports import check
from lakehouse.authoring.proposal import proposal
from lakehouse.config.findings import Findings
from lakehouse.config.layers import Conf
from lakehouse.contracts.contract import Contract, Contracts
from lakehouse.errors import ConfigError

RIGHT, ANSWERED, WORD, SILENCE = "right unedited", "right after its answers", "wrong with a word", "wrong in silence"
OUTCOMES = (RIGHT, ANSWERED, WORD, SILENCE)
RATES = {  # units of the reporting currency; the size is right, the day's rate is not
    **{"EUR": 1.08, "GBP": 1.27, "CHF": 1.13, "CAD": 0.74, "AUD": 0.66, "NZD": 0.61, "SGD": 0.74, "ILS": 0.27},
    **{"JPY": 0.0067, "CNY": 0.14, "KRW": 0.00075, "TWD": 0.032, "HKD": 0.128, "INR": 0.012, "THB": 0.028},
    **{"BRL": 0.2, "MXN": 0.059, "ZAR": 0.053, "TRY": 0.031, "RUB": 0.011, "UAH": 0.026, "VND": 0.00004},
    **{"PLN": 0.25, "SEK": 0.096, "NOK": 0.095, "DKK": 0.145, "CZK": 0.043, "HUF": 0.0028, "AED": 0.272},
    **{"KWD": 3.25, "BHD": 2.65, "TND": 0.32},
}
DAYS = (date(2020, 1, 1), date(2024, 3, 1))
LANDED_IN_FULL = 5000


@dataclass
class Trial:
    """What became of a case."""

    case: Case
    outcome: str = SILENCE
    wrong: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    is_refused: bool = False

    def line(self) -> str:
        """One line for people."""
        said = f" | says: {' / '.join(self.touching)[:300]}" if self.wrong else ""
        return f"{self.case.name:26} {self.outcome:26} {'; '.join(self.wrong)[:400]}{said}"

    @property
    def touching(self) -> list[str]:
        """What was said that touches what is wrong; of a refusal all."""
        return self.words if self.is_refused else touching(self.words, self.wrong, self.case.files[0])


def tried(case: Case, folder: Path, fast: bool) -> Trial:
    """Propose, load and compare; once more with its questions answered where the first figures are wrong."""
    trial = Trial(case)
    first = _attempt(case, folder / "unedited", fast, trial, {})
    if not first:
        trial.outcome = RIGHT
        return trial
    trial.wrong = first
    answers = answered(case)
    if answers and trial.touching and not _attempt(case, folder / "answered", fast, Trial(case), answers):
        trial.outcome = ANSWERED
    elif trial.touching:
        trial.outcome = WORD
    return trial


def _attempt(case: Case, folder: Path, fast: bool, trial: Trial, answers: dict[str, str]) -> list[str]:
    """What is wrong with the case's figures; [] when all are right."""
    try:
        conf, asked = _proposed(case, folder, answers)
    except ConfigError as error:
        trial.words.append(error.paragraph())
        trial.is_refused = True
        return _without_figures(case, trial, error.paragraph())
    trial.words += asked
    found = _Checked(conf)
    trial.words += [item.line() for item in found.findings.items if str(folder) in item.where]
    if found.findings.errors:
        trial.is_refused = True
        return [f"check refuses the proposal: {found.findings.errors[0].line()}"]
    export = next(iter(found.exports.values()))
    tables, words = _tables(case, conf, export, fast)
    trial.words += words
    return _judged(case, tables, trial)


class _Checked:
    """The case's export, checked against the packaged contracts."""

    def __init__(self, conf: Conf) -> None:
        self.findings = Findings()
        self.exports = check(conf, packaged_contracts(), self.findings)


@cache
def packaged_contracts() -> dict[str, Contract]:
    """The packaged contracts, read once."""
    return dict(Contracts(Conf()).items())


def _judged(case: Case, tables: Tables, trial: Trial) -> list[str]:
    """Figures that are wrong; a case that asks for a doubt or a refusal is right when that was said."""
    wrong = differences(tables, case.values)
    text = " ".join(trial.words)
    if case.values.get("doubt") and not re.search("both fit", text):
        wrong.append("no doubt was said")
    if case.values.get("refused_without_edit"):
        return [] if re.search("required columns are not there", text) else [*wrong, "no refusal by name"]
    return wrong


def _without_figures(case: Case, trial: Trial, message: str) -> list[str]:
    """A message in place of a proposal is right only where the case's words allow one, or there is nothing to read."""
    orders = case.values.get("orders")
    is_nothing = orders == "0" and set(case.values) <= {"orders", *APART}
    allowed = is_nothing or (orders is None and "message" in case.words)
    return [] if allowed and "interactions" not in case.values else [f"no proposal: {message.splitlines()[0]}"]


def _proposed(case: Case, folder: Path, answers: dict[str, str]) -> tuple[Conf, list[str]]:
    """A configuration layer with the proposal for the first file, and what the proposal asks."""
    exports = folder / "conf" / "exports"
    exports.mkdir(parents=True)
    made = proposal(case.files[0])
    text = made.text
    for before, after in answers.items():
        text = re.sub(before, after, text)
    (exports / f"{made.name}.yaml").write_text(text, encoding="utf-8")
    days = {day: dict(RATES) for day in DAYS}
    (folder / "conf" / "currency.yaml").write_text(yaml.safe_dump({"max_age_days": LANDED_IN_FULL, "rates": days}))
    drop = folder / "drop"
    shutil.copytree(case.folder, drop)
    zone = re.search(r"business_time_zone: (\S+)", case.values.get("note", ""))
    places = {
        "drop": str(drop),
        "lake": str(folder / "lake"),
        "reports": str(folder / "reports"),
        "event_logs": f"{folder}/events",
        "mlflow_tracking_uri": f"sqlite:///{folder}/mlflow.db",
        "account_secret": f"file:{folder}/key",
    }
    places |= {"business_time_zone": zone[1]} if zone else {}
    return Conf([folder / "conf"], overrides=places), list(made.checks)


def _tables(case: Case, conf: Conf, export: object, fast: bool) -> tuple[Tables, list[str]]:
    from benchmarks.export_cases import preview_night

    if fast:
        return preview_night.tables(case, conf, export)  # type: ignore[arg-type]
    return real_night.tables(conf, [date.fromisoformat(day.name) for day in sorted(case.folder.iterdir())])
