"""Replay the real record with the model, variants of it and its average, and write docs/backtest.md.

    .venv/bin/python scripts/backtest.py [--quick] [--days N]

Some 120 fits on 14 dates, half an hour on two cores; a run that was stopped goes on from the folder of finished days
(--out). --quick fits a fifth of the draws on three dates, to try the script. What the page says in words, below the
numbers and in LESSONS, is to be checked against them after each run.
"""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

import pandas as pd

import vzforecast as vz
from vzforecast.backtesting import BacktestResult
from vzforecast.settings import density_for

PAGE = Path(__file__).parents[1] / "docs" / "backtest.md"
FIGURE = PAGE.parent / "images" / "reliability.svg"
DAYS = pd.date_range("2025-02-05", "2025-08-15", freq="14D")
KNOWN_UNTIL = "2025-08-31"  # the tables were written up to this day, three after their newest row
SETTINGS, QUICK = vz.SamplerSettings(draws=1000), vz.SamplerSettings(draws=250, tune=300, chains=2, paths=10)
MODEL, AVERAGE = "full model", "average"

# What each of the worst questions teaches, by its id; main() refuses to write a page on which one is missing.
LESSONS: dict[str, str] = {
    "gl41_intact_1jun2025": (
        "A licence that rolled itself forward every month was lost to one decision of the president, a week after "
        "news in which dealmakers led. Its class loses one in several years; neither news nor record of 19 "
        "February said more. A surprise, priced as one. The model knows no day on which one man changes his mind, "
        "only rates."
    ),
    "oil_sanctions_tightened_90d": (
        "The same decision in other words (the question counts the licence, too). Two misses, one lesson: "
        "questions on one case are not independent, which is why intervals resample questions and n counts so "
        "little."
    ),
    "another_american_freed_jun2025": (
        "The chance fell for three months, since halted flights and hardliners ahead hold releases back; then one "
        "man was freed in the middle of the pressure, by an envoy on a track of his own. Prisoners are less tied "
        "to the rest than their couplings say."
    ),
    "waltz_adviser_30jun2025": (
        "The question was opened because he was in trouble, and the model does not know why a question is asked: "
        "no item of the news table leans towards his leaving. Code such news, or shade questions that were "
        "asked for a reason."
    ),
    "claver_carone_in_post_aug2025": (
        "Posts were pooled by office, while presidents differ more in how they part with people: decision 35, by "
        "figures known on 5 February. On 11 May it was public that he would leave by the end of the month, and "
        "the model hardly moved: it has no place for an announced change, only for the lean of news."
    ),
    "flights_gap_14d_by_apr2025": (
        "A month after the first flight a halt had the chance of a duty that lasts years. The answer to the lost "
        "licence came within four days: the coupling was there, the loss that set it off was the surprise."
    ),
    "flights_resume_by_10apr": (
        "Every halt was given one rate, out of one halt of two days and one of a year: decision 35 gives each its "
        "own, and each country. Venezuela's only earlier halt lasted a year, so the middle stays low; what is "
        "said is now unsure instead of sure. That flights would resume was announced on 13 March: as for posts, "
        "an announcement is only a lean."
    ),
    "flights_halt_again_by_jul2025": (
        "After the spring halt couplings kept a second one likely for months, as if the lost licence had not been "
        "answered already: decision 36. Still high: one halt in two months teaches a high rate."
    ),
    "american_freed_by_30apr2025": (
        "One release in some fourteen months is the record; none came in three. Nothing to learn from."
    ),
    "gl41b_extended_27may": (
        "A wind-down was let end, as the record of wind-downs and its known end had it. Well said."
    ),
    "chevron_export_30jun2025": ("Nobody gave back in June what had been taken in May. Well said."),
}


@dataclass(frozen=True)
class Run:
    """One forecaster to replay: a reading of the case, and how each day's forecast comes about."""

    case: vz.Case
    strategy: str = "refit"
    average: bool = False


def runs(case: vz.Case) -> dict[str, Run]:
    """Return every forecaster that is compared, by name."""
    simplest = ("coupling", "influence", "tone")
    return {
        MODEL: Run(case),
        "no couplings": Run(case.without("coupling")),
        "no influence": Run(case.without("influence")),
        "no defection record": Run(case.without("defection")),
        "no schedule": Run(case.without("schedule")),
        "reference classes only": Run(case.without(*simplest)),
        AVERAGE: Run(case, average=True),
        "updated, not refitted": Run(case, "update"),
        "never updated": Run(case, "none"),
    }


