"""The grammar of events, and what its terminals are called in messages."""

from functools import cache
from typing import Final

from lark import Lark

# Keywords end at a word boundary, so that "andnot" is not two words. OUTCOME and STATE_NAME look alike: only the place
# tells them apart, which is what the contextual lexer of the LALR parser does.
GRAMMAR: Final = r"""
    ?start: any_of
    ?any_of: all_of (_OR all_of)*
    ?all_of: single (_AND single)*
    ?single: leaf
        | _NOT single -> negation
        | "(" any_of ")"

    ?leaf: _STATE condition [_ON DATE] -> state_on
        | _EVER condition [_AFTER DATE] [_BY DATE] -> ever_by

    condition: "(" OUTCOME "=" STATE_NAME RPAR

    _STATE: /state\b/
    _EVER: /ever\b/
    _NOT: /not\b/
    _AND: /and\b/
    _OR: /or\b/
    _ON: /on\b/
    _AFTER: /after\b/
    _BY: /by\b/
    RPAR: ")"
    DATE: /[0-9][\w\/.\-]*/
    OUTCOME: /[^\W\d]\w*/
    STATE_NAME: /[^\W\d]\w*/

    %import common.WS
    %ignore WS
"""

# In the order in which a message lists them.
TERMINALS: Final = {
    "OUTCOME": "an outcome",
    "STATE_NAME": "a state",
    "DATE": "a date (YYYY-MM-DD)",
    "_STATE": "'state'",
    "_EVER": "'ever'",
    "_NOT": "'not'",
    "LPAR": "'('",
    "RPAR": "')'",
    "EQUAL": "'='",
    "_ON": "'on'",
    "_AFTER": "'after'",
    "_BY": "'by'",
    "_AND": "'and'",
    "_OR": "'or'",
    "$END": "the end",
}


@cache
def parser() -> Lark:
    """Return the parser; building it takes some milliseconds, so it is built once."""
    return Lark(GRAMMAR, parser="lalr", lexer="contextual")
