"""What says what it found: as text in a terminal, as HTML in a notebook."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

import pandas as pd

from vzforecast import markup


class Told(ABC):
    """A result that is printed as its text, and shown in a notebook as that text with its tables folded below.

    A subclass has a `text` and, if it has tables worth opening, `_tables`; as a dataclass it is declared with
    ``repr=False``, since its fields are tables that would bury what they say.
    """

    @property
    @abstractmethod
    def text(self) -> str:
        """What is found, in plain words."""

    def _tables(self) -> Mapping[str, pd.DataFrame]:
        """Return the tables shown below the text in a notebook, by what they are of."""
        return {}

    @property
    def _alarming(self) -> bool:
        """Whether the first line says that the numbers must not be used."""
        return False

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        first = self.text.partition("\n")[0]
        return f"<{type(self).__name__}: {first}>"

    def _repr_html_(self) -> str:
        return markup.block(*self._shown())

    def _shown(self) -> Iterator[markup.Html]:
        first, _, rest = self.text.partition("\n")
        yield markup.alarm(first) if self._alarming else markup.title(first)
        if rest:
            yield markup.lines(rest)
        filled = {caption: table for caption, table in self._tables().items() if len(table)}
        for place, (caption, table) in enumerate(filled.items()):
            # Where the text is a line, the first table has to say the rest.
            yield markup.folded(caption, markup.table(table), opened=place == 0 and not rest)


class ToldTable(pd.DataFrame):
    """A DataFrame that is shown in a way of its own; what is computed or cut from it is a plain DataFrame."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
        return pd.DataFrame
