"""Words on figures: whatever a case says, shown as it is said."""

import unicodedata
from textwrap import wrap
from typing import Final

# What no font has a letter for: control characters, halves of pairs, what is private or not assigned.
_NO_LETTER: Final = frozenset({"Cc", "Cs", "Co", "Cn"})
_INSTEAD: Final = "\N{REPLACEMENT CHARACTER}"


def label(text: object, width: int = 40, lines: int = 3) -> str:
    r"""Return a text as matplotlib shows it letter for letter, in a few lines.

    Dollars would begin a formula and an underscore at the start would keep a line out of a legend; line breaks become
    spaces, and what no font can show a mark of replacement.

    Parameters
    ----------
    text : object
        What to show.
    width : int, default 40
        Letters in a line, at most.
    lines : int, default 3
        Lines, at most; the rest is cut off and the cut shown.

    Returns
    -------
    str
        Ready for an axis, a title, a legend or an annotation.

    Examples
    --------
    >>> label("$5 or $6")
    '\\$5 or \\$6'
    >>> label("a rather long name of a thing", width=12, lines=2)
    'a rather\nlong name …'
    """
    letters = _letters(str(text))
    found = wrap(letters, width, max_lines=lines, placeholder=" …")
    if found == ["…"] and letters != "…":  # nothing but the sign was left of a first word too long for one line
        found = [f"{letters[: width - 2]} …"]
    shown = "\n".join(found)
    return (" " if shown.startswith("_") else "") + shown.replace("$", r"\$")


def _letters(text: str) -> str:
    spaced = " ".join(text.split())
    return "".join(_INSTEAD if unicodedata.category(letter) in _NO_LETTER else letter for letter in spaced)
