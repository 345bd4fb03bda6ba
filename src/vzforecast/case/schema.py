"""What case.toml declares, as pydantic models: shapes, types and code lists, nothing that spans two entries.

Rules that relate one entry to another live in `vzforecast.case.checks`, so that all of them can be reported at once.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from vzforecast.case.processes import Processes
from vzforecast.events import Vocabulary
from vzforecast.inputs.declared import CaseName, Declared, Identifier, Positive, Several, Share, Table, Text
from vzforecast.inputs.frozen import FrozenMapping
from vzforecast.names import ONSET, RECOVERY, TERMS, TRANSITIONS


class Administration(Declared):
    """A government whose decisions share an effect; it ends, exclusively, on its `end`."""

    id: Identifier
    president: Identifier
    start: dt.date
    end: dt.date | None = None


class Faction(Declared):
    """A camp that competes for influence."""

    id: Identifier
    label: Text
    description: Text


class Hazard(Declared):
    """Where the base rate of an onset or recovery comes from.

    Attributes
    ----------
    process : str
        The reference class.
    members : mapping
        Grouping -> the member of it that the outcome stands for.
    covariates : mapping
        Covariate -> its code, as in the commitments table.
    """

    process: Identifier
    members: Table[str, Text] = FrozenMapping({})
    covariates: Table[str, int | str] = FrozenMapping({})


class Outcome(Declared):
    """A two-state process: `states` holds the state of rest, then the active one.

    A recurrent one is an event that can happen again and again: it is active on an instant and back at rest with it,
    so it has an onset and no recovery, and what can be asked is how often and when.
    """

    id: Identifier
    label: Text
    definition: Text
    states: Annotated[tuple[Identifier, Identifier], Field(strict=False)]
    active_is: Literal["worsening", "easing"]
    start: dt.date
    state_at_start: Identifier
    recurrent: bool = False
    onset: Hazard
    recovery: Hazard | None = None

    @property
    def rest(self) -> str:
        """The state of rest."""
        return self.states[0]

    @property
    def active(self) -> str:
        """The active state."""
        return self.states[1]

    @property
    def transitions(self) -> tuple[str, ...]:
        """What can happen to it: onset and recovery, or the onset alone if it is recurrent."""
        return (ONSET,) if self.recurrent else TRANSITIONS

    @property
    def hazards(self) -> Mapping[str, Hazard]:
        """The hazard of each of its transitions."""
        declared = {ONSET: self.onset, RECOVERY: self.recovery}
        return {name: hazard for name in self.transitions if (hazard := declared[name]) is not None}


class Partial(Declared):
    """How a promise kept late or in part counts."""

    commitments: Literal["as_broken", "as_kept", "half"]


class News(Declared):
    """How news is read: signals of the reference kind have weight 1."""

    reference_kind: Text


class Tension(Declared):
    """Half-life of the tone of the news, in months."""

    half_life_months: Positive


class Coupling(Declared):
    """How the effect of a fresh transition on other outcomes fades, and the share of it that stays.

    Attributes
    ----------
    half_life_months : float
        Months after which half of the fading part is gone.
    lasting_share : float
        Share that never fades.
    ends_with_answer : bool
        Whether the fading part is gone at once when the outcome it acts on has made the change in question since.
    """

    half_life_months: Positive
    lasting_share: Share
    ends_with_answer: bool = False


class Scheduled(Declared):
    """How the dates of the schedule bear on the rates.

    Attributes
    ----------
    process : str
        The class of licences whose dated decisions teach how far decisions gather before a known end.
    kinds : mapping of str to {"onset", "recovery", "none"}
        Each kind of date, and the hazard of its outcome that it ends a term of; none for one that is only listed.
    """

    process: Identifier
    kinds: Table[Identifier, Literal["onset", "recovery", "none"]] = FrozenMapping({})


def _in_order(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Return each term once, in the order of the list of terms: what is left out does not depend on how it is said."""
    return tuple(term for term in TERMS if term in terms)


class Variant(Declared):
    """Which terms the model does without; if none, it is the full model.

    Attributes
    ----------
    without : tuple of {"coupling", "influence", "tone", "defection", "schedule"}
        Each once, in this order.
    """

    without: Annotated[
        Several[Literal["coupling", "influence", "tone", "defection", "schedule"]], AfterValidator(_in_order)
    ] = ()

    def __str__(self) -> str:
        return f"without {', '.join(self.without)}" if self.without else ""


class SpareLevels(Declared):
    """Members kept free in each grouping and among signal kinds, so that a compiled model can take new ones."""

    level: Annotated[int, Field(ge=0)]
    signal_kind: Annotated[int, Field(ge=0)]


class Scenario(Declared):
    """States that must hold at the horizon; the remainder holds whatever matched nothing before it."""

    id: Identifier
    label: Text
    description: str = ""
    when: Table[str, str] = FrozenMapping({})
    remainder: bool = False


class Headline(Declared):
    """What the summary of a forecast shows of the record of promises, beside the record as a whole.

    Attributes
    ----------
    process, grouping, level : str
        One line of the record: a process of commitments, one of its groupings, a member of it.
    leave_out : str
        The agreement without which the forecast is fitted a second time.
    scenario : str
        The scenario whose probability is compared between the two fits.
    """

    process: Identifier
    grouping: Identifier
    level: Text
    leave_out: Text
    scenario: Identifier


class Source(Declared):
    """A work cited by key."""

    id: Identifier
    title: Text
    url: str = ""


class CaseSpec(Declared):
    """All of case.toml.

    Attributes
    ----------
    origin, horizon : datetime.date
        First and last day that the latent process covers.
    default_as_of : datetime.date
        The forecast origin when none is given.
    deadlines : tuple of datetime.date
        Dates of the outcome table.
    events : mapping of str to str
        Events that have a name, each with its text in the event language.
    scheduled : Scheduled or None
        How the dates of the schedule bear on the rates; without it, not at all, and there are none.
    headline : Headline or None
        What the summary shows of the record of promises; without it, the record as a whole.
    variant : Variant
        Which terms the model does without; all are in by default.
    """

    name: CaseName
    title: Text
    description: Text
    origin: dt.date
    horizon: dt.date
    default_as_of: dt.date
    deadlines: Several[dt.date]
    administrations: Several[Administration]
    factions: Several[Faction]
    outcomes: Several[Outcome]
    processes: Processes
    partial: Partial
    news: News
    tension: Tension
    coupling: Coupling
    scheduled: Scheduled | None = None
    spare_levels: SpareLevels
    scenarios: Several[Scenario]
    events: Table[Identifier, Text] = FrozenMapping({})
    headline: Headline | None = None
    variant: Variant = Variant()
    sources: Several[Source] = ()

    @property
    def label(self) -> str:
        """Its name, and what a variant of the model does without."""
        return f"{self.name} {self.variant}" if self.variant.without else self.name

    @property
    def vocabulary(self) -> Vocabulary:
        """The names and dates that an event may use."""
        states = {outcome.id: outcome.states for outcome in self.outcomes}
        starts = {outcome.id: outcome.start for outcome in self.outcomes}
        recurrent = frozenset(outcome.id for outcome in self.outcomes if outcome.recurrent)
        return Vocabulary(states, self.origin, self.horizon, starts, self.events, recurrent)
