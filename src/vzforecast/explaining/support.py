"""``vzforecast.leave_out``: what a forecast would say without each part of what it rests on."""

from collections.abc import Iterable, Mapping

from vzforecast.errors import ExplainError
from vzforecast.events import parse_event
from vzforecast.explaining.blocks import Block, blocks_of
from vzforecast.explaining.removing import Asked
from vzforecast.explaining.support_report import Support, tabulated
from vzforecast.forecast import Forecast
from vzforecast.inputs.wording import meant


def leave_out(
    fc: Forecast,
    event: str,
    blocks: Iterable[str] | str | None = None,
    *,
    refit: bool = True,
    cache: bool = True,
    progress: bool | None = None,
) -> Support:
    r"""Show what the probability of an event would be without each block that it rests on.

    Parameters
    ----------
    fc : Forecast
        Any; it stays as it is.
    event : str
        In the event language.
    blocks : iterable of str, optional
        Names of blocks, or one name; every one that the forecast has by default. ``record``: all promises kept and
        broken; ``agreement:<id>``: those of one agreement; ``leverage:<faction>``: the faction moves no rate and no
        lean; ``coupling``: outcomes leave each other alone; ``covariate:<code>``: promises of every code are alike;
        ``low_confidence``: rows of commitments, licences, actions, news and counts that are coded with low confidence;
        ``partial:broken`` and ``partial:kept``: every promise kept in part counts so.
    refit : bool, default True
        Fit again without each block that weights cannot take out: some seconds each, in the process of the fit; for a
        stack, as many times that as it has members. If not, such a line is blank, and all lines take about a second
        (as many times that of a stack), and less for the next event.
    cache : bool, default True
        Of the refits, as in ``fit``.
    progress : bool, optional
        Of the refits, as in ``fit``.

    Returns
    -------
    Support
        ``table``, a line a block, with the path by which its figure was found; ``text``.

    Raises
    ------
    EventError
        The text does not parse.
    ExplainError
        The forecast has no such block, or none is asked for.
    InterventionError
        The forecast is under an intervention, and a block needs a refit.

    Notes
    -----
    A draw is weighted by :math:`p(\text{rows} | \theta \text{ without}) / p(\text{rows} | \theta)`, with Pareto
    smoothing; where paths depend on the block they are simulated anew, and compared with paths of the same random
    numbers that have it. Members of a stack count as they do in the forecast, either way. Lines do not sum to anything:
    what two blocks say alike is missed in neither alone.
    docs/explaining.md, "What it rests on"; docs/decisions/0040-what-it-rests-on.md, 0046-what-members-count.md.

    References
    ----------
    Vehtari, Simpson, Gelman, Yao and Gabry (2024), Pareto smoothed importance sampling. Glasserman (2003), Monte Carlo
    Methods in Financial Engineering, section 7.1 (common random numbers).

    Examples
    --------
    >>> halted = "ever(deportation_flights = halted) by 2025-06-30"
    >>> print(leave_out(fc, halted, refit=False))  # doctest: +SKIP
    """
    asked = Asked(blocks_of(fc), parse_event(event, fc.vocabulary))
    chosen = _chosen(asked.blocks.all, blocks)
    lines = {
        name: {"kind": block.kind, "n": block.n, **asked.without(block, refit=refit, cache=cache, progress=progress)}
        for name, block in chosen.items()
    }
    return Support(str(asked.event), fc.as_of, fc.probability(event), tabulated(lines))


def _chosen(found: Mapping[str, Block], names: Iterable[str] | str | None) -> Mapping[str, Block]:
    """Return the blocks of some names, in the order in which they are given."""
    if names is None:
        return found
    given = list(dict.fromkeys([names] if isinstance(names, str) else names))
    listed = f"choose from {', '.join(found)}"
    if not given:
        raise ExplainError(f"blocks is empty; {listed}, or leave it out for all of them")
    for name in given:
        if name not in found:
            raise ExplainError(f"blocks: this forecast has no block {name!r}; {meant(name, found)}{listed}")
    return {name: found[name] for name in given}
