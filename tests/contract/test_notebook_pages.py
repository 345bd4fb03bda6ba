"""In a real kernel: pages are shown, a bar runs below the cell, and a saved notebook keeps nothing of it."""

from typing import Any

import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook

from helpers.pages import read

pytestmark = pytest.mark.slow  # it starts a kernel

STAGES = """
import time
from vzforecast.progress import Stages
stages = Stages()
for name in ("compiling", "sampling"):
    with stages.stage(name) as report:
        for done in range(12):
            report(done / 12)
            time.sleep(0.1)
print("done")
"""
CELLS = [STAGES, "import vzforecast as vz\nvz.load_case()", "vz.load_case().priors.head(2)"]


class Client(NotebookClient):
    """Keeps every message that shows something, also those that later ones replace."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.seen: list[tuple[str, dict[str, str]]] = []

    def process_message(self, msg: dict[str, Any], cell: NotebookNode, cell_index: int) -> Any:
        if msg["msg_type"] in ("display_data", "update_display_data"):
            self.seen.append((msg["msg_type"], msg["content"]["data"]))
        return super().process_message(msg, cell, cell_index)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Client:
    notebook = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    folder = str(tmp_path_factory.mktemp("kernel"))
    client = Client(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": folder}})
    client.execute()
    return client


def test_the_bar_moves_in_one_place_and_nothing_of_it_is_kept(client: Client) -> None:
    shown = [data["text/plain"] for _, data in client.seen]
    assert [kind for kind, _ in client.seen].count("display_data") == 1
    assert any(text.startswith("compiling") for text in shown)
    assert any(text.startswith("sampling") and "%" in text for text in shown)
    outputs = client.nb.cells[0].outputs
    kept = [output for output in outputs if output.output_type == "display_data"]
    assert [output.data for output in kept] == [{"text/plain": ""}]
    assert [output.text for output in outputs if output.output_type == "stream"] == ["done\n"]


def test_a_case_is_a_page_and_also_text(client: Client) -> None:
    (output,) = client.nb.cells[1].outputs
    assert output.data["text/plain"].startswith("<Case venezuela-2025: 11 outcomes")
    assert "Outcomes" in read(output.data["text/html"]).leaves


def test_plain_tables_name_their_index(client: Client) -> None:
    (output,) = client.nb.cells[2].outputs
    assert "<th>prior</th>" in output.data["text/html"]
