"""What a fit found, and whether it finds a truth that is known, as the tables of docs/validation.md.

    petrograd calibrate --install
    python benchmarks/recovery.py [--of out/calibrate-seed1917] [--write]

The fit itself plants the truths and writes the page (calibration.md in its folder); this puts it between the
marks of docs/validation.md, so that no number there is copied by hand.
"""

from __future__ import annotations

import argparse
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "validation.md"
BEGIN, END = "<!-- recovery: begin -->", "<!-- recovery: end -->"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--of", type=Path, default=Path("out/calibrate-seed1917"), help="folder of a fit")
    options.add_argument("--write", action="store_true", help="put it into docs/validation.md")
    given = options.parse_args()
    text = (given.of / "calibration.md").read_text(encoding="utf-8").strip()
    print(text)
    if given.write:
        head, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n\n{text}\n\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    main()
