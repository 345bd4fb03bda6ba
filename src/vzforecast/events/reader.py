"""Read a text into a tree: syntax by the grammar, then the names it uses, then the tree."""

from vzforecast.events.builder import build
from vzforecast.events.event import Event
from vzforecast.events.named import expanded
from vzforecast.events.syntax import names_in, syntax
from vzforecast.events.vocabulary import Vocabulary


def read(text: str, vocabulary: Vocabulary, *, is_open: bool) -> Event:
    """Return the tree of a text.

    Parameters
    ----------
    text : str
        The event.
    vocabulary : Vocabulary
        The names and dates it may use.
    is_open : bool
        Whether deadlines must all be missing, or all be there.

    Returns
    -------
    Event
        Checked against the vocabulary; a name in the text is replaced by what it stands for.

    Raises
    ------
    EventError
        The text does not parse, or names what the vocabulary does not have.
    """
    tree = syntax(text, is_open=is_open, named=bool(vocabulary.events))
    return build(text, tree, vocabulary, expanded(names_in(tree), vocabulary), is_open=is_open)
