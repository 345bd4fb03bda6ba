"""The forecast: frozen draws and paths that answer questions."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from vzforecast import names
from vzforecast.case import Case
from vzforecast.convergence import UnconvergedWarning
from vzforecast.errors import DateError
from vzforecast.events import evaluate, evaluate_all, parse_event, parse_open_event
from vzforecast.forecast import shown, tables
from vzforecast.forecast.conditional import conditional_table, conditioned
from vzforecast.forecast.days import day_within, weekly
from vzforecast.forecast.defection import defection_table
from vzforecast.forecast.ess import LEAST_DRAWS
from vzforecast.forecast.origin import Origin
from vzforecast.forecast.parts import Parts
from vzforecast.forecast.passage import FirstPassage, first_passage
from vzforecast.forecast.probability import Probability, monte_carlo, parameter_probability, path_probability
from vzforecast.forecast.questions import question_table
from vzforecast.forecast.storage import write_parts
from vzforecast.forecast.weights import Weights
from vzforecast.inputs.dates import DateLike


@dataclass(frozen=True, eq=False, repr=False)
class Forecast(Parts):
    """Posterior scenario probabilities of one case, as of one day.

    Made by ``vzforecast.fit``, ``stack``, ``update`` or ``load_forecast``; it never changes. Every
    probability comes with the 90 % equal-tailed interval **over draws of the per-draw probability** (what we do not
    know about the parameters of the world; a 0/1 outcome's predictive interval is not it) and the Monte Carlo
    standard error.

    Attributes
    ----------
    case : Case
        The case, cut to what was known on the as-of date.
    posterior : xarray.DataTree
        Groups ``posterior`` (dims chain, draw and named dims) and ``sample_stats``.
    simulated : Paths
        Simulated transitions of every outcome from the as-of date to the horizon.
    diagnostics : ConvergenceReport
        The verdict on the fit.
    provenance : dict
        Case and priors digests, as-of date, seed, settings, versions, wall times.
    revision : Revision or None
        What was added since the case was read from files; None if nothing was.
    intervened : Intervened or None
        What was brought about in its future; None if nothing was, and it says what will be.
    averaged : Averaged or None
        The variants of the case that it averages, with their weights and scores; None if it is one fit.

    Examples
    --------
    >>> fc = fit(load_case())  # doctest: +SKIP
    >>> fc.probability("ever(sanctions = re_escalated) by 2025-06-30")  # doctest: +SKIP
    """

    def __repr__(self) -> str:
        return shown.in_a_line(self, self.scenarios_unchecked())

    def _repr_html_(self) -> str:
        return shown.as_page(self, self.scenarios_unchecked())

    def scenarios(self, by: DateLike | None = None) -> pd.DataFrame:
        """Return the probability of every scenario on a day.

        Parameters
        ----------
        by : date-like, optional
            The day whose states decide; the case's horizon by default.

        Returns
        -------
        DataFrame
            Index ``scenario``; columns ``probability``, ``lower``, ``upper``, ``mcse``. They sum to one.

        Raises
        ------
        DateError
            If the day is before the as-of date or after the horizon.

        Examples
        --------
        >>> fc.scenarios(by="2025-06-30")  # doctest: +SKIP
        """
        self._warn()
        return self.scenarios_unchecked(by)

    def scenarios_unchecked(self, by: DateLike | None = None) -> pd.DataFrame:
        """Return ``scenarios`` without the warning of a failed fit, for displays that carry the verdict themselves.

        Parameters
        ----------
        by : date-like, optional
            As in ``scenarios``.

        Returns
        -------
        DataFrame
            As in ``scenarios``.
        """
        day = self.horizon if by is None else self._day(by)
        return tables.scenario_table(self.case, self.simulated, day, self._estimate)

    def outcomes(self, by: Iterable[DateLike] | None = None) -> pd.DataFrame:
        """Return how likely each outcome is to be active by, and on, each deadline.

        Parameters
        ----------
        by : iterable of date-like, optional
            Deadlines; the case's own by default, those not yet past.

        Returns
        -------
        DataFrame
            Index ``(outcome, by)``; ``ever`` (active some time after the as-of date and by the deadline) and
            ``at`` (active on the day), each with ``_lower``, ``_upper``, ``_mcse``.

        Raises
        ------
        DateError
            If a deadline is not after the as-of date, or after the horizon.
        """
        self._warn()
        if by is None:
            days = tuple(day for day in self.case.spec.deadlines if day > self.as_of)
        else:
            days = tuple(day_within(day, self.as_of + timedelta(days=1), self.horizon) for day in by)
        return tables.outcome_table(self.simulated, days, self._estimate)

    def probability(self, event: str, given: str | None = None) -> Probability:
        r"""Return the probability of an event, by itself or given another.

        Parameters
        ----------
        event : str
            In the event language, e.g. ``"ever(chevron_licence = suspended) by 2025-06-01"``.
        given : str, optional
            What is taken to happen: :math:`P(A \mid B) = P(A \cap B) / P(B)`. A draw counts by its share of paths
            on which it does, so that the condition teaches about the parameters, too. This is what follows from
            learning it, not from bringing it about.

        Returns
        -------
        Probability
            Works as a float; has ``mean``, ``lower``, ``upper``, ``mcse``, ``draws``, ``ess``.

        Raises
        ------
        EventError
            If a text does not parse, names what the case does not have, or ``given`` happens on no path.

        Warns
        -----
        LowEvidenceWarning
            If ``given`` happens on few paths: fewer than 1,000 effective ones.
        """
        self._warn()
        asked = parse_event(event, self.vocabulary)
        if given is None:
            return self._estimate(evaluate(asked, self.simulated))
        condition = parse_event(given, self.vocabulary)
        happens = evaluate_all((asked, condition), self.simulated)
        return self._estimate(happens[asked], conditioned(self.weights, happens[condition], str(condition)))

    def given(self, outcome: str, by: DateLike | None = None, on: DateLike | None = None) -> pd.DataFrame:
        """Return the probability of every scenario given each state of an outcome.

        Parameters
        ----------
        outcome : str
            Its id.
        by : date-like, optional
            The day whose states decide the scenario; the case's horizon by default.
        on : date-like, optional
            The day on which the outcome is in the state; ``by`` by default.

        Returns
        -------
        DataFrame
            Index ``(state, scenario)``; columns ``probability``, ``lower``, ``upper``, ``mcse``, which are blank for
            a state that no path has on that day, and ``condition``, the probability of the state.

        Raises
        ------
        CaseError
            If the case has no such outcome.
        EventError
            If the outcome is recurrent: it is at rest on every day.
        DateError
            If a day is before the as-of date or after the horizon.

        Warns
        -----
        LowEvidenceWarning
            If a state holds on few paths: fewer than 1,000 effective ones.
        """
        self._warn()
        last = self.horizon if by is None else self._day(by)
        days = last if on is None else self._day(on), last
        declared = self.case.outcome(outcome).id
        return conditional_table(self.case, self.simulated, declared, days, self.weights, self._estimate)

    def curve(self, event: str, dates: Iterable[DateLike] | None = None) -> pd.DataFrame:
        """Return the probability of an event as its deadline moves.

        Parameters
        ----------
        event : str
            An event without its deadline, e.g. ``"ever(sanctions = re_escalated)"``.
        dates : iterable of date-like, optional
            Deadlines; every week to the horizon by default.

        Returns
        -------
        DataFrame
            Index ``date``; columns ``probability``, ``lower``, ``upper``, ``mcse``.

        Raises
        ------
        EventError
            If the text does not parse, or carries a deadline already.
        DateError
            If a date is before the as-of date or after the horizon.
        """
        self._warn()
        parsed = parse_open_event(event, self.vocabulary)
        days = weekly(self.as_of, self.horizon) if dates is None else [self._day(day) for day in dates]
        return tables.curve_table(parsed, days, self.simulated, self._estimate)

    def time_to(self, event: str) -> FirstPassage:
        """Return when an event is expected to come true.

        Parameters
        ----------
        event : str
            An event without its deadline that stays true once it is, e.g. ``"ever(sanctions = re_escalated)"``.

        Returns
        -------
        FirstPassage
            Days by which its probability reaches 5, 50 and 95 %, and the curve of not yet.

        Raises
        ------
        EventError
            If the text does not parse, carries a deadline already, or may become false again (``state``, ``not``).
        """
        self._warn()
        days = weekly(self.as_of, self.horizon)
        found = first_passage(event, self.vocabulary, self.simulated, days, self._estimate)
        return replace(found, origin=Origin.of(self))

    def questions(self, of: Case | None = None) -> pd.DataFrame:
        """Return every question of the case that is open on the as-of date, with its probability.

        Parameters
        ----------
        of : Case, optional
            The same case cut to a later day: the questions open then, by what this forecast knew.

        Returns
        -------
        DataFrame
            Index ``question``, by horizon; ``text``, ``event``, ``horizon``, ``probability``, ``lower``, ``upper``,
            ``mcse`` (blank where they cannot be given) and ``why_not``, which then says why.

        Raises
        ------
        DateError
            ``of`` is not cut to a day from the as-of date on.
        """
        self._warn()
        return self.questions_unchecked(of)

    def questions_unchecked(self, of: Case | None = None) -> pd.DataFrame:
        """Return ``questions`` without the warning of a failed fit, for tables that carry the verdict themselves.

        Parameters
        ----------
        of : Case, optional
            As in ``questions``.

        Returns
        -------
        DataFrame
            As in ``questions``.

        Raises
        ------
        DateError
            ``of`` is not cut to a day from the as-of date on.
        """
        case, day = (self.case, self.as_of) if of is None else (of, of.as_of)
        if day is None or day < self.as_of:
            raise DateError(f"questions of a case known on {day}: cut the case to {self.as_of} or later")
        return question_table(case, day, self.simulated, self._estimate)

    def influence(self) -> pd.DataFrame:
        """Return each faction's share of influence by month, up to the as-of date.

        Returns
        -------
        DataFrame
            Index ``(period, faction)``, period the first of the month; columns ``mean``, ``lower``, ``upper``: the
            chance that the next reference item of strength 2 favours the faction, over draws; ``mcse``, the Monte Carlo
            error of the mean.
        """
        self._warn()
        return tables.influence_table(self.draws, self.history, self.design, self.weights, self._error)

    @property
    def closeness_beats_office(self) -> Probability:
        """Posterior probability that closeness to the president counts for more than office; its prior is one half.

        A value near one half says that the data are silent.
        """
        self._warn()
        rho = self.posterior[names.POSTERIOR].to_dataset()["rho"]
        place = [str(score) for score in rho[names.SCORE].values].index
        office, proximity = (rho.values[..., place(score)] for score in names.SCORES)
        return parameter_probability(proximity > office, readings=self.readings, ok=self.ok, weights=self.weights)

    def defection(self) -> pd.DataFrame:
        """Return the record of broken promises, raw and partially pooled.

        Returns
        -------
        DataFrame
            Index ``(grouping, level)``, grouping named ``<process>.<grouping>``; columns ``n``, ``broken``,
            ``raw``, ``pooled`` (posterior mean), ``lower``, ``upper``: breaches per promise for one-off promises,
            breaches per month for flows; ``mcse``, the Monte Carlo error of ``pooled``; ``shrinkage``: how far pooling
            moved the raw rate towards what the class expects of the same promises, 0 not at all, 1 wholly (on the log
            scale; blank where the two hardly differ or nothing was broken), and ``shrinkage_mcse``. Lines
            ``<process>.outcome`` give the base rate an outcome takes from the record.
        """
        self._warn()
        return defection_table(self.draws, self.case, self.history, self.design, self.weights, self._error)

    def paths(self, dates: Iterable[DateLike]) -> xr.DataArray:
        """Return the simulated states at the end of some days.

        Parameters
        ----------
        dates : iterable of date-like
            Days from the case's origin to its horizon; past days come from the record.

        Returns
        -------
        xarray.DataArray
            Dims (draw, path, date, outcome), int8: 0 at rest, 1 active; the names of the states are in ``attrs``. The
            coordinate ``weight`` (draw, path) says how much each path counts; it sums to one and is even unless the
            forecast was updated or averages variants: ``states.weighted(states.weight).mean(("draw", "path"))``.
        """
        self._warn()
        days = [day_within(day, self.case.spec.origin, self.horizon) for day in dates]
        return tables.state_array(self.case, self.simulated, days, self.weights)

    def save(self, path: str | Path) -> Path:
        """Write the forecast to one netCDF file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Where to; an existing file is replaced.

        Returns
        -------
        Path
            The file written.
        """
        return write_parts(self, Path(path))

    def _estimate(self, happened: NDArray[np.bool_], weights: Weights | None = None) -> Probability:
        weights = weights or self.weights
        return path_probability(happened, self.chains, readings=self.readings, ok=self.ok, weights=weights)

    def _error(self, values: NDArray[np.float64]) -> float:
        """Return the Monte Carlo error of a mean over draws; blank for chains too short to have one."""
        if values.size // self.chains < LEAST_DRAWS:
            return float("nan")
        return monte_carlo(values, self.weights, (self.readings, self.chains // self.readings))[0]

    def _day(self, day: DateLike) -> date:
        return day_within(day, self.as_of, self.horizon)

    def _warn(self) -> None:
        if not self.ok:
            message = f"this forecast comes from a failed fit, do not use its numbers: {self.diagnostics.text}"
            warnings.warn(message, UnconvergedWarning, stacklevel=3)
