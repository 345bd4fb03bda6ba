"""Take the picture of docs/report.md: the top of a report in headless chromium.

    python scripts/report_picture.py fc2.nc fc.nc

The first is a saved forecast, the second an earlier one of the same case.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import vzforecast as vz

PICTURE = Path(__file__).parents[1] / "docs" / "images" / "report.png"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def main() -> None:
    fc, since = (vz.load_forecast(path) for path in sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page_file = vz.report(fc, Path(folder) / "report.html", since=since)
        browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 900, "height": 1180})
        page.goto(page_file.as_uri())
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
