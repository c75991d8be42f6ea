"""The guide to loading scores tells every column of the layout and every reason to refuse a row."""

import ast
import inspect
import re

from scoreport.imports import cells, problems
from scoreport.imports.reading import rows
from scoreport.programs.catalog import program
from scoreport.programs.catalog.clep.layouts import CLEP_SCORES
from scoreport.scores.intake import check, clep
from tests.conftest import ROOT

GUIDE = " ".join((ROOT / "docs/guides/load-scores.md").read_text(encoding="utf-8").split())
# Told in words of the guide: a file as a whole, and what is no reason to refuse.
ELSEWHERE = (
    "Line %",
    "%(line)s, column",
    "These columns are missing",
    "Columns %(one)d",
    "Missing: ",
    "The file was read",
    "Dates in US form were read",
    "Text in another encoding",
    "Read ",
    "Repair ",
)


def sentences(module) -> list[str]:
    """Return the sentences that a module says to people."""
    tree = ast.parse(inspect.getsource(module))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_", "gettext_lazy"}
    ]
    return [str(call.args[0].value) for call in calls if isinstance(call.args[0], ast.Constant)]


def missing(guide: str) -> list[str]:
    said = [sentence for module in (clep, check, cells, problems, rows) for sentence in sentences(module)]
    patterns = {sentence: re.sub(r"%\\\((\w+)\\\)[sd]", ".+?", re.escape(sentence)) for sentence in said}
    return [
        sentence
        for sentence, pattern in patterns.items()
        if not sentence.startswith(ELSEWHERE) and not re.search(pattern, guide)
    ]


def test_every_reason_is_told():
    assert missing(GUIDE) == []


def test_every_column_is_told():
    assert [column for column in CLEP_SCORES.names if f"`{column}`" not in GUIDE] == []


def test_every_code_is_told():
    known = program("clep")
    codes = {code for table in (known.genders, known.ethnicities, known.grades) for code in table}
    assert [code for code in sorted(codes) if f"`{code}`" not in GUIDE] == []


def test_a_missing_reason_would_be_noticed():
    assert missing(GUIDE.replace("Registered after the test", "Registered too late")) == [
        "Registered after the test of %(tested)s. Correct one of the two dates."
    ]
