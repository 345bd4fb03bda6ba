"""From a case to a forecast: look in the cache, else build the model, sample it and simulate the future."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import xarray as xr

from vzforecast import latent, names
from vzforecast.cache import cache_key, read_cached, versions, write_cached
from vzforecast.case import Case
from vzforecast.convergence import ConvergenceReport
from vzforecast.forecast import Forecast
from vzforecast.forecast.forecast import stacked
from vzforecast.history import Design, build_history, encode
from vzforecast.inputs.dates import DateLike
from vzforecast.progress import Stages
from vzforecast.settings import SamplerSettings, checked_seed

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
        Show progress on standard error; by default only on a terminal.

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
    known = case if case.as_of and as_of is None else case.known_on(as_of or case.spec.default_as_of)
    stages = Stages(progress)
    key = fit_key(known, settings, seed)
    if cache:
        with stages.stage("reading"):
            kept = read_cached(key)
        if kept is not None:
            return replace(kept, provenance={**kept.provenance, "from_cache": True})
    forecast = _fit(known, settings, seed, stages, key)
    if cache:
        write_cached(key, forecast)
    return forecast


def fit_key(known: Case, settings: SamplerSettings, seed: int) -> str:
    """Return the name under which the fit of a case, cut to a day, is cached.

    Parameters
    ----------
    known : Case
        Cut to the as-of date.
    settings : SamplerSettings
        Of the fit.
    seed : int
        Of the fit.

    Returns
    -------
    str
        Hexadecimal digest.
    """
    return cache_key({"case": known.digest, "settings": settings.as_dict(), "seed": seed})


def _fit(case: Case, settings: SamplerSettings, seed: int, stages: Stages, key: str) -> Forecast:
    history = build_history(case)
    design = _encoded(case)
    tree, report = _posterior(case, settings, seed, stages)
    with stages.stage("importing"):  # numba, which an answer from the cache does not need
        from vzforecast.forecast.future import dynamics, record  # noqa: PLC0415
        from vzforecast.simulate import simulate  # noqa: PLC0415

    with stages.stage("simulating") as progress:
        law = dynamics(stacked(tree), case, history, design)
        paths = simulate(law, record(case, history), paths=settings.paths, seed=seed, progress=progress)
    return Forecast(case, _labelled(tree, design), paths, report, _provenance(case, settings, seed, stages, key))


def _encoded(case: Case) -> Design:
    return encode(build_history(case), case.prior_specs, half_life=case.spec.tension.half_life_months)


def _posterior(
    case: Case, settings: SamplerSettings, seed: int, stages: Stages
) -> tuple[xr.DataTree, ConvergenceReport]:
    """Sample one reading of partial commitments, or both and pool their draws (half is two fits, not half a count)."""
    if case.spec.partial.commitments != "half":
        return _sample(_encoded(case), settings, seed, stages)
    readings = [_encoded(case.with_partial(reading)) for reading in ("as_broken", "as_kept")]
    (broken, first), (kept, second) = (_sample(design, settings, seed, stages) for design in readings)
    groups = (names.POSTERIOR, names.SAMPLE_STATS)
    pooled = {g: xr.concat([broken[g].to_dataset(), kept[g].to_dataset()], names.CHAIN) for g in groups}
    chains = {names.CHAIN: range(2 * settings.chains)}
    tree = xr.DataTree.from_dict({group: dataset.assign_coords(chains) for group, dataset in pooled.items()})
    return tree, first.worst_with(second)


def _sample(
    design: Design, settings: SamplerSettings, seed: int, stages: Stages
) -> tuple[xr.DataTree, ConvergenceReport]:
    """Sample, importing the sampler only now: nothing else in a forecast's life needs it."""
    with stages.stage("importing"):
        from vzforecast import inference  # noqa: PLC0415
        from vzforecast.model import build_model, pack  # noqa: PLC0415

    with stages.stage("compiling"):
        shape = _shape(design)
        if shape not in _compiled:
            _compiled[shape] = inference.compile_model(build_model(design))
        compiled = _compiled[shape].with_data(pack(design))
    with stages.stage("sampling") as progress:
        tree = inference.sample(compiled, settings, seed, progress)
    with stages.stage("checking"):
        report = inference.convergence(tree)
    return tree, report


def _shape(design: Design) -> tuple[Any, ...]:
    """Return what is compiled into the machine code: sizes of dims, the grouping of levels, the persistence."""
    sizes = tuple((dim, len(labels)) for dim, labels in design.coords.items())
    return sizes, tuple(design.level_grouping.tolist()), design.persistence


def _labelled(tree: xr.DataTree, design: Design) -> xr.DataTree:
    """Label the draws with this design's coordinates and add the influence shares, for plots of the posterior."""
    posterior = tree[names.POSTERIOR].to_dataset()
    labels = {str(dim): list(design.coords[str(dim)]) for dim in posterior.dims if dim in design.coords}
    posterior = posterior.assign_coords(labels)
    shares = latent.influence(stacked(tree), design)
    dims = (names.CHAIN, names.DRAW, names.PERIOD, names.FACTION)
    sizes = [posterior.sizes[names.CHAIN], posterior.sizes[names.DRAW]]
    posterior["influence"] = (dims, shares.reshape(*sizes, *shares.shape[1:]))
    stats = tree[names.SAMPLE_STATS].to_dataset()
    return xr.DataTree.from_dict({names.POSTERIOR: posterior, names.SAMPLE_STATS: stats})


def _provenance(case: Case, settings: SamplerSettings, seed: int, stages: Stages, key: str) -> dict[str, Any]:
    return {
        "case": case.spec.name,
        "case_digest": case.digest,
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
