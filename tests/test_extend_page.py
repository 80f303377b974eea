"""The page on how to add to the model: every step of it is done as it stands there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "extend.md"
STEP = re.compile(r"^```(python|csv)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_page_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its tables are written and its code is run, step by step, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    steps: list[tuple[str, str]] = STEP.findall(
        PAGE.read_text(encoding="utf-8").replace("WORLDS = 200", "WORLDS = 8")
    )
    names: dict[str, Any] = {"__name__": "page"}
    for kind, text in steps:
        if kind == "csv":
            file, _, table = text.partition("\n")
            Path(file).parent.mkdir(exist_ok=True)
            Path(file).write_text(table, encoding="utf-8")
        else:
            code = (
                tmp_path / f"step_{len(names)}.py"
            )  # a rule's digest is that of its text: it stands in a file
            code.write_text(text, encoding="utf-8")
            exec(compile(text, str(code), "exec"), names)
    said = capsys.readouterr().out
    assert "did you mean 'hotel_astoria'" in said
    assert "historical with weary after beliefs" in said
    assert names["mine"].record.forces["student_volunteers"].quality == 0.55
    assert "M01" in said
