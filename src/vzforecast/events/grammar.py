"""The grammar of events, and what its terminals are called in messages."""

from collections.abc import Set as AbstractSet
from functools import cache
from typing import Final

from lark import Lark

# Keywords end at a word boundary, so that "andnot" is not two words. OUTCOME and STATE_NAME look alike: only the place
# tells them apart, which is what the contextual lexer of the LALR parser does. The name of an event may stand where a
# keyword may: the keyword goes before it (".2"), and a word with a bracket behind it is no name, so that a misspelt
# keyword is reported where it stands.
GRAMMAR: Final = r"""
    ?start: any_of
    ?any_of: all_of (_OR all_of)*
    ?all_of: single (_AND single)*
    ?single: leaf
        | _NOT single -> negation
        | "(" any_of ")"

    ?leaf: _STATE condition [_ON DATE] -> state_on
        | _EVER condition [_AFTER DATE] [_BY DATE] -> ever_by
        | _COUNT condition [_AFTER DATE] [_BY DATE] _AT_LEAST NUMBER -> count_by
        | _FIRST condition _BEFORE _FIRST condition [_AFTER DATE] [_BY DATE] -> first_by
        | _HELD stretch [_AFTER DATE] [_BY DATE] -> held_by
        | NAME -> named

    condition: "(" OUTCOME "=" STATE_NAME RPAR
    stretch: "(" OUTCOME "=" STATE_NAME "," _DAYS "=" NUMBER RPAR

    _STATE.2: /state\b/
    _EVER.2: /ever\b/
    _COUNT.2: /count\b/
    _FIRST.2: /first\b/
    _HELD.2: /held\b/
    _NOT.2: /not\b/
    _AND: /and\b/
    _OR: /or\b/
    _ON: /on\b/
    _AFTER: /after\b/
    _BY: /by\b/
    _BEFORE: /before\b/
    _DAYS: /days\b/
    _AT_LEAST: ">="
    RPAR: ")"
    DATE: /[0-9][\w\/.\-]*/
    NUMBER: /[0-9][\w.\-]*/
    OUTCOME: /[^\W\d]\w*/
    STATE_NAME: /[^\W\d]\w*/
    NAME: /[^\W\d]\w*\b(?!\s*\()/

    %import common.WS
    %ignore WS
"""

# In the order in which a message lists them.
TERMINALS: Final = {
    "OUTCOME": "an outcome",
    "STATE_NAME": "a state",
    "DATE": "a date (YYYY-MM-DD)",
    "NUMBER": "a whole number",
    "_STATE": "'state'",
    "_EVER": "'ever'",
    "_COUNT": "'count'",
    "_FIRST": "'first'",
    "_HELD": "'held'",
    "NAME": "the name of an event",
    "_NOT": "'not'",
    "LPAR": "'('",
    "RPAR": "')'",
    "EQUAL": "'='",
    "COMMA": "', days = N'",
    "_DAYS": "'days = N'",
    "_ON": "'on'",
    "_AFTER": "'after'",
    "_BY": "'by'",
    "_BEFORE": "'before'",
    "_AT_LEAST": "'>='",
    "_AND": "'and'",
    "_OR": "'or'",
    "$END": "the end",
}
# What an event begins with.
BEGINNINGS: Final = frozenset({"_STATE", "_EVER", "_COUNT", "_FIRST", "_HELD", "NAME", "_NOT", "LPAR"})


@cache
def parser() -> Lark:
    """Return the parser; building it takes some milliseconds, so it is built once."""
    return Lark(GRAMMAR, parser="lalr", lexer="contextual")


def expected(terminals: AbstractSet[str], *, named: bool) -> str:
    """List what may stand somewhere, as a message says it; the name of an event only if some are ``named``."""
    shown = [words for name, words in TERMINALS.items() if name in terminals and (named or name != "NAME")]
    return " or ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)
