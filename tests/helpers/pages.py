"""HTML as a browser would read it: which elements there are, and what text stands in them."""

from html.parser import HTMLParser

# Everything that the library's pages are made of.
TABLES = frozenset({"table", "caption", "thead", "tbody", "tr", "th", "td"})
ELEMENTS = TABLES | {"details", "div", "p", "pre", "progress", "strong", "summary"}


class Page(HTMLParser):
    """The elements of a page, in order, and the text of each leaf."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.leaves: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert self._open, f"text outside of everything: {data!r}"
        self.leaves.append(data)

    @property
    def names(self) -> set[str]:
        return {name for name, _ in self.elements}

    @property
    def text(self) -> str:
        return "\n".join(self.leaves)

    def all(self, name: str) -> list[dict[str, str | None]]:
        """Attributes of every element of a name."""
        return [attributes for own, attributes in self.elements if own == name]


def read(html: str) -> Page:
    """Read a page, and see that it is made of nothing that a page of the library has not."""
    page = Page(html)
    assert page.names <= ELEMENTS
    assert not any(key.startswith("on") for _, attributes in page.elements for key in attributes)
    return page
