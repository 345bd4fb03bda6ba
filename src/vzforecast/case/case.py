"""A case: what is asked and what is known, frozen."""

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast, get_args

import pandas as pd

from vzforecast.case.added import add_evidence
from vzforecast.case.asof import check_as_of, cut_tables, record_end
from vzforecast.case.checks.parts import Parts
from vzforecast.case.learnt import evidence_between
from vzforecast.case.payload import payload_digest, priors_digest, read_payload, write_payload
from vzforecast.case.schema import CaseSpec, Outcome, Partial, Variant
from vzforecast.case.shown import as_page
from vzforecast.case.structure import CENTRED, is_centred
from vzforecast.case.validate import find_faults
from vzforecast.errors import CaseError, DateError, Fault, PriorError
from vzforecast.evidence import Evidence
from vzforecast.inputs.dates import DateLike, as_day
from vzforecast.inputs.frozen import FrozenMapping, Tables
from vzforecast.inputs.wording import choices, meant
from vzforecast.names import TERMS
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
            f"<Case {self.spec.label}: {len(self.spec.outcomes)} outcomes, {len(self.spec.scenarios)} scenarios, "
            f"{self.spec.origin} to {self.spec.horizon}{known}, digest {self.digest[:12]}>"
        )

    def _repr_html_(self) -> str:
        return as_page(self.spec, self.tables, self.as_of, self.digest)

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
    def record_end(self) -> dt.date:
        """The newest day on which something in its tables became known: up to then they say what happened."""
        return record_end(self.tables)

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

    def known_when_asked(self, as_of: DateLike | None = None) -> "Case":
        """Cut the case to the day it is asked on.

        Parameters
        ----------
        as_of : str, datetime.date or pandas.Timestamp, optional
            The day; by default that to which it is cut already, or else its `default_as_of`.

        Returns
        -------
        Case
            As from `known_on`.

        Raises
        ------
        DateError
            As in `known_on`.
        """
        if as_of is None and self.as_of is not None:
            return self
        return self.known_on(self.spec.default_as_of if as_of is None else as_of)

    def with_evidence(self, items: Iterable[Evidence], as_of: DateLike | None = None) -> "Case":
        """Add evidence to a case that was cut to a day, so that it is known on a later one.

        Each item becomes what a row of a file would be, and is checked as one. Items are added in the order in which
        they became public, so that the order in which they are given does not count. Judgements and market quotes are
        no rows: they change nothing here, but their events are checked.

        Parameters
        ----------
        items : iterable of Evidence
            What became known, with ids of their own; none if only time has passed.
        as_of : str, datetime.date or pandas.Timestamp, optional
            The new day, which is included; by default that on which the newest item was published, or the day of the
            case if that is later.

        Returns
        -------
        Case
            The case as known on that day.

        Raises
        ------
        ValueError
            The case was not cut.
        EvidenceError
            Items contradict the case or each other; `faults` names every one.
        DateError
            The new day is before that of the case or before an item was published, or after the horizon.
        """
        if self.as_of is None:
            raise ValueError("the case is not cut to a date; call case.known_on(date) first")
        tables, until = add_evidence(self.spec, self.tables, self.as_of, items, as_of)
        return dataclasses.replace(self, tables=cast("Tables", self.tables).replaced(tables), as_of=until)

    def evidence_between(self, after: DateLike, until: DateLike) -> tuple[Evidence, ...]:
        """Return what the tables learnt between two days, as items that `with_evidence` adds back.

        ``case.known_on(after).with_evidence(items, as_of=until)`` gives the model the same rows as
        ``case.known_on(until)``. Left out is what the model does not read: questions, markets, flights, and new
        agreements whose promises are open and teach nothing yet. An actor who leaves a post and takes another on the
        same day is one `Appointment`. Every resolved promise is described in full. A day ahead is dated on the day on
        which it was published.

        Parameters
        ----------
        after : str, datetime.date or pandas.Timestamp
            The first day, what was known by whose end is excluded.
        until : str, datetime.date or pandas.Timestamp
            The last day, included.

        Returns
        -------
        tuple of Evidence
            By the day on which they became public.

        Raises
        ------
        EvidenceError
            Evidence cannot express it: a newly published count, or a new duty that is open.
        DateError
            A day on which the case cannot be asked, or the last is before the first.
        """
        first, last = as_day(after, "first day"), as_day(until, "last day")
        for day in (first, last):
            check_as_of(self.spec, day, self.as_of)
        if last < first:
            raise DateError(f"last day {last} is before the first, {first}; exchange them")
        return evidence_between(self.tables, first, last)

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

    def without(self, *terms: str) -> "Case":
        r"""Leave out terms of the model: a simpler variant, on the same rows, with draws of the same names and dims.

        Parameters
        ----------
        *terms : {"coupling", "influence", "tone", "defection", "schedule"}
            ``coupling``: outcomes leave each other alone (:math:`C = 0`). ``influence``: factions move no rate and no
            lean (:math:`B = D = 0`); signals still teach influence. ``tone``: the tone of the news moves neither
            (:math:`\psi = \lambda = 0`). ``defection``: no promise kept or broken is a row, so that rates of
            commitments keep their priors. ``schedule``: no known end of a term bears on a rate; dates ahead, and the
            priors of how decisions gather before them, leave the case. Without coupling, influence and tone every rate
            is that of its reference class and the outcome's own history.

        Returns
        -------
        Case
            A case of its own digest, which ``spec.variant.without`` names as a variant. Nothing is compiled for it that
            the full model does not need.

        Raises
        ------
        CaseError
            Not one of the five.

        Examples
        --------
        >>> from vzforecast.case import load_case
        >>> load_case().without("tone", "coupling").spec.variant.without
        ('coupling', 'tone')
        """
        for term in terms:
            if term not in TERMS:
                raise _unknown("case.toml", "variant.without", term, TERMS)
        variant = Variant.model_validate({"without": (*self.spec.variant.without, *terms)})
        case = dataclasses.replace(self, spec=self.spec.model_copy(update={"variant": variant}))
        return _unscheduled(case) if "schedule" in terms else case

    def without_schedule(self) -> "Case":
        """Leave out the schedule: the same as ``without("schedule")``.

        Returns
        -------
        Case
            The case with no dates ahead, and licence terms whose risk is spread evenly over them.

        Examples
        --------
        >>> from vzforecast.case import load_case
        >>> load_case().without_schedule().spec.scheduled is None
        True
        """
        return self.without("schedule")

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


def _unscheduled(case: Case) -> Case:
    """Drop what declares the schedule, its rows, and the priors that nothing would read."""
    spec = case.spec.model_copy(update={"scheduled": None})
    priors = {name: prior for name, prior in case.prior_specs.items() if not name.startswith("schedule.")}
    tables = Tables({**case.tables, "schedule": case.tables["schedule"].iloc[:0]})
    return dataclasses.replace(case, spec=spec, prior_specs=FrozenMapping(priors), tables=tables)


def _unknown(file: str, place: str, value: str, valid: list[str] | tuple[str, ...]) -> CaseError:
    return CaseError([Fault(file, place, value, "the case has no such value", choices(value, list(valid)))])
