"""The event language: texts such as ``ever(sanctions = re_escalated) by 2025-06-30``, parsed and never run as code.

`parse_event` turns a text into a tree, `evaluate` tells on which simulated paths it happens. Nothing here needs the
simulator or the sampler, and the parser itself is only loaded with the first text.
"""

from vzforecast.events.leaves import Ever, StateOn
from vzforecast.events.open_event import OpenEvent
from vzforecast.events.parse import parse_event, parse_open_event
from vzforecast.events.tree import And, Event, Not, Or, evaluate
from vzforecast.events.vocabulary import Vocabulary

__all__ = [
    "And",
    "Event",
    "Ever",
    "Not",
    "OpenEvent",
    "Or",
    "StateOn",
    "Vocabulary",
    "evaluate",
    "parse_event",
    "parse_open_event",
]
