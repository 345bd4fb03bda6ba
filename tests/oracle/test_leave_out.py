"""What a forecast rests on, where everything is known: a world of three parameters on a grid, summed by brute force.

The rate of broken truces, the slope of the threat to the regime and the leverage of the wardens take values on a grid;
all else is fixed, influence does not move, and the tone counts for nothing. Then the posterior is a finite sum, draws
come from it directly, and the chance that the truce is broken is 1 - exp(-rate x months).
"""

from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.typing import NDArray

import vzforecast as vz
from helpers.cases import skeleton
from helpers.synthetic import synthetic_forecast
from vzforecast import latent, names
from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.forecast.future import future
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Known

Floats = NDArray[np.float64]

AS_OF, DRAWS, CHAINS = "2024-04-15", 4_000, 4
BROKEN = "ever(fishing_truce = broken) by 2024-12-31"
WITHDRAWN = "ever(ferry_permit = withdrawn) by 2024-12-31"
MONTHS = 260 / 30.4375  # from the as-of date to the horizon
ONE_OFF_RATE, TRADERS, LEAD = -1.0, 0.4, 1.2  # log rate, leverage, lead of the wardens on the log scale
SHARE = 1.0 / (1.0 + np.exp(-LEAD))  # of the wardens
CUT = 0.8


@dataclass(frozen=True)
class Grid:
    """Log weight of every cell: prior times likelihood of the rows of a case, dims (rate, slope, leverage)."""

    case: Case
    slope: bool = True
    leverage: bool = True

    @cached_property
    def axes(self) -> tuple[Floats, Floats, Floats]:
        rate = np.linspace(-5.0, 0.0, 61)
        slope = np.linspace(-1.5, 2.5, 41) if self.slope else np.zeros(1)
        leverage = np.linspace(-2.0, 4.0, 41) if self.leverage else np.zeros(1)
        return np.meshgrid(rate, slope, leverage, indexing="ij")  # type: ignore[return-value]

    @cached_property
    def pull(self) -> Floats:
        """Of influence on the rate at which truces break: leverage times share less one half, over both factions."""
        return (self.axes[2] - TRADERS) * (SHARE - 0.5)

    @cached_property
    def weight(self) -> Floats:
        log = self._prior() + self._rows() + self._leans()
        return np.asarray(np.exp(log - log.max()) / np.exp(log - log.max()).sum())

    def _prior(self) -> Floats:
        ids = ("rate.promise_flow", "slope.regime_threat", "leverage.fishing_truce.wardens")
        priors = [self.case.prior_specs[name] for name in ids]
        kept = (True, self.slope, self.leverage)
        parts = zip(self.axes, priors, kept, strict=True)
        return sum(-0.5 * ((axis - prior.mu) / prior.sigma) ** 2 for axis, prior, own in parts if own)  # type: ignore[operator, return-value]

    def _rows(self) -> Floats:
        total, (rate, slope, _) = np.zeros(self.axes[0].shape), self.axes
        for row in Known(self.case).history.rows.to_dict(orient="records"):
            if row["process"] in ("promise_flow", "promise_one_off") and row["transition"] != "recovery":
                eta = (rate if row["process"] == "promise_flow" else ONE_OFF_RATE) + slope * row["covariates"][
                    "regime_threat"
                ]
                eta = eta + (self.pull if row["outcome"] else 0.0)
                total += row["events"] * eta - row["exposure"] * np.exp(eta)
        return total

    def _leans(self) -> Floats:
        total = np.zeros(self.axes[0].shape)
        for lean in Known(self.case).history.leans.to_dict(orient="records"):
            if lean["outcome"] == "fishing_truce":
                assert lean["lean"] == "rest"
                total -= np.logaddexp(0.0, CUT + lean["strength"] / 2 * self.pull)
        return total

    def probability(self, pull: Floats | None = None) -> float:
        """Of a broken truce: its threat to the regime is the lowest of three codes, one below the middle."""
        rate = np.exp(self.axes[0] - self.axes[1] + (self.pull if pull is None else pull))
        return float((self.weight * -np.expm1(-MONTHS * rate)).sum())


