"""Replace the output shown in README.md by that of `vzforecast forecast`, run now.

The block is the one opened by ```` ```text ````. Run it after a change that moves numbers, on a machine with
nothing else to do: the output shows how long the fits took.
"""

import re
import subprocess
import sys
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(r"^```text\n.*?^```$", re.MULTILINE | re.DOTALL)


def main() -> int:
    command = [Path(sys.executable).with_name("vzforecast"), "forecast", "--no-cache"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603  (our own command)
    if done.returncode != 0:
        print("the forecast did not pass; README.md is left as it is", file=sys.stderr)
        return done.returncode
    output = "\n".join(line.rstrip() for line in done.stdout.strip().splitlines())
    text, found = BLOCK.subn(lambda _: f"```text\n{output}\n```", README.read_text(encoding="utf-8"))
    if found != 1:
        print(f"README.md has {found} blocks opened by ```text, not one", file=sys.stderr)
        return 1
    README.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
