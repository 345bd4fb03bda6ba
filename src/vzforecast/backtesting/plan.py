"""What a backtest is asked to do, fixed before anything is fitted: days, cuts, questions, settings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

from vzforecast.cache import PRINTING, code_digest, versions
from vzforecast.case import Case
from vzforecast.errors import BacktestError, DateError
from vzforecast.history import NoPlaceError, Places
from vzforecast.history.levels import levels_of, signal_kinds
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.inputs.wording import choices
from vzforecast.settings import SamplerSettings, Strategy

FORMAT: Final = "vzforecast backtest 1"
_DECIDING: Final = {"backtesting", "stacking"}  # they change no fit, but what is said on a day


@dataclass(frozen=True, eq=False)
class Plan:
    """A backtest before its first fit.

    Attributes
    ----------
    label : str
        What the case is called, terms left out included.
    cuts : tuple of Case
        The case as known on each day, in the order of the days. A forecaster gets these and never the whole case.
    strategy : {"refit", "update", "none"}
        How each day's forecast comes about.
    settings : SamplerSettings
        Of every fit.
    seed : int
        Of every fit.
    questions : tuple of str or None
        Ids of the questions to price; None for all.
    leads : tuple of int
        Days after each as-of date on which scenarios are asked, beside the horizon.
    average : bool
        Whether each day's forecast is the average of variants, as from ``vzforecast.stack``.
    """

    label: str
    cuts: tuple[Case, ...]
    strategy: Strategy
    settings: SamplerSettings
    seed: int
    questions: tuple[str, ...] | None
    leads: tuple[int, ...]
    average: bool = False

    @property
    def days(self) -> tuple[date, ...]:
        """The as-of dates, in order."""
        return tuple(day_of(known) for known in self.cuts)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that decides the rows, as plain values by name."""
        return {
            "format": FORMAT,
            "case": self.label,
            "known": {str(day_of(known)): known.digest for known in self.cuts},
            "strategy": self.strategy,
            "settings": self.settings.as_dict(),
            "seed": self.seed,
            "questions": None if self.questions is None else list(self.questions),
            "leads": list(self.leads),
            "average": self.average,
            "versions": versions(),
            "code": code_digest(PRINTING - _DECIDING),
        }

    def places(self) -> list[Places | None]:
        """Return, for each day, whose labels its draws have; None for its own.

        All days share the labels of the first, so that one compiled model serves them; from a day on whose new members
        find no place in these, they share its own. Days, not workers, decide, so that a day's rows are the same
        whoever fits it.
        """
        shared: Places | None = None
        found: list[Places | None] = []
        for known in self.cuts:
            if shared is not None and _has_room(known, shared):
                found.append(shared)
            else:
                shared = Places(tuple(levels_of(known)["level"]), signal_kinds(known))
                found.append(None)
        return found


def make_plan(
    case: Case,
    as_of: Iterable[DateLike],
    questions: Iterable[str] | None,
    strategy: str,
    how: tuple[SamplerSettings, int],
    leads: Iterable[int],
    *,
    average: bool = False,
) -> Plan:
    """Check what is asked and cut the case to every day.

    Raises
    ------
    DateError
        No day, one given twice, or one on which the case cannot be asked.
    BacktestError
        A question that the case does not have, an unknown strategy, or leads that are no whole numbers above 0.
    """
    days = _checked_days(as_of)
    if strategy not in get_args(Strategy):
        raise BacktestError(f"strategy is {strategy!r}; {choices(str(strategy), get_args(Strategy))}")
    cuts = tuple(case.known_on(day) for day in days)
    asked = None if questions is None else _checked_questions(case, questions)
    chosen: Strategy = strategy  # type: ignore[assignment]  # one of them, as just checked
    label = f"{case.spec.label}, average of variants" if average else case.spec.label
    return Plan(label, cuts, chosen, *how, asked, _checked_leads(leads), average)


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Return in words where two plans, as plain values, differ."""
    found = []
    for name, own in ours.items():
        other = theirs.get(name)
        if own == other:
            continue
        if name == "known" and isinstance(other, dict):
            found += _other_cuts(own, other)
        elif name == "code":
            found.append("the code of vzforecast is another")
        else:
            found.append(f"{name}: {other} there, {own} now")
    return found


def day_of(known: Case) -> date:
    """Return the day to which a case was cut."""
    if known.as_of is None:
        raise ValueError("the case is not cut to a day")
    return known.as_of


def _other_cuts(ours: Mapping[str, str], theirs: Mapping[str, str]) -> list[str]:
    if list(ours) != list(theirs):
        return [f"as-of dates: {', '.join(theirs)} there, {', '.join(ours)} now"]
    changed = [day for day, digest in ours.items() if theirs[day] != digest]
    return [f"the case as known on {', '.join(changed)}"]


def _has_room(known: Case, places: Places) -> bool:
    try:
        levels_of(known, places)
        signal_kinds(known, places)
    except NoPlaceError:
        return False
    return True


def _checked_days(as_of: Iterable[DateLike]) -> list[date]:
    if isinstance(as_of, str):
        raise DateError(f"as_of is the text {as_of!r}; give a list of days")
    days = [as_day(day, "as-of date") for day in as_of]
    if not days:
        raise DateError("as_of has no day; give one at least")
    if twice := {str(day) for day in days if days.count(day) > 1}:
        raise DateError(f"as_of has {', '.join(sorted(twice))} more than once; give each day once")
    return sorted(days)


def _checked_questions(case: Case, questions: Iterable[str]) -> tuple[str, ...]:
    if isinstance(questions, str):
        raise BacktestError(f"questions is the text {questions!r}; give a list of ids")
    asked, valid = tuple(dict.fromkeys(questions)), list(case.tables["questions"]["question_id"])
    for name in asked:
        if name not in valid:
            listed = f"its questions are {', '.join(valid) or 'none'}"
            raise BacktestError(f"questions: the case has no question {name!r}; {listed}")
    return tuple(name for name in valid if name in asked)  # their order decides nothing


def _checked_leads(leads: Iterable[int]) -> tuple[int, ...]:
    days: Sequence[object] = list(leads)
    for lead in days:
        if not isinstance(lead, int) or isinstance(lead, bool) or lead < 1:
            raise BacktestError(f"leads has {lead!r}; give whole numbers of days from 1")
    return tuple(sorted({lead for lead in days if isinstance(lead, int)}))
