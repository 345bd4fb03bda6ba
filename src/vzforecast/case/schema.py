"""What case.toml declares, as pydantic models: shapes, types and code lists, nothing that spans two entries.

Rules that relate one entry to another live in `vzforecast.case.checks`, so that all of them can be reported at once.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer, StringConstraints

from vzforecast.case.frozen import FrozenMapping

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
CaseName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1)]

# TOML arrays arrive as lists; only the container is converted, its items stay strict.
type Several[T] = Annotated[tuple[T, ...], Field(strict=False)]
type Table[K, V] = Annotated[Mapping[K, V], AfterValidator(FrozenMapping), PlainSerializer(dict)]

GROUPINGS_OF_TABLE: Mapping[str, tuple[str, ...]] = FrozenMapping(
    {
        "commitments": ("kind", "agreement"),
        "licences": ("series", "administration"),
        "actions": ("president", "administration"),
        "counts": ("level",),
        "none": (),
    }
)


class Declared(BaseModel):
    """Base of every declaration: unknown keys refused, no conversion between types, frozen."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


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
    """A two-state process: `states` holds the state of rest, then the active one."""

    id: Identifier
    label: Text
    definition: Text
    states: Annotated[tuple[Identifier, Identifier], Field(strict=False)]
    active_is: Literal["worsening", "easing"]
    start: dt.date
    state_at_start: Identifier
    onset: Hazard
    recovery: Hazard

    @property
    def rest(self) -> str:
        """The state of rest."""
        return self.states[0]

    @property
    def active(self) -> str:
        """The active state."""
        return self.states[1]


class _Process(Declared):
    """What every reference class has; `family` is its own id unless it shares effects with others."""

    family: Identifier = ""
    unit: Literal["per month", "per promise"]


class CommitmentsProcess(_Process):
    """Promises of one form: delivered or not (one_off), or a continuing duty (flow)."""

    table: Literal["commitments"]
    form: Literal["one_off", "flow"]
    groupings: Several[Literal["kind", "agreement"]]
    covariates: Several[Literal["regime_threat", "relief_at_stake"]] = ()


class LicencesProcess(_Process):
    """Terms of recurring licences."""

    table: Literal["licences"]
    groupings: Several[Literal["series", "administration"]]
    covariates: Annotated[tuple[()], Field(strict=False)] = ()


class ActionsProcess(_Process):
    """Steps of one direction, of the severity named, in an administration's months.

    Attributes
    ----------
    min_severity : int
        Least severity that counts.
    sectoral : bool
        If true an action of less than severity 3 counts only if it is sectoral.
    count : {"steps", "first_steps"}
        Every action, or each administration's first, with which its exposure ends.
    since : datetime.date
        First day that the table covers.
    """

    table: Literal["actions"]
    direction: Literal["tighten", "ease"]
    min_severity: Annotated[int, Field(ge=1, le=3)]
    sectoral: bool
    count: Literal["steps", "first_steps"]
    since: dt.date
    groupings: Several[Literal["president", "administration"]]
    covariates: Annotated[tuple[()], Field(strict=False)] = ()


class CountsProcess(_Process):
    """Published counts of events and exposure."""

    table: Literal["counts"]
    groupings: Several[Literal["level"]] = ()
    covariates: Annotated[tuple[()], Field(strict=False)] = ()


class PriorOnlyProcess(_Process):
    """No reference rows: a prior and the outcome's own history."""

    table: Literal["none"]
    groupings: Annotated[tuple[()], Field(strict=False)] = ()
    covariates: Annotated[tuple[()], Field(strict=False)] = ()


Process = CommitmentsProcess | LicencesProcess | ActionsProcess | CountsProcess | PriorOnlyProcess


def _own_family(processes: Mapping[str, Process]) -> Mapping[str, Process]:
    """Fill in the default family, which a process alone cannot know: its own id."""
    return FrozenMapping(
        {name: p if p.family else p.model_copy(update={"family": name}) for name, p in processes.items()}
    )


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
    """How the effect of a fresh transition on other outcomes fades, and the share of it that stays."""

    half_life_months: Positive
    lasting_share: Share


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
    """

    name: CaseName
    title: Text
    description: Text
    origin: dt.date
    horizon: dt.date
    default_as_of: dt.date
    deadlines: Annotated[tuple[dt.date, ...], Field(strict=False, min_length=1)]
    administrations: Annotated[tuple[Administration, ...], Field(strict=False, min_length=1)]
    factions: Annotated[tuple[Faction, ...], Field(strict=False, min_length=2)]
    outcomes: Annotated[tuple[Outcome, ...], Field(strict=False, min_length=1)]
    processes: Annotated[
        Mapping[Identifier, Annotated[Process, Field(discriminator="table")]],
        AfterValidator(_own_family),
        PlainSerializer(dict),
    ]
    partial: Partial
    news: News
    tension: Tension
    coupling: Coupling
    spare_levels: SpareLevels
    scenarios: Annotated[tuple[Scenario, ...], Field(strict=False, min_length=1)]
    sources: Several[Source] = ()
