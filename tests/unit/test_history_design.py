"""Rows as arrays, by hand: indices into labelled dims, signs, columns; and the tables in which they travel."""

import numpy as np
import pytest

from helpers.cases import design_of, embedded, skeleton, without_groupings, without_news
from helpers.synthetic import synthetic_posterior
from vzforecast.forecast.posterior import stacked
from vzforecast.history import Design, build_history
from vzforecast.likelihood import events_log_likelihood
from vzforecast.model import pack
from vzforecast.model.packing import unpack

AS_OF = "2024-06-10"  # the truce is broken since 20 May


@pytest.fixture(scope="module")
def design() -> Design:
    return design_of(skeleton(), AS_OF)


def test_priors_are_gathered_by_label(design: Design) -> None:
    priors = skeleton().prior_specs
    assert design.priors["tau_sigma"] == priors["influence.tau"].sigma
    assert design.priors["rho_sigma"].tolist() == [priors[f"influence.rho_{s}"].sigma for s in ("office", "proximity")]
    assert design.priors["log_rate_mu"].tolist() == [priors[f"rate.{p}"].mu for p in design.coords["process"]]
    assert design.priors["delta_sigma"][1, 0] == priors["delta.recovery.ferry_permit"].sigma
    assert design.priors["leverage_mu"][1, 0] == priors["leverage.fishing_truce.wardens"].mu
    assert design.priors["spread_sigma"].tolist() == [priors[f"spread.{g}"].sigma for g in design.coords["grouping"]]
    assert design.priors["coupling_effect_mu"].tolist() == [priors["coupling.onset.ferry_permit.fishing_truce"].mu]


def test_the_tone_keeps_half_of_itself_over_its_half_life(design: Design) -> None:
    assert design.persistence**3.0 == pytest.approx(0.5)


def test_rows_point_at_their_labels(design: Design) -> None:
    rows = build_history(skeleton().known_on(AS_OF)).rows.reset_index(drop=True)
    processes, levels = design.coords["process"], design.coords["level"]
    for number, row in rows.iterrows():
        assert processes[design.data["row_process"][number]] == row["process"]
        for position, ordinal in enumerate(("first", "second")):
            has = position < len(row["members"])
            assert design.data[f"row_in_{ordinal}"][number] == has
            if has:
                assert levels[design.data[f"row_{ordinal}_level"][number]] == row["members"][position]


def test_signs_and_cells_of_an_outcomes_own_rows(design: Design) -> None:
    rows = build_history(skeleton().known_on(AS_OF)).rows.reset_index(drop=True)
    reference, own = rows.index[rows["outcome"] == ""], rows.index[rows["outcome"] != ""]
    assert not design.data["row_own"][reference].any()
    assert not design.data["row_sign"][reference].any()
    for number in own:
        row, outcome = rows.loc[number], design.coords["outcome"].index(rows.loc[number, "outcome"])
        recovery = row["transition"] == "recovery"
        assert design.data["row_sign"][number] == (-1.0 if recovery else 1.0)
        assert design.data["row_recovery"][number] == recovery
        assert divmod(design.data["row_cell"][number], 2) == (row["period"], outcome)
        assert divmod(design.data["row_hazard"][number], 2) == (recovery, outcome)


def test_a_coupling_acts_on_its_own_hazard_only(design: Design) -> None:
    rows = build_history(skeleton().known_on(AS_OF)).rows.reset_index(drop=True)
    (column,) = design.data["row_coupling"]
    acts = (rows["outcome"] == "ferry_permit") & (rows["transition"] == "onset")
    assert (column[~acts] == 0).all()
    assert column[acts].tolist() == [active["fishing_truce"] for active in rows.loc[acts, "active"]]
    assert column.max() > 0.25


@pytest.mark.parametrize(
    ("case", "as_of"),
    [(skeleton(), AS_OF), (embedded(), "2025-08-31"), (without_news(), AS_OF), (without_groupings(), AS_OF)],
    ids=["skeleton", "embedded", "no news", "no groupings"],
)
def test_packing_loses_nothing(case: object, as_of: str) -> None:
    design = design_of(case, as_of)  # type: ignore[arg-type]
    data, priors = unpack(design, pack(design))
    assert data.keys() == design.data.keys()
    for name, values in design.data.items():
        np.testing.assert_array_equal(data[name], values)
    assert priors.keys() == design.priors.keys()
    for name, values in design.priors.items():
        np.testing.assert_array_equal(priors[name], values)


def test_half_an_event_is_refused_where_it_would_be_cut_to_none() -> None:
    half = design_of(skeleton().with_partial("half"), AS_OF)
    assert 0.5 in half.data["row_events"]
    with pytest.raises(ValueError, match="half events cannot be observed"):
        pack(half)
    with pytest.raises(ValueError, match="half events have no likelihood"):
        events_log_likelihood(stacked(synthetic_posterior(half, draws=2)), half)
