"""A finished backtest: its tables, its scores, and what they rest on."""

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Self

import pandas as pd

from vzforecast.backtesting import tables
from vzforecast.backtesting.judged import Judged
from vzforecast.backtesting.plan import Plan
from vzforecast.backtesting.snapshot import Snapshot
from vzforecast.errors import BacktestError
from vzforecast.scoring.scores import score
from vzforecast.scoring.skills import skill
from vzforecast.scoring.tables import WIDTH, Scores, Skill
from vzforecast.scoring.wording import counted
from vzforecast.told import Told
from vzforecast.whole_file import whole_file


@dataclass(frozen=True, eq=False, repr=False)
class BacktestResult(Told):
    """What was said on past days, and how it turned out.

    Attributes
    ----------
    label : str
        The case, terms left out included.
    strategy : {"refit", "update", "none"}
        How each day's forecast came about.
    scored_on : date
        Up to the end of this day it counts what happened.
    table : DataFrame
        Index ``(question, as_of)``. ``horizon``, ``days_left``, ``event``; ``probability``, ``lower``, ``upper``,
        ``mcse`` (blank where ``why_not`` says why); ``resolution`` on record (1, 0, blank); ``scored``, or
        ``why_not_scored``; ``brier`` (one-sided) and ``log_score`` (nats) of what is scored; ``method`` (``fit``,
        ``refit``, ``move``, ``reweight``, ``none``), ``khat``, ``ess``, ``ok`` (whether its draws passed their
        diagnostics); ``cutoff`` (the as-of date once more), ``fit_time`` and ``pred_time`` (wall seconds of the day's
        forecast and of all its answers), as sktime's ``evaluate`` has them.
    stated : DataFrame
        What ``vzforecast.score`` takes: ``forecaster``, ``question``, ``as_of``, ``probability``, ``resolution`` (blank
        while not to be scored), for the ``model`` and its references ``base_rate``, ``persistence``, ``market``.
    scenarios : DataFrame
        Index ``(as_of, by, scenario)``; ``probability``, ``lower``, ``upper``, ``mcse``, ``happened`` (1, 0, blank
        while unknown), ``ok``.
    scenario_scores : DataFrame
        Index ``(as_of, by)``; the scenario that ``happened``, and the ``ranked_probability`` score (not divided by the
        number of scenarios less one; scenarios in the order of the case); ``ok``.
    passages : DataFrame
        Index ``(as_of, outcome)``; the continuous ranked probability score ``crps`` (days) of when the outcome changes
        next, known up to ``censored_after`` days; ``observed_after`` days it did (blank: not by then); ``ok``.
    provenance : DataFrame
        By ``as_of``: ``fitted`` (as-of date of the draws), ``method``, ``why``, ``seed``, ``settings``, ``versions``,
        ``case_digest``, ``priors_digest``, ``seconds``, ``converged``, ``diagnostics``, ``weights`` (of the members of
        an average; blank without).

    Examples
    --------
    >>> backtest(case, ["2025-02-05", "2025-02-19"]).scores  # doctest: +SKIP
    """

    label: str
    strategy: str
    scored_on: date
    table: pd.DataFrame
    stated: pd.DataFrame
    scenarios: pd.DataFrame
    scenario_scores: pd.DataFrame
    passages: pd.DataFrame
    provenance: pd.DataFrame

    @classmethod
    def of(cls, plan: Plan, snapshots: list[Snapshot], judged: Judged) -> Self:
        """Judge what was said on each day of a plan.

        Parameters
        ----------
        plan : Plan
            What was asked.
        snapshots : list of Snapshot
            What was said, by day.
        judged : Judged
            What happened.

        Returns
        -------
        BacktestResult
            With all tables.
        """
        table, scenarios = tables.question_table(snapshots, judged), tables.scenario_table(snapshots, judged)
        return cls(
            plan.label,
            plan.strategy,
            judged.scored_on,
            table,
            tables.stated_table(snapshots, table),
            scenarios,
            tables.scenario_scores(scenarios),
            tables.passage_table(snapshots, judged),
            tables.provenance_table(snapshots),
        )

    @cached_property
    def scores(self) -> Scores:
        """The scores of the model and its references, as from ``vzforecast.score``; fits that failed are in them."""
        return score(self.stated)

    @cached_property
    def skill(self) -> Skill:
        """The model against each reference on what both were asked, as from ``vzforecast.skill``."""
        there = set(self.stated["forecaster"])
        found = skill(self.stated, [name for name in tables.REFERENCES if name in there])
        own = found.loc[[tables.MODEL]]
        result = Skill(own)
        result.attrs = found.attrs
        return result

    def joined(self, others: Mapping[str, "BacktestResult"]) -> pd.DataFrame:
        """Return what is stated here and what others' models state of the same, each under a name.

        Parameters
        ----------
        others : mapping of str to BacktestResult
            By the name that its model is to have as a forecaster.

        Returns
        -------
        DataFrame
            As ``stated``, with the rows of others whose question and as-of date are here, too; resolutions are those
            here.

        Raises
        ------
        BacktestError
            A name is taken.

        Examples
        --------
        >>> skill(full.joined({"no coupling": simpler}), "no coupling")  # doctest: +SKIP
        """
        keys = ["question", "as_of"]
        own = self.stated.loc[self.stated["forecaster"] == tables.MODEL, [*keys, "resolution"]]
        parts = [self.stated]
        for name, other in others.items():
            if name in {tables.MODEL, *tables.REFERENCES}:
                raise BacktestError(f"joined: {name!r} is a forecaster of this backtest already; choose another name")
            said = other.stated.loc[other.stated["forecaster"] == tables.MODEL, [*keys, "probability"]]
            parts.append(said.merge(own, on=keys).assign(forecaster=name)[list(tables.STATED)])
        return pd.concat(parts, ignore_index=True)

    @property
    def failed(self) -> tuple[date, ...]:
        """As-of dates whose fit failed its diagnostics; their rows are kept, and marked."""
        return tuple(day.date() for day in self.provenance.index[~self.provenance["converged"].astype(bool)])

    @property
    def ok(self) -> bool:
        """Whether every fit passed its diagnostics."""
        return not self.failed

    @property
    def text(self) -> str:
        """What was replayed, how much of it can be scored, and the scores of questions, scenarios and dates."""
        if self.stated.empty:
            return "\n".join([*self._head(), "No question has a probability, so there is nothing to score."])
        return "\n".join([*self._head(), "", self.scores.text, *self._skill_lines(), *self._mean_lines()])

    def _tables(self) -> dict[str, pd.DataFrame]:
        return {"Questions": self.table, "As-of dates": self.provenance}

    def _head(self) -> list[str]:
        days, asked = self.provenance.index, self.table.index.get_level_values("question")
        priced, scored = int((self.table["why_not"] == "").sum()), self.table.loc[self.table["scored"]]
        dates = f"{counted(len(days), 'as-of date')} from {days[0].date()} to {days[-1].date()}"
        resolved = scored.index.get_level_values("question").nunique()
        rows = f"{counted(len(self.table), 'row')} of {counted(asked.nunique(), 'question')}"
        lines = [
            f"Backtest of {self.label}, strategy {self.strategy}: {dates}.",
            f"{rows}, {priced} with a probability.",
            f"Scored: {len(scored)} of {counted(resolved, 'question')} whose horizon had passed by {self.scored_on}.",
        ]
        if self.failed:
            failed = ", ".join(map(str, self.failed))
            lines.append(f"FAILED FITS, whose rows are in the scores: {len(self.failed)} of {len(days)} ({failed}).")
        return lines

    def _skill_lines(self) -> list[str]:
        silent = "market" not in set(self.stated["forecaster"])
        note = ["No quote in markets.csv is about one of these questions, so no market is among the forecasters."]
        return [*(note if silent else []), "", "The model against its references:", "", self.skill.text]

    def _mean_lines(self) -> list[str]:
        means = tables.mean_lines(self.scenario_scores, self.passages)
        found = [textwrap.fill(line, WIDTH, subsequent_indent="  ") for line in means]
        return ["", "Beyond questions:", "", *found] if found else []

    def __repr__(self) -> str:
        return "\n".join(self._head())

    def save(self, folder: str | Path) -> list[Path]:
        """Write every table as CSV.

        Parameters
        ----------
        folder : str or Path
            An existing folder; files of these names are replaced.

        Returns
        -------
        list of Path
            ``table.csv``, ``stated.csv``, ``scenarios.csv``, ``scenario_scores.csv``, ``passages.csv``,
            ``provenance.csv``, ``scores.csv``, ``skill.csv``.

        Raises
        ------
        OSError
            A file cannot be written.
        """
        judged = () if self.stated.empty else ("scores", "skill")
        names = ("table", "scenarios", "scenario_scores", "passages", "provenance", *judged)
        frames = {name: getattr(self, name).reset_index() for name in names} | {"stated": self.stated}
        written = []
        for name, frame in frames.items():
            with whole_file(Path(folder) / f"{name}.csv") as temporary:
                temporary.write_text(frame.to_csv(index=False, lineterminator="\n"), encoding="utf-8", newline="")
            written.append(Path(folder) / f"{name}.csv")
        return written
