"""Whether the numbers may be used, and where they come from."""

from collections.abc import Mapping
from typing import Final

from vzforecast import figures
from vzforecast.convergence import MAX_RHAT, MIN_ESS
from vzforecast.forecast import Forecast
from vzforecast.reporting.grids import Grid, Line

_HEADERS: Final = (("Variable", False), ("R-hat", True), ("Bulk ESS", True), ("Tail ESS", True))


def diagnostics_grid(fc: Forecast) -> Grid:
    """Return convergence by variable, the worst first."""
    table = fc.diagnostics.table.sort_values("rhat", ascending=False, kind="stable", na_position="first")
    lines = tuple(
        Line((str(name), f"{row['rhat']:.3f}", f"{row['ess_bulk']:,.0f}", f"{row['ess_tail']:,.0f}"))
        for name, row in table.iterrows()
    )
    note = f"Limits: R-hat at most {MAX_RHAT:g}, effective sample sizes (ESS) at least {MIN_ESS:.0f}."
    return Grid("Convergence by variable", _HEADERS, lines, note, fc.ok)


def origin_lines(fc: Forecast) -> dict[str, str]:
    """Return where the numbers come from, by what each line is; everything that somebody needs to make them again."""
    made: Mapping[str, object] = fc.provenance
    settings: Mapping[str, object] = fc.provenance["settings"]
    seconds: Mapping[str, float] = fc.provenance["seconds"]
    versions: Mapping[str, str] = fc.provenance["versions"]
    lines = {
        "Case": fc.case.spec.label,
        "As of": str(fc.as_of),
        "Horizon": str(fc.horizon),
        "Seed": str(made["seed"]),
        "Draws": f"{fc.simulated.draws:,} draws x {fc.simulated.paths} paths",
        "Settings": ", ".join(f"{name} {value}" for name, value in settings.items()),
        "Moved on" if "moved_from" in made else "Fitted": f"{made['made']}, in {figures.seconds(sum(seconds.values()))}"
        + (f", from draws as of {made['moved_from']}" if "moved_from" in made else ""),
        "Digest of the case": str(made["case_digest"]),
        "Digest of the priors": str(made["priors_digest"]),
        "Versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
    }
    if fc.averaged is not None:
        lines["Average"] = str(fc.averaged)
    if fc.evidence:
        lines["Evidence added"] = ", ".join(item.id for item in fc.evidence)
    if fc.intervened is not None:
        lines["Intervention"] = str(fc.intervened)
    return lines
