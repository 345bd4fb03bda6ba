"""A case: what is asked and what is known, frozen."""

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import get_args

import pandas as pd

from vzforecast.case.asof import check_as_of, cut_tables
from vzforecast.case.checks.parts import Parts
from vzforecast.case.payload import payload_digest, priors_digest, read_payload, write_payload
from vzforecast.case.schema import CaseSpec, Outcome, Partial
from vzforecast.case.structure import CENTRED, is_centred
from vzforecast.case.validate import find_faults
from vzforecast.errors import CaseError, Fault, PriorError
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.inputs.frozen import FrozenMapping, Tables
from vzforecast.inputs.wording import choices, meant
from vzforecast.priors import PriorSpec


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """What is asked, declared and known; every change gives a new case.

    Attributes
    ----------
    spec : CaseSpec
        The declarations of case.toml.
    prior_specs : mapping of str to PriorSpec
        Every prior by its dotted id.
    tables : mapping of str to pandas.DataFrame
        The CSV tables: dates as datetime64 with NaT, numbers with NaN only where a cell may be blank, text with "".
        Rows keep the order of the file and carry its line numbers as index; each look-up gives a copy.
    folder : pathlib.Path or None
        Where it was read from.
    as_of : datetime.date or None
        The day it was cut to, if it was.

    See Also
    --------
    vzforecast.case.load_case : Read one from its files.

    Examples
    --------
    >>> from vzforecast.case import load_case
    >>> case = load_case()
    >>> case.known_on("2025-02-05").as_of
    datetime.date(2025, 2, 5)
    """

    spec: CaseSpec
    prior_specs: Mapping[str, PriorSpec]
    tables: Mapping[str, pd.DataFrame]
    folder: Path | None = None
    as_of: dt.date | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.prior_specs, FrozenMapping):
            object.__setattr__(self, "prior_specs", FrozenMapping(self.prior_specs))
        if not isinstance(self.tables, Tables):
            object.__setattr__(self, "tables", Tables(self.tables))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        known = f", known on {self.as_of}" if self.as_of else ""
        return (
            f"<Case {self.spec.name}: {len(self.spec.outcomes)} outcomes, {len(self.spec.scenarios)} scenarios, "
            f"{self.spec.origin} to {self.spec.horizon}{known}, digest {self.digest[:12]}>"
        )

    @property
    def priors(self) -> pd.DataFrame:
        """Every prior: distribution, 90 % interval, unit, rationale, source, by id."""
        rows = {
            prior_id: (spec.distribution, *spec.interval90, spec.unit, spec.rationale, spec.source)
            for prior_id, spec in self.prior_specs.items()
        }
        columns = ["distribution", "lower", "upper", "unit", "rationale", "source"]
        return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("prior")

    @cached_property
    def digest(self) -> str:
        """Digest of everything the case says, whatever the format of its files; row order counts."""
        return payload_digest(self.to_payload())

    @cached_property
    def priors_digest(self) -> str:
        """Digest of the distributions of all priors, their reasons apart."""
        return priors_digest(self.prior_specs)

    def outcome(self, outcome_id: str) -> Outcome:
        """Return an outcome by id.

        Parameters
        ----------
        outcome_id : str
            Its id.

        Returns
        -------
        Outcome
            The declaration.

        Raises
        ------
        CaseError
            The case has no such outcome.
        """
        for outcome in self.spec.outcomes:
            if outcome.id == outcome_id:
                return outcome
        raise _unknown("case.toml", "outcomes", outcome_id, [outcome.id for outcome in self.spec.outcomes])

    def validate(self) -> None:
        """Check the declarations, priors and tables against each other.

        Raises
        ------
        CaseError
            Something contradicts something else; `faults` lists all of it.
        """
        parts = Parts(self.spec, self.prior_specs, self.tables, frozenset(self.tables), whole=self.as_of is None)
        if faults := find_faults(parts):
            raise CaseError(faults)

    def known_on(self, as_of: DateLike) -> "Case":
        """Cut the case to what was known at the end of a day.

        Parameters
        ----------
        as_of : str, datetime.date or pandas.Timestamp
            The day.

        Returns
        -------
        Case
            The same case without anything learnt later, its rows numbered from 0.

        Raises
        ------
        DateError
            Not an ISO day, before the origin or an outcome's start, after the horizon, or after an earlier cut.
        """
        day = as_day(as_of, "as-of date")
        check_as_of(self.spec, day, self.as_of)
        return dataclasses.replace(self, tables=cut_tables(self.tables, day), as_of=day)

    def with_prior(self, prior_id: str, prior: str | PriorSpec) -> "Case":
        """Replace one prior.

        Parameters
        ----------
        prior_id : str
            Its dotted id.
        prior : str or PriorSpec
            A 90 % interval such as ``"0.2 to 1.2"``, which keeps family and reasons, or a prior of the same family.

        Returns
        -------
        Case
            The case with that prior.

        Raises
        ------
        PriorError
            The case has no such prior, or the value does not suit it.
        """
        old = self.prior_specs.get(prior_id)
        if old is None:
            hint = f"{meant(prior_id, self.prior_specs)}case.priors lists all of them"
            raise PriorError(f"the case has no prior {prior_id!r}; {hint}")
        try:
            new = PriorSpec.parse(prior, like=old) if isinstance(prior, str) else prior
        except PriorError as error:
            raise PriorError(f"{prior_id}: {error}") from None
        if new.distribution != old.distribution:
            raise PriorError(f"{prior_id}: the model needs a {old.distribution} prior, got {new.distribution}")
        if prior_id in CENTRED and not is_centred(new):
            raise PriorError(f"{prior_id}: must have mean 0, got {new.mu:g}; give an interval symmetric about 0")
        return dataclasses.replace(self, prior_specs=FrozenMapping({**self.prior_specs, prior_id: new}))

    def without_agreement(self, agreement_id: str) -> "Case":
        """Leave out what one agreement's commitments teach; the agreement itself stays known.

        Parameters
        ----------
        agreement_id : str
            The agreement.

        Returns
        -------
        Case
            The case without those commitments.

        Raises
        ------
        CaseError
            The case has no such agreement.
        """
        known = list(self.tables["agreements"]["agreement_id"])
        if agreement_id not in known:
            raise _unknown("agreements.csv", "column agreement_id", agreement_id, known)
        commitments = self.tables["commitments"]
        kept = commitments.loc[commitments["agreement_id"] != agreement_id]
        return dataclasses.replace(self, tables=Tables({**self.tables, "commitments": kept}))

    def with_partial(self, partial: str) -> "Case":
        """Change how a promise kept late or in part counts.

        Parameters
        ----------
        partial : {"as_broken", "as_kept", "half"}
            As a breach, as kept, or as half a breach.

        Returns
        -------
        Case
            The case read that way.

        Raises
        ------
        CaseError
            Not one of the three.
        """
        valid = get_args(Partial.model_fields["commitments"].annotation)
        if partial not in valid:
            raise _unknown("case.toml", "partial.commitments", partial, valid)
        spec = self.spec.model_copy(update={"partial": Partial.model_validate({"commitments": partial})})
        return dataclasses.replace(self, spec=spec)

    def to_payload(self) -> dict[str, str]:
        """Write the case, as it now is, as texts by name, which a saved forecast can carry.

        Returns
        -------
        dict of str to str
            ``case.json``, ``priors.json``, and one CSV text for each table.
        """
        return write_payload(self.spec, self.prior_specs, self.tables, self.as_of)

    @classmethod
    def from_payload(cls, payload: Mapping[str, str]) -> "Case":
        """Rebuild a case from `to_payload`.

        Parameters
        ----------
        payload : mapping of str to str
            What `to_payload` gave.

        Returns
        -------
        Case
            A case of the same digest, without a folder.

        Raises
        ------
        CaseError
            It is not what `to_payload` gave.
        """
        spec, priors, tables, as_of = read_payload(payload)
        return cls(spec, priors, tables, folder=None, as_of=as_of)


def _unknown(file: str, place: str, value: str, valid: list[str] | tuple[str, ...]) -> CaseError:
    return CaseError([Fault(file, place, value, "the case has no such value", choices(value, list(valid)))])
