"""A case at a glance, as HTML for a notebook."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pandas as pd

from vzforecast import markup
from vzforecast.case.schema import CaseSpec, Faction, Outcome, Scenario


def as_page(spec: CaseSpec, tables: Mapping[str, pd.DataFrame], as_of: date | None, digest: str) -> str:
    """Return what a case asks and knows: outcomes, scenarios, factions, and the size of its tables.

    Parameters
    ----------
    spec : CaseSpec
        Its declarations.
    tables : mapping of str to DataFrame
        Its tables.
    as_of : datetime.date or None
        The day it was cut to, if it was.
    digest : str
        Of all it says.

    Returns
    -------
    str
        For a notebook.
    """
    return markup.block(*_page(spec, tables, as_of, digest))


def _page(spec: CaseSpec, tables: Mapping[str, pd.DataFrame], as_of: date | None, digest: str) -> Iterator[markup.Html]:
    yield markup.title(f"{spec.title} ({spec.name})")
    known = f"known on {as_of}" if as_of else f"not cut to a day; a fit asks as of {spec.default_as_of}"
    yield markup.line(f"From {spec.origin} to {spec.horizon}, {known}; digest {digest[:12]}.")
    if spec.variant.without:
        yield markup.line(f"A variant of the model, {spec.variant}.")
    yield markup.table(_outcomes(spec), "Outcomes")
    for what, declared in (("Scenario", spec.scenarios), ("Faction", spec.factions)):
        yield markup.folded(f"{len(declared)} {what.lower()}s", markup.table(_labelled(what, declared)))
    sizes = pd.Series({name: len(table) for name, table in tables.items()}, name="Rows").rename_axis("Table")
    yield markup.folded(f"{len(sizes)} tables, {sizes.sum():,} rows", markup.table(sizes.to_frame()))


def _outcomes(spec: CaseSpec) -> pd.DataFrame:
    states = {"At rest": [one.rest for one in spec.outcomes], "Active": [one.active for one in spec.outcomes]}
    return _labelled("Outcome", spec.outcomes).assign(**states)


def _labelled(what: str, declared: Sequence[Outcome | Scenario | Faction]) -> pd.DataFrame:
    """Return ids by label."""
    labels = pd.Index([one.label for one in declared], name=what)
    return pd.DataFrame({"Id": [one.id for one in declared]}, index=labels)
