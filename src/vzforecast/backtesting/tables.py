"""From what was said on each day, and what happened, to the tables of a backtest."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from vzforecast.backtesting.judged import Judged
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.forecast.probability import FIGURES
from vzforecast.scoring.ranked import passage_score, ranked_probability_score
from vzforecast.scoring.rules import brier_score, log_score

TABLE: Final = (
    *("horizon", "days_left", "event", *FIGURES, "why_not"),
    *("resolution", "scored", "why_not_scored", "brier", "log_score"),
    *("method", "khat", "ess", "ok", "cutoff", "fit_time", "pred_time"),
)
STATED: Final = ("forecaster", "question", "as_of", "probability", "resolution")
SCENARIOS: Final = (*FIGURES, "happened", "ok")
SCENARIO_SCORES: Final = ("happened", "ranked_probability", "ok")
PASSAGES: Final = ("censored_after", "observed_after", "crps", "ok")
PROVENANCE: Final = (
    *("fitted", "method", "why", "seed", "settings", "versions", "case_digest", "priors_digest"),
    *("seconds", "converged", "diagnostics", "weights"),
)
MODEL: Final = "model"
REFERENCES: Final = ("base_rate", "persistence", "market")


def question_table(snapshots: Sequence[Snapshot], judged: Judged) -> pd.DataFrame:
    """Return one row a question and as-of date."""
    rows = [_question_row(one, asked, judged) for one in snapshots for asked in one.questions]
    keys = [(asked["question"], pd.Timestamp(one.as_of)) for one in snapshots for asked in one.questions]
    table = pd.DataFrame(rows, index=_index(keys, ("question", "as_of")), columns=list(TABLE))
    scored = table["scored"].to_numpy(bool)
    for name, rule in (("brier", brier_score), ("log_score", log_score)):
        table[name] = np.nan
        table.loc[scored, name] = rule(table.loc[scored, "probability"], table.loc[scored, "resolution"])
    return table


def _question_row(one: Snapshot, asked: dict[str, Any], judged: Judged) -> dict[str, Any]:
    horizon = date.fromisoformat(asked["horizon"])
    late = judged.why_not_scored(asked["question"], horizon)
    unsaid = "it has no probability" if asked["why_not"] else ""
    return {
        **{name: asked[name] for name in ("event", *FIGURES, "why_not")},
        "horizon": pd.Timestamp(horizon),
        "days_left": (horizon - one.day).days,
        "resolution": judged.resolutions[asked["question"]],
        "scored": not (unsaid or late),
        "why_not_scored": unsaid or late,
        **{name: getattr(one, name) for name in ("method", "khat", "ess", "ok", "fit_time", "pred_time")},
        "cutoff": pd.Timestamp(one.as_of),
    }


def stated_table(snapshots: Sequence[Snapshot], table: pd.DataFrame) -> pd.DataFrame:
    """Return what every forecaster said where the model said something; blank resolutions are not to be scored yet."""
    rows = []
    for one in snapshots:
        for asked in one.questions:
            if asked["why_not"]:
                continue
            place = (asked["question"], pd.Timestamp(one.as_of))
            resolution = table.loc[place, "resolution"] if table.loc[place, "scored"] else np.nan
            said = {MODEL: asked["probability"], "base_rate": one.base_rate}
            said |= {name: asked[name] for name in ("persistence", "market")}
            rows += [(name, *place, value, resolution) for name, value in said.items() if not np.isnan(value)]
    frame = pd.DataFrame(rows, columns=list(STATED)).astype({"as_of": "datetime64[us]"})
    order = {name: number for number, name in enumerate((MODEL, *REFERENCES))}
    return frame.sort_values("forecaster", key=lambda names: names.map(order), kind="stable", ignore_index=True)


def scenario_table(snapshots: Sequence[Snapshot], judged: Judged) -> pd.DataFrame:
    """Return the probability of every scenario by (as_of, by, scenario), and whether it is the one that came."""
    rows, keys = [], []
    for one in snapshots:
        for said in one.scenarios:
            came = judged.scenario(date.fromisoformat(said["by"]))
            happened = np.nan if came is None else float(came == said["scenario"])
            rows.append({**{name: said[name] for name in FIGURES}, "happened": happened, "ok": one.ok})
            keys.append((pd.Timestamp(one.as_of), pd.Timestamp(said["by"]), said["scenario"]))
    return pd.DataFrame(rows, index=_index(keys, ("as_of", "by", "scenario")), columns=list(SCENARIOS))


def scenario_scores(scenarios: pd.DataFrame) -> pd.DataFrame:
    """Return the ranked probability score by (as_of, by) once it is known what came, scenarios in declared order."""
    rows: list[dict[str, Any]] = []
    keys = []
    for key, group in scenarios.groupby(level=["as_of", "by"], sort=False):
        row: dict[str, Any] = {"happened": "", "ranked_probability": np.nan, "ok": bool(group["ok"].all())}
        came = group["happened"].to_numpy()
        if not np.isnan(came).any():
            place = int(came.argmax())
            row["happened"] = group.index.get_level_values("scenario")[place]
            row["ranked_probability"] = float(ranked_probability_score(group["probability"], np.asarray(place)))
        rows.append(row)
        keys.append(key)
    return pd.DataFrame(rows, index=_index(keys, ("as_of", "by")), columns=list(SCENARIO_SCORES))


def passage_table(snapshots: Sequence[Snapshot], judged: Judged) -> pd.DataFrame:
    """Return the CRPS, in days, of when each outcome changes next, by (as_of, outcome)."""
    rows, keys = [], []
    for one in snapshots:
        for outcome, after in judged.next_changes(one.day):
            rows.append(_passage_row(one, outcome, after, (judged.last - one.day).days))
            keys.append((pd.Timestamp(one.as_of), outcome))
    return pd.DataFrame(rows, index=_index(keys, ("as_of", "outcome")), columns=list(PASSAGES))


def _passage_row(one: Snapshot, outcome: str, after: float, end: int) -> dict[str, Any]:
    mass = one.passages[outcome]
    score = np.nan
    if end > 0:
        days = [*range(1, len(mass)), np.inf]  # a day counts as its end; the last is never
        score = float(passage_score(days, after, float(end), mass))
    observed = after if np.isfinite(after) else np.nan
    return {"censored_after": max(end, 0), "observed_after": observed, "crps": score, "ok": one.ok}


def mean_lines(scores: pd.DataFrame, passages: pd.DataFrame) -> Iterator[str]:
    """Yield the mean scores of scenarios and of dates, with what they are means of and what that can show.

    Parameters
    ----------
    scores : DataFrame
        From `scenario_scores`.
    passages : DataFrame
        From `passage_table`.

    Yields
    ------
    str
        Lines; none if nothing is known yet.
    """
    known, dated = scores.dropna(subset="ranked_probability"), passages.dropna(subset="crps")
    if len(known):
        means = known["ranked_probability"].groupby(_leads(known, scores), sort=False).agg(["mean", "size"])
        said = "; ".join(f"{ahead} {row['mean']:.3f} (n = {row['size']:.0f})" for ahead, row in means.iterrows())
        yield f"Scenarios, mean ranked probability score, 0 is best: {said}."
    if len(dated):
        mean = f"{dated['crps'].mean():.1f} days (n = {len(dated)})"
        yield f"Day of each outcome's next change, mean continuous ranked probability score, 0 is best: {mean}."
    if len(known) or len(dated):
        yield (
            "What n shows: as-of dates near each other await the same days, and outcomes change together, so these "
            "means are known far worse than so many separate forecasts would make them; they have no interval."
        )


def _leads(known: pd.DataFrame, scores: pd.DataFrame) -> list[str]:
    """Return how far ahead each row of a table of scenario scores looks, in words."""
    horizon = scores.index.get_level_values("by").max()
    return ["at the horizon" if by == horizon else f"{(by - day).days} days ahead" for day, by in known.index]


def provenance_table(snapshots: Sequence[Snapshot]) -> pd.DataFrame:
    """Return where each day's forecast comes from, by ``as_of``."""
    rows = [{**one.provenance, "method": one.method, "converged": one.ok} for one in snapshots]
    index = pd.DatetimeIndex([one.as_of for one in snapshots], name="as_of")
    return pd.DataFrame(rows, index=index, columns=list(PROVENANCE))


def _index(keys: Sequence[tuple[Any, ...]], labels: tuple[str, ...]) -> pd.MultiIndex:
    columns: Iterator[list[Any]] = ([key[place] for key in keys] for place in range(len(labels)))
    return pd.MultiIndex.from_arrays(list(columns), names=list(labels))
