"""From a case to a forecast: look in the cache, else build the model, sample it and simulate the future."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import xarray as xr

from vzforecast import names
from vzforecast.cache import cache_key, read_cached, versions, write_cached
from vzforecast.case import Case
from vzforecast.case.given import given_case
from vzforecast.convergence import ConvergenceReport
from vzforecast.forecast import Forecast
from vzforecast.forecast.posterior import labelled, stacked, switched_off
from vzforecast.history import Design, Known, Places
from vzforecast.inputs.dates import DateLike
from vzforecast.progress import Stages
from vzforecast.settings import Density, SamplerSettings, checked_seed

if TYPE_CHECKING:
    from vzforecast.inference import CompiledModel

# Machine code by what shapes it; a second case of the same shape samples at once.
_compiled: "dict[tuple[Any, ...], CompiledModel]" = {}


def fit(
    case: Case,
    as_of: DateLike | None = None,
    settings: SamplerSettings | None = None,
    seed: int = 1,
    *,
    cache: bool = True,
    progress: bool | None = None,
) -> Forecast:
    """Fit a case to what was known on a day and simulate its future.

    Parameters
    ----------
    case : Case
        What is asked and known.
    as_of : date-like, optional
        Forecast origin; the case's default by default. Nothing published later reaches the model.
    settings : SamplerSettings, optional
        Draws, tuning, chains, target acceptance, paths per draw.
    seed : int, default 1
        The same seed gives the same draws and paths.
    cache : bool, default True
        Look for this fit on disk first, and keep it there.
    progress : bool, optional
        Show progress; by default only on a terminal or in a notebook.

    Returns
    -------
    Forecast
        Also when the fit failed its diagnostics: it then says so wherever it prints.

    Raises
    ------
    DateError
        If ``as_of`` is not an ISO date, before the case's origin (or an outcome's start), or after its horizon.
    SettingsError
        If the seed is out of range.

    Examples
    --------
    >>> fit(load_case(), as_of="2025-02-05").scenarios()  # doctest: +SKIP
    """
    settings, seed = settings or SamplerSettings(), checked_seed(seed)
    known = given_case(case, "fit").known_when_asked(as_of)
    return fit_known(known, settings, seed, cache=cache, progress=progress)


def fit_known(
    known: Case,
    settings: SamplerSettings,
    seed: int,
    *,
    places: Places | None = None,
    cores: int | None = None,
    cache: bool = True,
    progress: bool | None = None,
) -> Forecast:
    """Fit a case that is cut to a day.

    Parameters
    ----------
    known : Case
        Cut to the as-of date.
    settings : SamplerSettings
        Of the fit.
    seed : int
        Of the fit.
    places : Places, optional
        Labels of the draws of an earlier fit, in whose spare places new members go: with the shape of that fit,
        nothing is compiled again.
    cores : int, optional
        Cores to use; by default all of the machine. The forecast does not depend on it.
    cache : bool, default True
        As in ``fit``.
    progress : bool, optional
        As in ``fit``.

    Returns
    -------
    Forecast
        As from ``fit``.
    """
    stages = Stages(progress)
    key = fit_key(known, settings, seed, places)
    if cache:
        with stages.stage("reading"):
            kept = read_cached(key)
        if kept is not None:
            return replace(kept, provenance={**kept.provenance, "from_cache": True})
    forecast = _fit(Known(known, places), settings, seed, stages, key, cores)
    if cache:
        write_cached(key, forecast)
    return forecast


def fit_key(known: Case, settings: SamplerSettings, seed: int, places: Places | None = None) -> str:
    """Return the name under which the fit of a case, cut to a day, is cached.

    Parameters
    ----------
    known : Case
        Cut to the as-of date.
    settings : SamplerSettings
        Of the fit.
    seed : int
        Of the fit.
    places : Places, optional
        Labels of its draws, if they are not its own.

    Returns
    -------
    str
        Hexadecimal digest.
    """
    labels = {} if places is None else {"places": [places.levels, places.signal_kinds]}
    return cache_key({"case": known.digest, "settings": settings.as_dict(), "seed": seed} | labels)


def _fit(known: Known, settings: SamplerSettings, seed: int, stages: Stages, key: str, cores: int | None) -> Forecast:
    tree, report = _posterior(known, settings, seed, stages, cores)
    with stages.stage("importing"):  # numba, which an answer from the cache does not need
        from vzforecast.forecast.future import future  # noqa: PLC0415

    with stages.stage("simulating") as progress:
        draws = stacked(tree)
        paths = future(draws, known, paths=settings.paths, seed=seed, progress=progress, threads=cores)
    provenance = _provenance(known.case, settings, seed, stages, key)
    return Forecast(known.case, labelled(tree, known.design), paths, report, provenance)


def _posterior(
    known: Known, settings: SamplerSettings, seed: int, stages: Stages, cores: int | None
) -> tuple[xr.DataTree, ConvergenceReport]:
    """Sample one reading of partial commitments, or both and pool their draws (half is two fits, not half a count)."""
    fits = [_sample(design, settings, seed, stages, cores) for design in known.readings]
    if len(fits) == 1:
        return fits[0]
    (broken, first), (kept, second) = fits
    groups = (names.POSTERIOR, names.SAMPLE_STATS)
    pooled = {g: xr.concat([broken[g].to_dataset(), kept[g].to_dataset()], names.CHAIN) for g in groups}
    chains = {names.CHAIN: range(2 * settings.chains)}
    tree = xr.DataTree.from_dict({group: dataset.assign_coords(chains) for group, dataset in pooled.items()})
    return tree, first.worst_with(second)


def _sample(
    design: Design, settings: SamplerSettings, seed: int, stages: Stages, cores: int | None
) -> tuple[xr.DataTree, ConvergenceReport]:
    """Sample, importing the sampler only now: nothing else in a forecast's life needs it."""
    with stages.stage("importing"):
        from vzforecast import inference  # noqa: PLC0415
        from vzforecast.mixing import convergence  # noqa: PLC0415

        prepare = preparation(settings.density, _compiled)
    with stages.stage("compiling"):
        compiled = prepare(design, settings.chains)
    with stages.stage("sampling") as progress:
        tree = inference.sample(compiled, settings, seed, progress, cores)
    with stages.stage("checking"):
        report = convergence(tree)
    return switched_off(tree, design), report