@cache
def case() -> Case:
    return skeleton().known_on(AS_OF)


@cache
def whole() -> Grid:
    return Grid(case())


@cache
def fc() -> Forecast:
    """Independent draws from the grid, as a forecast."""
    grid, random = whole(), np.random.default_rng(7)
    cells = random.choice(grid.weight.size, DRAWS, p=grid.weight.ravel())
    rate, slope, leverage = (axis.ravel()[cells].reshape(CHAINS, -1) for axis in grid.axes)
    made = synthetic_forecast(case(), draws=DRAWS // CHAINS, chains=CHAINS, paths=2)
    data = made.posterior[names.POSTERIOR].to_dataset()
    data = data.assign({name: xr.zeros_like(data[name]) for name in data})
    data["cutpoint"] += CUT
    _at(data["log_rate"], process="promise_flow")[:] = rate
    _at(data["log_rate"], process="promise_one_off")[:] = ONE_OFF_RATE
    _at(data["slope"], covariate="regime_threat")[:] = slope
    _at(data["leverage"], outcome="fishing_truce", faction="wardens")[:] = leverage
    _at(data["leverage"], outcome="fishing_truce", faction="traders")[:] = TRADERS
    _at(data["log_rate"], process="permit")[:] = -2.0
    _at(data["influence_step"], period=0, faction="wardens")[:] = LEAD
    groups = {name: group.to_dataset() for name, group in made.posterior.children.items()}
    tree = xr.DataTree.from_dict({**groups, names.POSTERIOR: data})
    return replace(made, posterior=tree, simulated=future(stacked(tree), made.known, paths=25, seed=1))


def _at(values: xr.DataArray, **labels: Any) -> Any:
    """Return a view of the cells of some labels, dims (chain, draw)."""
    place = {
        dim: label if isinstance(label, int) else list(values[dim].values).index(label) for dim, label in labels.items()
    }
    return values.isel(place).values


def test_the_world_is_the_one_that_is_summed() -> None:
    known = fc().known
    assert latent.influence(fc().draws, known.design)[0, :, 0] == pytest.approx(np.full(12, SHARE))
    found = fc().probability(BROKEN)
    assert found.mean == pytest.approx(whole().probability(), abs=4 * found.mcse)
    assert found.mcse < 0.01


def _without_low() -> Case:
    tables = {name: fc().case.tables[name] for name in ("commitments", "licences", "actions", "news", "counts")}
    kept = {name: table[table["confidence"] != "low"] for name, table in tables.items()}
    assert sum(len(tables[name]) - len(kept[name]) for name in tables) == 1
    return replace(case(), tables={**fc().case.tables, **kept})


def without(block: str) -> Grid:
    """Return the world in which a block was never there."""
    known = case()
    return {
        "record": lambda: Grid(known.without("defection")),
        "agreement:truce_2021": lambda: Grid(known.without_agreement("truce_2021")),
        "agreement:truce_2024": lambda: Grid(known.without_agreement("truce_2024")),
        "agreement:harbour_2018": lambda: Grid(known.without_agreement("harbour_2018")),
        "covariate:regime_threat": lambda: Grid(known, slope=False),
        "leverage:wardens": lambda: Grid(known, leverage=False),
        "low_confidence": lambda: Grid(_without_low()),
        "partial:kept": lambda: Grid(known.with_partial("as_kept")),
    }[block]()


BLOCKS = [
    "record",
    "agreement:truce_2021",
    "agreement:truce_2024",
    "agreement:harbour_2018",
    "covariate:regime_threat",
    "leverage:wardens",
    "low_confidence",
    "partial:kept",
]


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_leaves_what_the_sum_without_it_says(block: str) -> None:
    line = vz.leave_out(fc(), BROKEN, block, refit=False).table.loc[block]
    exact = whole().probability() - without(block).probability()
    assert line["path"] == "reweight"
    assert line["points"] / 100 == pytest.approx(exact, abs=4 * line["mcse"] / 100)
    assert line["mcse"] < 0.7
    assert line["probability"] == pytest.approx(without(block).probability(), abs=0.02)


def test_the_blocks_differ_enough_for_the_test_above_to_fail() -> None:
    table = vz.leave_out(fc(), BROKEN, BLOCKS, refit=False).table
    exact = {block: 100 * (whole().probability() - without(block).probability()) for block in BLOCKS}
    assert sum(abs(exact[block]) > 6 * table.loc[block, "mcse"] for block in BLOCKS) >= 4, exact


def test_what_was_judged_counts_without_a_block_as_with_it() -> None:
    """Virtual evidence multiplies the odds of its event, whatever they rest on."""
    judged = vz.update(fc(), [vz.LikelihoodJudgement(date=AS_OF, event=BROKEN, ratio=3.0)])

    def exact(grid: Grid) -> float:
        return 3.0 * grid.probability() / (1.0 + 2.0 * grid.probability())

    table = vz.leave_out(judged, BROKEN, BLOCKS, refit=False).table
    for block in BLOCKS:
        line = table.loc[block]
        difference = exact(whole()) - exact(without(block))
        assert line["points"] / 100 == pytest.approx(difference, abs=4 * line["mcse"] / 100), block
        assert line["mcse"] < 0.9


@pytest.mark.parametrize("judgement", [False, True])
def test_an_intervention_stays(judgement: bool) -> None:
    """Wardens with 20 points more from the first day: the law of paths is another, what draws know is not."""
    start = fc()
    ratio = 3.0 if judgement else 1.0
    if judgement:
        start = vz.update(start, [vz.LikelihoodJudgement(date=AS_OF, event=BROKEN, ratio=ratio)])
    pushed = vz.intervene(start, influence={"wardens": 0.2})

    def exact(grid: Grid) -> float:
        """A path counts by what it would have been, with the same random numbers: the first time of a hazard."""
        later = (grid.axes[2] - TRADERS) * (SHARE + 0.2 - 0.5)
        chances = [-np.expm1(-MONTHS * np.exp(grid.axes[0] - grid.axes[1] + pull)) for pull in (grid.pull, later)]
        natural, moved = chances
        both = np.minimum(natural, moved)  # one exponential time, on two scales
        happens = moved + (ratio - 1.0) * both
        return float((grid.weight * happens).sum() / (grid.weight * (1.0 + (ratio - 1.0) * natural)).sum())

    found = pushed.probability(BROKEN)
    assert found.mean == pytest.approx(exact(whole()), abs=4 * found.mcse)
    table = vz.leave_out(pushed, BROKEN, BLOCKS, refit=False).table
    for block in BLOCKS:
        line, difference = table.loc[block], exact(whole()) - exact(without(block))
        assert line["points"] / 100 == pytest.approx(difference, abs=4 * line["mcse"] / 100), block


def test_what_says_nothing_of_an_event_adds_nothing_to_it() -> None:
    """Promises, the code and the leverage of another outcome say nothing of the permit, which has a rate of its own."""
    table = vz.leave_out(fc(), WITHDRAWN, BLOCKS, refit=False).table
    assert (table["points"].abs() <= 4 * table["mcse"] + 1e-9).all()
    assert table.loc["leverage:wardens", "points"] == pytest.approx(0.0, abs=0.3)


def test_a_term_that_is_nothing_adds_exactly_nothing() -> None:
    """Couplings and a second code are zero in all draws: the same draws, and the same paths to the last number."""
    table = vz.leave_out(fc(), BROKEN, ["coupling", "covariate:relief_at_stake"], refit=False).table
    assert table["points"].tolist() == [0.0, 0.0]
    assert table["mcse"].tolist() == [0.0, 0.0]
    assert table["clear"].tolist() == [False, False]
