"""The figures and notebooks that the project keeps: draw them again, play them again, and keep them small.

    python benchmarks/pictures.py [--only README notebooks] [--worlds 1000]

Figures become PNG of 64 colours (each below 300 kB), notebooks are played from an empty kernel and their
pictures made small in the same way (2 MB in all). The sizes are printed; too large a one ends with an error.
"""

from __future__ import annotations

import argparse
import base64
import io
from pathlib import Path
from typing import Any

import nbformat
from matplotlib.figure import Figure
from nbclient import NotebookClient
from PIL import Image

import sim

ROOT = Path(__file__).parents[1]
COLOURS = 64
MOST_FIGURE, MOST_NOTEBOOKS = 300_000, 2_000_000  # bytes


def small(png: bytes) -> bytes:
    """The same picture in few colours."""
    found = Image.open(io.BytesIO(png)).convert("RGB")
    packed = io.BytesIO()
    found.quantize(COLOURS, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return packed.getvalue()


def keep(drawn: Any, name: str, dpi: int) -> None:
    """Write a figure to docs/figures."""
    figure: Figure = getattr(drawn, "figure", None) or drawn
    packed = io.BytesIO()
    figure.savefig(packed, dpi=dpi)
    target = ROOT / "docs" / "figures" / name
    target.write_bytes(small(packed.getvalue()))
    size = target.stat().st_size
    print(f"{target.relative_to(ROOT)}: {size:,} bytes")
    if size > MOST_FIGURE:
        raise SystemExit(f"{name}: wanted at most {MOST_FIGURE:,} bytes, got {size:,}")


def readme(worlds: int) -> None:
    """The figures at the head of the README."""
    keep(sim.run("historical").plot.map("25 Oct 07:00"), "map.png", 110)
    found = sim.compare("historical", "bridges_raised", worlds=worlds)
    keep(found.plot(), "bands.png", 120)


def play(path: Path) -> int:
    """Play a notebook again and write it, small; its size in bytes."""
    book = nbformat.read(path, as_version=4)
    client = NotebookClient(
        book, timeout=1200, resources={"metadata": {"path": path.parent}}, record_timing=False
    )
    client.execute()
    for cell in book.cells:
        for output in cell.get("outputs", []):
            png = output.get("data", {}).get("image/png")
            if png:
                output["data"]["image/png"] = base64.b64encode(small(base64.b64decode(png))).decode()
    book.metadata.pop("widgets", None)
    nbformat.write(book, path)
    return path.stat().st_size


def notebooks() -> None:
    """All notebooks, and what they weigh together."""
    sizes = {path.name: play(path) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))}
    for name, size in sizes.items():
        print(f"notebooks/{name}: {size:,} bytes")
    if sum(sizes.values()) > MOST_NOTEBOOKS:
        raise SystemExit(f"notebooks: wanted at most {MOST_NOTEBOOKS:,} bytes, got {sum(sizes.values()):,}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument(
        "--only", nargs="+", choices=("README", "notebooks"), default=("README", "notebooks")
    )
    options.add_argument("--worlds", type=int, default=1000)
    given = options.parse_args()
    if "README" in given.only:
        readme(given.worlds)
    if "notebooks" in given.only:
        notebooks()


if __name__ == "__main__":
    main()