def replayed(
    case: vz.Case, days: Iterable[pd.Timestamp], settings: vz.SamplerSettings, out: Path
) -> dict[str, BacktestResult]:
    """Replay every forecaster; members of the average share their fits with the variants."""
    found = {}
    for name, run in runs(case).items():
        folder = out / name.replace(" ", "_").replace(",", "")
        own = replace(settings, density=density_for(run.strategy))
        how = {"strategy": run.strategy, "average": run.average, "settings": own, "out": folder, "cache": True}
        found[name] = vz.backtest(run.case, days, scored_on=KNOWN_UNTIL, **how)
        print(found[name], flush=True)
    return found


def table_of(rows: Iterable[Iterable[object]], header: Iterable[str]) -> Iterator[str]:
    """Yield the lines of a markdown table, and a blank one."""
    header = list(header)
    for cells in [header, ["---"] * len(header), *rows]:
        yield f"| {' | '.join(map(str, cells))} |"
    yield ""


def ranged(row: pd.Series, name: str) -> str:
    return f"{row[name]:.3f} ({row[f'{name}_lower']:.3f} to {row[f'{name}_upper']:.3f})"


def score_lines(result: BacktestResult) -> Iterator[str]:
    yield "## The model and its references"
    yield ""
    stated = result.stated.replace({"forecaster": {"model": MODEL}})
    scores = vz.score(stated)
    rows = [
        [name, int(row["n"]), int(row["questions"]), ranged(row, "brier"), ranged(row, "log_score")]
        + [f"{row[part]:.3f}" for part in ("miscalibration", "discrimination", "uncertainty")]
        for name, row in scores.iterrows()
    ]
    header = ["forecaster", "n", "questions", "Brier (90 %)", "log score (90 %)", "MCB", "DSC", "UNC"]
    yield from table_of(rows, header)
    references = [name for name in scores.index if name != MODEL]
    skill = vz.skill(stated, references)
    rows = [
        [other, int(row["n"]), int(row["questions"]), ranged(row, "difference"), f"{row['skill']:+.2f}"]
        for (name, other, kind), row in skill.iterrows()
        if name == MODEL and kind == "brier"
    ]
    yield from table_of(rows, ["against", "n", "questions", "Brier difference (90 %)", "skill"])
    yield from (f"- {note}" for note in scores.attrs["notes"])
    yield ""


def variant_lines(results: dict[str, BacktestResult]) -> Iterator[str]:
    yield "## Variants"
    yield ""
    others = {name: result for name, result in results.items() if name != MODEL}
    stated = results[MODEL].joined(others).replace({"forecaster": {"model": MODEL}})
    stated = stated.loc[stated["forecaster"].isin(results)]
    scores, skill = vz.score(stated), vz.skill(stated, MODEL)
    rows = []
    for name, result in results.items():
        row, gap = scores.loc[name], skill.loc[(name, MODEL, "brier")] if name != MODEL else None
        rows.append(
            [name, f"{row['brier']:.3f}", "" if gap is None else ranged(gap, "difference"), f"{row['log_score']:.3f}"]
            + [f"{value:.3f}" for value in scenario_scores(result)]
            + [f"{days:.1f}" for days in (result.passages["crps"].mean(),)]
            + [len(result.failed)]
        )
    leads = [f"scenarios, {lead} days (n = {n})" for lead, n in known_scenarios(results[MODEL]).items()]
    header = [
        "forecaster",
        "Brier",
        "difference to the full model (90 %)",
        "log score",
        *leads,
        f"first passage, days (n = {results[MODEL].passages['crps'].count()})",
        f"failed fits of {len(results[MODEL].provenance)}",
    ]
    yield from table_of(rows, header)
    yield (
        f"Brier and log score as above, on the same {scores.loc[MODEL, 'n']} forecasts of "
        f"{scores.loc[MODEL, 'questions']} questions. Scenarios: mean ranked probability score, not "
        "divided by the number of scenarios less one, so many days ahead. First passage: mean continuous ranked "
        "probability score of the day on which each outcome next changes, known up to the end of the record. Smaller "
        "is better everywhere. What n shows: a difference whose interval holds 0 is none that this record can tell; "
        "scores of scenarios and dates have no interval, since as-of dates near each other await the same days, so "
        "that they are known far worse than so many separate forecasts would make them. Rows of failed fits are in "
        "all scores. Names of variants say what `Case.without` left out; the average is `vzforecast.stack`."
    )
    yield ""


def scenario_scores(result: BacktestResult) -> list[float]:
    """Return the mean ranked probability score of scenarios, by days ahead."""
    return [float(scores.mean()) for scores in scenarios_ahead(result).values()]