def preparation(
    density: Density, compiled: "dict[tuple[Any, ...], CompiledModel]"
) -> Callable[[Design, int], "CompiledModel"]:
    """Return what makes designs ready to sample.

    Parameters
    ----------
    density : {"pymc", "written"}
        Of the fits.
    compiled : dict
        Models compiled so far, by shape; filled by what is returned.

    Returns
    -------
    callable
        Of a design and the number of chains that run at a time. All that it imports is loaded.
    """
    from vzforecast import inference  # noqa: PLC0415

    if density == "written":
        from vzforecast.hamiltonian import written_model  # noqa: PLC0415 - numba, but no PyMC

        return lambda design, chains: inference.from_written(written_model(design, chains))

    from vzforecast.model import build_model, pack  # noqa: PLC0415

    def prepared(design: Design, _chains: int) -> "CompiledModel":
        shape = _shape(design)
        if shape not in compiled:
            compiled[shape] = inference.compile_model(build_model(design))
        return compiled[shape].with_data(pack(design))

    return prepared


def _shape(design: Design) -> tuple[Any, ...]:
    """Return what is compiled into the machine code: sizes of dims, the grouping of levels, the persistence."""
    sizes = tuple((dim, len(labels)) for dim, labels in design.coords.items())
    return sizes, tuple(design.level_grouping.tolist()), design.persistence


def _provenance(case: Case, settings: SamplerSettings, seed: int, stages: Stages, key: str) -> dict[str, Any]:
    return {
        "case": case.spec.name,
        "case_digest": case.digest,
        "without": list(case.spec.variant.without),
        "priors_digest": case.priors_digest,
        "as_of": str(case.as_of),
        "seed": seed,
        "settings": settings.as_dict(),
        "versions": versions(),
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": {name: round(seconds, 3) for name, seconds in stages.seconds.items()},
        "cache_key": key,
        "from_cache": False,
    }
