"""Reference classes: what each reads, by the table that its rows come from."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from vzforecast.inputs.declared import Declared, Identifier, Several
from vzforecast.inputs.frozen import FrozenMapping


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
    """Published counts of events and exposure; levels may be of groups, as spells are of countries."""

    table: Literal["counts"]
    groupings: Several[Literal["level", "group"]] = ()
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


Processes = Annotated[
    Mapping[Identifier, Annotated[Process, Field(discriminator="table")]],
    AfterValidator(_own_family),
    PlainSerializer(dict),
]