def known_scenarios(result: BacktestResult) -> dict[int, int]:
    """Return the number of days of which it is known what came, by days ahead."""
    return {lead: int(scores.count()) for lead, scores in scenarios_ahead(result).items()}


def scenarios_ahead(result: BacktestResult) -> dict[int, pd.Series]:
    """Return the ranked probability scores of scenarios by days ahead."""
    table = result.scenario_scores.reset_index()
    ahead = (pd.to_datetime(table["by"]) - pd.to_datetime(table["as_of"])).dt.days
    return {lead: table.loc[ahead == lead, "ranked_probability"] for lead in (28, 84)}


def weight_lines(result: BacktestResult) -> Iterator[str]:
    yield "## Weights of the average"
    yield ""
    weights = result.provenance["weights"].dropna()
    members = list(weights.iloc[0])
    rows = [[day.date(), *(f"{by[name]:.3f}" for name in members)] for day, by in weights.items()]
    yield from table_of(rows, ["as of", *members])


def question_lines(result: BacktestResult) -> Iterator[str]:
    yield "## Question by question"
    yield ""
    rows = []
    for question, asked in scored(result).groupby("question", sort=False):
        said = asked["probability"]
        span = " to ".join(f"{100 * said.iloc[place]:.0f} %" for place in sorted({0, len(said) - 1}))
        rows.append(
            [
                f"`{question}`",
                len(asked),
                span,
                "yes" if asked["resolution"].iloc[0] == 1 else "no",
                f"{asked['brier'].mean():.3f}",
            ]
        )
    yield from table_of(rows, ["question", "times asked", "first to last", "happened", "mean Brier"])


def miss_lines(result: BacktestResult) -> Iterator[str]:
    yield "## The worst ten, and what each teaches"
    yield ""
    yield "One a question, at its worst day, by Brier score."
    yield ""
    table = scored(result).reset_index()
    worst = table.loc[table.groupby("question")["brier"].idxmax()].nlargest(10, "brier")
    rows = [
        [
            f"`{row.question}`",
            row.as_of.date(),
            f"{100 * row.probability:.0f} %",
            "yes" if row.resolution == 1 else "no",
            f"{row.brier:.2f}",
            LESSONS.get(row.question, ""),
        ]
        for row in worst.itertuples()
    ]
    missing = [row.question for row in worst.itertuples() if row.question not in LESSONS]
    if missing:
        raise LookupError(f"LESSONS has nothing on {', '.join(missing)}; write what each teaches")
    yield from table_of(rows, ["question", "asked on", "said", "happened", "Brier", "lesson"])


def open_lines(result: BacktestResult) -> Iterator[str]:
    yield "## Not scored"
    yield ""
    table = result.table.loc[~result.table["scored"]].reset_index()
    rows = [
        [f"`{question}`", asked["horizon"].iloc[0].date(), asked["why_not_scored"].iloc[-1]]
        for question, asked in table.groupby("question", sort=False)
        if question not in set(scored(result).index.get_level_values("question"))
    ]
    yield from table_of(rows, ["question", "horizon", "why not"])


def scored(result: BacktestResult) -> pd.DataFrame:
    return result.table.loc[result.table["scored"]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few draws, three dates, nothing written")
    parser.add_argument("--out", type=Path, default=Path(gettempdir()) / "vzforecast-backtest", help="finished days")
    asked = parser.parse_args()
    days, settings = (DAYS[::5], QUICK) if asked.quick else (DAYS, SETTINGS)
    results = replayed(vz.load_case(), days, settings, asked.out / ("quick" if asked.quick else "full"))
    parts = [
        score_lines(results[MODEL]),
        variant_lines(results),
        weight_lines(results[AVERAGE]),
        question_lines(results[MODEL]),
        miss_lines(results[MODEL]),
        open_lines(results[MODEL]),
    ]
    body = "\n".join(line for part in parts for line in part)
    print(body)
    if asked.quick:
        return
    figure = vz.plot.reliability(vz.calibration(results[MODEL].stated.replace({"forecaster": {"model": MODEL}}), MODEL))
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE, bbox_inches="tight", metadata={"Date": None})
    head, _, tail = PAGE.read_text(encoding="utf-8").partition("<!-- numbers -->")
    words = tail.partition("<!-- end of numbers -->")[2]
    PAGE.write_text(f"{head}<!-- numbers -->\n\n{body}\n<!-- end of numbers -->{words}", encoding="utf-8")


if __name__ == "__main__":
    main()
