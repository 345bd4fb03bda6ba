"""Seconds of a sensitivity: one event, every scenario, one prior.

    python benchmarks/bench_sensitivity.py [forecast.nc]

Without a file the embedded case as of 5 February 2025 is fitted, or taken from the cache: 4,000 draws. No prior is
fitted again. "first" loads what later answers share.
"""

import sys

import vzforecast as vz
from bench_information import report

EVENT = "ever(chevron_licence = suspended) by 2025-06-01"


def main() -> None:
    """Print one line a question."""
    given = sys.argv[1:]
    settings = vz.SamplerSettings(draws=1000)
    fc = vz.load_forecast(given[0]) if given else vz.fit(vz.load_case(), as_of="2025-02-05", settings=settings)
    print(f"{fc.simulated.draws:,} draws x {fc.simulated.paths} paths, {len(fc.case.prior_specs)} priors")
    report("one event", lambda: vz.sensitivity(fc, EVENT))
    report("every scenario", lambda: vz.sensitivity(fc))
    report("one prior", lambda: vz.sensitivity(fc, EVENT, priors="tension.psi"))


if __name__ == "__main__":
    main()
