"""Scores of forecasts that can be looked up: how good, how well calibrated, how much better than another's.

`reading` and `judged` check a table, `rules` and `ranked` are the proper scores, `decomposition` says what a score is
made of, `blocks` how sure it is, `consistency` what luck does to a calibrated record. Nothing here knows a model: it
works on tables of anybody's forecasts.
"""

from vzforecast.scoring.calibrating import calibration
from vzforecast.scoring.decomposition import Decomposition, Recalibrated, decompose, recalibrated
from vzforecast.scoring.pooling import pool_odds
from vzforecast.scoring.ranked import passage_score, ranked_probability_score
from vzforecast.scoring.report import Calibration
from vzforecast.scoring.rules import FLOOR, brier_score, log_score
from vzforecast.scoring.scores import score
from vzforecast.scoring.skills import skill
from vzforecast.scoring.tables import Scores, Skill

__all__ = [
    "FLOOR",
    "Calibration",
    "Decomposition",
    "Recalibrated",
    "Scores",
    "Skill",
    "brier_score",
    "calibration",
    "decompose",
    "log_score",
    "passage_score",
    "pool_odds",
    "ranked_probability_score",
    "recalibrated",
    "score",
    "skill",
]
