"""Variants of a case: what each leaves out of rows, draws and answers, and that it says so wherever it goes."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from helpers.cases import edited_skeleton, skeleton
from helpers.evidence import item
from helpers.synthetic import Refits, synthetic_forecast
from vzforecast import CaseError, intervene, load_forecast, names, prior_check, update
from vzforecast.case import Case
from vzforecast.forecast import Forecast
from vzforecast.latent import class_log_rates
from vzforecast.likelihood import row_log_rates
from vzforecast.reweight import Reweighted

AS_OF = "2024-04-15"
SIMPLEST = ("coupling", "influence", "tone")


@cache
def island(*terms: str) -> Forecast:
    return synthetic_forecast(skeleton().without(*terms), AS_OF, draws=60, chains=2, paths=10)


class TestCase:
    def test_says_what_it_does_without_in_one_order_and_once(self) -> None:
        case = skeleton().without("tone", "coupling").without("tone")
        assert case.spec.variant.without == ("coupling", "tone")
        assert repr(case).startswith("<Case two-islands without coupling, tone: 2 outcomes")
        assert case == skeleton().without("coupling").without("tone") != skeleton()

    def test_nothing_left_out_is_the_full_model(self) -> None:
        assert skeleton().without() == skeleton()
        assert "without" not in skeleton().to_payload()["case.json"]

    @pytest.mark.parametrize("term", names.TERMS)
    def test_survives_saving_and_cutting(self, term: str) -> None:
        case = skeleton().without(term)
        assert Case.from_payload(case.to_payload()) == case
        assert case.known_on(AS_OF) == skeleton().known_on(AS_OF).without(term)

    def test_the_schedule_is_the_same_by_either_name(self) -> None:
        assert skeleton().without("schedule") == skeleton().without_schedule()

    def test_an_unknown_term_names_those_there_are(self) -> None:
        wanted = "did you mean coupling[?] choose one of coupling, influence, tone, defection, schedule"
        with pytest.raises(CaseError, match=wanted):
            skeleton().without("couplings")

    @pytest.mark.parametrize("terms", [("coupling", "tone"), ("schedule",)])
    def test_a_file_can_say_so(self, terms: tuple[str, ...]) -> None:
        listed = ", ".join(f'"{term}"' for term in reversed(terms))
        declared = (r"^\[partial\]", f"[variant]\nwithout = [{listed}]\n\n[partial]")
        assert edited_skeleton({"case.toml": [declared]}) == skeleton().without(*terms)


class TestRows:
    def test_promises_are_no_rows_without_the_record_and_all_else_stays(self) -> None:
        whole, without = (island(*terms).history for terms in ((), ("defection",)))
        kept = whole.rows[~whole.rows["row"].str.startswith("commitment ")]
        assert len(kept) < len(whole.rows)
        assert without.rows["row"].tolist() == kept["row"].tolist()
        assert without.levels.equals(whole.levels)

    @pytest.mark.parametrize("term", names.SWITCHES)
    def test_a_switched_term_keeps_every_row(self, term: str) -> None:
        assert island(term).history.rows.equals(island().history.rows)

    def test_of_reference_class_only_every_rate_is_its_classs_and_the_doubt(self) -> None:
        fc, data = island(*SIMPLEST), island(*SIMPLEST).design.data
        doubt = fc.draws["delta"].reshape(len(fc.draws["tau"]), -1)[:, data["row_hazard"]] * data["row_own"]
        np.testing.assert_array_equal(
            row_log_rates(fc.draws, fc.design), class_log_rates(fc.draws, fc.design, data) + doubt
        )


class TestForecast:
    def test_says_so(self) -> None:
        assert repr(island("tone")).startswith("<Forecast of two-islands without tone as of 2024-04-15")
        assert repr(island()).startswith("<Forecast of two-islands as of 2024-04-15")

    def test_is_saved_as_what_it_is(self, tmp_path: Path) -> None:
        again = load_forecast(island("influence").save(tmp_path / "variant.nc"))
        assert again.case == island("influence").case
        assert again.scenarios().equals(island("influence").scenarios())

    def test_influence_moves_nothing_without_its_pull_but_much_with_it(self) -> None:
        for terms, moves in (("influence",), False), ((), True):
            after = intervene(island(*terms), influence={"wardens": 0.4}, start="2024-04-20")
            assert island(*terms).scenarios().equals(after.scenarios()) is not moves

    def test_the_prior_alone_knows_no_tone_and_no_influence_either(self) -> None:
        wide, narrow = (skeleton().without(*SIMPLEST).with_prior("tension.psi", f"0 to {psi}") for psi in (4, 0.1))
        assert prior_check(wide, AS_OF, draws=100).equals(prior_check(narrow, AS_OF, draws=100))

    def test_a_table_of_promises_without_their_record_is_empty(self) -> None:
        assert island("defection").defection().empty


class TestUpdate:
    def test_by_weights_it_stays_a_variant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Reweighted, "failures", ())
        after = update(island("influence"), [item("signal")])
        assert after.update_report.method == "reweight"  # type: ignore[union-attr]
        assert after.case.spec.variant.without == ("influence",)
        # All that the item says is whom it favours and what it leans to, and neither moves a rate here.
        assert not after.draws["leverage"].any()

    def test_by_a_refit_it_stays_a_variant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        refits = Refits(draws=60)
        monkeypatch.setattr("vzforecast.updating.advance.fit_known", refits)
        after = update(island("tone"), [item("signal")], method="refit")
        assert refits.calls[0]["known"].spec.variant.without == ("tone",)
        assert after.case.spec.variant.without == ("tone",)
        assert not after.draws["psi"].any()

    def test_the_full_model_never_answers_from_the_draws_of_a_variant(self, monkeypatch: pytest.MonkeyPatch) -> None:
        refits = Refits(draws=60)
        monkeypatch.setattr("vzforecast.updating.advance.fit_known", refits)
        update(island("tone"), [item("signal")], case=skeleton())
        assert len(refits.calls) == 1
