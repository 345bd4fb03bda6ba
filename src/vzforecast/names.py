"""Every dimension, coordinate, group and variable name that leaves the library.

This module is the output contract: other modules import these constants, ``docs/schema.md`` describes
them, and ``tests/contract/test_names.py`` locks them. Adding a name is cheap; renaming one breaks users.
"""

from typing import Final

# Time: rates are per month of this many days (a mean Gregorian month).
DAYS_PER_MONTH: Final = 30.4375

# Every interval in the library is equal-tailed over draws and holds this much probability.
INTERVAL_MASS: Final = 0.90
LOWER_QUANTILE: Final = 0.05
UPPER_QUANTILE: Final = 0.95

# Dimensions ------------------------------------------------------------------------------------------
CHAIN: Final = "chain"
DRAW: Final = "draw"
PATH: Final = "path"
DATE: Final = "date"
PERIOD: Final = "period"  # calendar months, labelled by their first day
SCORE: Final = "score"  # of a faction's standing
FACTION: Final = "faction"
OUTCOME: Final = "outcome"
TRANSITION: Final = "transition"  # an outcome's two hazards: onset and recovery
PROCESS: Final = "process"  # a reference class: one log rate
GROUPING: Final = "grouping"  # "<family>.<grouping>", one spread each
LEVEL: Final = "level"  # "<family>.<grouping>:<level>", one partially pooled effect each
COVARIATE: Final = "covariate"
COUPLING: Final = "coupling"  # "<onset|recovery>.<outcome>.<source outcome>"
SIGNAL_KIND: Final = "signal_kind"  # the reference kind first
BEARING: Final = "bearing"
SIGNAL: Final = "signal"  # rows observed as favoured
LEAN_ITEM: Final = "lean_item"  # rows observed as lean
ROW: Final = "row"  # rows observed as events

# How much a draw, or a path of it, counts in an updated forecast.
WEIGHT: Final = "weight"

# Observed variables: exactly these three.
FAVOURED: Final = "favoured"
LEAN: Final = "lean"
EVENTS: Final = "events"

# Hazards of an outcome, in the order used along the transition dimension.
ONSET: Final = "onset"
RECOVERY: Final = "recovery"
TRANSITIONS: Final = (ONSET, RECOVERY)

# The two scores of standing in Washington, in the order used along the score dimension.
SCORES: Final = ("office", "proximity")

# What a news item leans an outcome towards, in the order of the ordered-logistic categories.
LEANS: Final = ("rest", "neither", "active")

# The same lean read as a bearing on relations between the two governments.
BEARINGS: Final = ("easing", "neither", "worsening")

# Terms of the model that a case may do without; those that the density multiplies by 0 or 1 are switches.
SWITCHES: Final = ("coupling", "influence", "tone")
TERMS: Final = (*SWITCHES, "defection", "schedule")

# Groups of the posterior tree.
POSTERIOR: Final = "posterior"
SAMPLE_STATS: Final = "sample_stats"


def level(grouping: str, member: str) -> str:
    """Return the coordinate of one member of a grouping along the level dimension."""
    return f"{grouping}:{member}"
