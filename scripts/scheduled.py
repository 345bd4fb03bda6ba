"""Compare forecasts with and without scheduled decisions, and write docs/scheduled.md.

    .venv/bin/python scripts/scheduled.py

About thirty fits, cached: ten minutes to half an hour. What the page concludes in words is to be checked against its
numbers after each run.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import exp, log
from pathlib import Path

import numpy as np
import pandas as pd

import vzforecast as vz
from robustness import without_series
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Gathering, build_history
from vzforecast.history.gathering import DAYS_PRIOR, SHARE_PRIOR, learn_gathering
from vzforecast.history.terms import Term, terms
from vzforecast.likelihood import events_log_likelihood
from vzforecast.reweight.psis import khat_limit, smoothed

PAGE = Path(__file__).parents[1] / "docs" / "scheduled.md"
CLASS, OUTCOME = "licence", "chevron_licence"
DAYS = ["2025-02-05", "2025-03-31", "2025-05-31", "2025-08-31"]
BACKTEST, RESOLVED = pd.date_range("2025-02-05", "2025-08-15", freq="14D"), pd.Timestamp("2025-08-31")
SHOWN = {  # no end is ahead; one is, 13 days away
    "2025-02-05": ("lost by 31 May", "ever(chevron_licence = suspended) by 2025-05-31"),
    "2025-05-14": ("back by 31 May", "ever(chevron_licence = in_force) after 2025-05-14 by 2025-05-31"),
}


@dataclass(frozen=True)
class Compared:
    """Pointwise expected log density of the same rows under both forms, in nats, and the worst k-hat."""

    gain: np.ndarray
    khat: float

    @property
    def text(self) -> str:
        """Total gain of the schedule with its standard error over rows."""
        error = float(np.sqrt(self.gain.size) * self.gain.std(ddof=1))
        return f"{self.gain.sum():+.2f} (standard error {error:.2f}; {self.gain.size} rows)"


def past_terms(case: vz.Case) -> list[Term]:
    """Return the terms whose decisions teach the timing, all that are known at the end of the record."""
    known = case.known_on(RESOLVED)
    return [term for term in terms(known, CLASS, RESOLVED.date()) if term.decided and term.days]


def timing(case: vz.Case) -> np.ndarray:
    """Return for each decision the log density of its timing, learnt from all others, above a uniform one."""
    gains = []
    for term in past_terms(case):
        law = learned_without(case, term).over(term)
        # The multiplier of a term as long as its mean is the density of the timing times the length of the term.
        gains.append(log(replace(law, mean_days=law.term_days).at((law.end - term.end).days)))
    return np.array(gains)


def learned_without(case: vz.Case, term: Term) -> Gathering:
    """Learn the timing from all decisions but the one that ended a term; the others keep their terms."""
    known = case.known_on(RESOLVED)
    licences = known.tables["licences"]
    opened = (licences["series"] == term.series) & (licences["version"] == term.version)
    licences.loc[opened, "self_renewing"] = 1
    return learned(replace(known, tables={**known.tables, "licences": licences}), RESOLVED)


def leave_one_out(fc: vz.Forecast, constant: pd.Series, rows: pd.Series) -> tuple[np.ndarray, float]:
    """Return PSIS-LOO of some rows as densities of their days, and the worst k-hat.

    A Poisson probability of events on an exposure counts log exposure for each event. The density of the day of an
    event has the log multiplier of that day in its place; the rest of the row, the chance of none until then, is alike.
    """
    events = fc.history.rows["events"]
    pointwise = events_log_likelihood(stacked(fc.posterior), fc.design)
    pointwise += (events * (constant - np.log(fc.history.rows["exposure"]))).to_numpy()
    found, khats = [], []
    for column in pointwise[:, rows.to_numpy()].T:
        weighted = smoothed(-column)
        found.append(log(float(weighted.weights @ np.exp(column))))
        khats.append(weighted.khat)
    return np.array(found), max(khats)


def log_multipliers(case: vz.Case) -> pd.Series:
    """Return the log multiplier of the day on which each row ends; 0 where no end was known."""
    history = build_history(case.known_on(RESOLVED))
    found = pd.Series(0.0, index=history.rows.index)
    for term in past_terms(case):
        law = history.schedule.over(term) if history.schedule else None
        if law is not None:
            found[history.rows["row"].str.startswith(f"licence {term.series} {term.version} ")] = log(
                law.at((law.end - term.end).days)
            )
    return found


def compared(case: vz.Case) -> dict[str, Compared]:
    """Return the gain of the schedule by kind of row, on all that is known at the end of August."""
    having, lacking = (vz.fit(one, as_of=RESOLVED) for one in (case, case.without_schedule()))
    rows = having.history.rows
    kinds = {
        "licences of the class": (rows["process"] == CLASS) & (rows["outcome"] == ""),
        "Chevron's licence": rows["outcome"] == OUTCOME,
    }
    none = pd.Series(0.0, index=rows.index)
    found = {}
    for kind, chosen in kinds.items():
        one, first = leave_one_out(having, log_multipliers(case), chosen)
        other, second = leave_one_out(lacking, none, chosen)
        found[kind] = Compared(one - other, max(first, second))
    return found


def backtest(case: vz.Case) -> pd.DataFrame:
    """Return the forecasts of questions about the licence, every fortnight, with and without."""
    truth = case.tables["questions"].set_index("question_id")
    about = truth["event"].str.contains(OUTCOME) & (truth["resolved_on"] <= RESOLVED)
    lines = []
    for day in BACKTEST:
        still_open = truth.index[about & (truth["opened"] <= day) & (truth["resolved_on"] > day)]
        if still_open.empty:
            continue
        having, lacking = (vz.fit(one, as_of=day).questions() for one in (case, case.without_schedule()))
        for question in still_open:
            pair = {"with": having.loc[question, "probability"], "without": lacking.loc[question, "probability"]}
            asked = {"day": day.date(), "question": question, "happened": int(truth.loc[question, "resolution"])}
            lines.append(asked | pair)
    return pd.DataFrame(lines)


def scores(table: pd.DataFrame) -> pd.DataFrame:
    """Return the mean one-sided Brier and logarithmic scores, by form; smaller is better."""
    happened = table["happened"]
    return pd.DataFrame(
        {
            form: {
                "Brier": ((table[form] - happened) ** 2).mean(),
                "log": -np.log(np.where(happened == 1, table[form], 1 - table[form])).mean(),
            }
            for form in ("with", "without")
        }
    )


def fixed(case: vz.Case, share: float, days: float) -> vz.Case:
    """Return the case with share and days so certain that no timing changes them."""
    odds = log(share / (1.0 - share))
    case = case.with_prior(SHARE_PRIOR, f"{odds - 1e-4:.6f} to {odds + 1e-4:.6f}")
    return case.with_prior(DAYS_PRIOR, f"{days * exp(-1e-4):.6f} to {days * exp(1e-4):.6f}")


def variants(case: vz.Case, day: str) -> Iterator[tuple[str, vz.Case]]:
    """Yield other values of what the timing gives."""
    law, other = learned(case, day), learned(without_series(case, "GL 5"), day)
    yield "as learnt", case
    yield "share 2 sd lower", fixed(case, law.share - 2 * law.share_sd, law.days)
    yield "share 2 sd higher", fixed(case, min(law.share + 2 * law.share_sd, 0.999), law.days)
    yield "days 2 sd fewer", fixed(case, law.share, law.days - 2 * law.days_sd)
    yield "days 2 sd more", fixed(case, law.share, law.days + 2 * law.days_sd)
    yield "timing without GL 5", fixed(case, other.share, other.days)
    yield "without schedule", case.without_schedule()


def learned(case: vz.Case, day: str | pd.Timestamp) -> Gathering:
    """Return what the decisions known on a day teach."""
    found = learn_gathering(case.known_on(day), pd.Timestamp(day).date())
    if found is None:
        raise ValueError(f"case {case.spec.name} declares nothing scheduled")
    return found


def table_of(rows: list[list[object]], header: list[str]) -> Iterator[str]:
    """Yield the lines of a markdown table, and a blank one."""
    for cells in [header, ["---"] * len(header), *rows]:
        yield f"| {' | '.join(map(str, cells))} |"
    yield ""


def timing_lines(case: vz.Case) -> Iterator[str]:
    yield "## What the timing teaches"
    yield ""
    rows: list[list[object]] = []
    for day in DAYS:
        for name, one in (("all", case), ("without GL 5", without_series(case, "GL 5"))):
            law = learned(one, day)
            share, days = f"{law.share:.3f} ± {law.share_sd:.3f}", f"{law.days:.2f} ± {law.days_sd:.2f}"
            rows.append([day, name, law.decisions, share, days, f"{law.mean_term:.2f}"])
    yield from table_of(rows, ["as of", "licences", "decisions", "share w", "days μ", "mean term, months"])
    gains = timing(case)
    error = np.sqrt(gains.size) * gains.std(ddof=1)
    yield (
        f"The day of each decision, forecast from all the others: {gains.sum():+.1f} nats in all above a day drawn "
        f"evenly from the term (standard error {error:.1f}); better for {int((gains > 0).sum())} of {gains.size}, at "
        f"worst {gains.min():.1f}."
    )
    yield ""


def row_lines(found: dict[str, Compared], draws: int) -> Iterator[str]:
    yield "## What the rows say"
    yield ""
    yield (
        "Leave-one-out, by Pareto smoothed importance sampling, on all that is known on 31 August 2025: gain of the "
        "schedule in nats. Both are densities of the same days."
    )
    yield ""
    rows: list[list[object]] = [[kind, one.text, f"{one.khat:.2f}"] for kind, one in found.items()]
    yield from table_of(rows, ["rows", "gain", f"worst k-hat (limit {khat_limit(draws):.2f})"])


def backtest_lines(asked: pd.DataFrame) -> Iterator[str]:
    yield "## What the record of questions says"
    yield ""
    rows: list[list[object]] = [
        [one["day"], one["question"], one["happened"], f"{one['with']:.3f}", f"{one['without']:.3f}"]
        for one in asked.to_dict("records")
    ]
    yield from table_of(rows, ["asked on", "question", "happened", "with", "without"])
    means = scores(asked)
    score_rows = [[name, f"{row['with']:.4f}", f"{row['without']:.4f}"] for name, row in means.iterrows()]
    yield from table_of(score_rows, ["mean score, smaller is better", "with", "without"])


def variant_lines(case: vz.Case) -> Iterator[str]:
    yield "## What the forecast makes of it"
    yield ""
    for day, (name, event) in SHOWN.items():
        rows: list[list[object]] = []
        for variant, one in variants(case, day):
            fc = vz.fit(one, as_of=day)
            scenarios, licence = fc.scenarios()["probability"], fc.probability(event)
            numbers = [*(f"{100 * value:.1f}" for value in scenarios), f"{100 * float(licence):.1f}"]
            rows.append([variant, *numbers, f"{100 * licence.lower:.1f} to {100 * licence.upper:.1f}"])
        yield f"As of {day}, percent: scenarios at the end of 2025, and the licence {name} with its 90 % interval."
        yield ""
        header = [f"`{scenario.id}`" for scenario in case.spec.scenarios]
        yield from table_of(rows, ["timing", *header, name, "interval"])


def main() -> None:
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    case = vz.load_case()
    draws = vz.fit(case, as_of=RESOLVED).simulated.draws
    head, _, tail = PAGE.read_text(encoding="utf-8").partition("<!-- numbers -->")
    parts = [timing_lines(case), row_lines(compared(case), draws), backtest_lines(backtest(case)), variant_lines(case)]
    body = "\n".join(text for part in parts for text in part)
    verdict = tail.partition("<!-- end of numbers -->")[2]
    PAGE.write_text(f"{head}<!-- numbers -->\n\n{body}<!-- end of numbers -->{verdict}", encoding="utf-8")
    print(body)


if __name__ == "__main__":
    main()
