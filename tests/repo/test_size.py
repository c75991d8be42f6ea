"""The budget of sizes: what grows past it is split by meaning while that is still easy."""

import ast
from statistics import median

import pytest

from tests.repo.source import PACKAGE, ROOT, functions, name_of, python_files, tree

FILE_LINES = 400
FUNCTION_LINES = 40
VIEW_MODULE_LINES = 250
MEDIAN_LINES = 90


def lines_of(path):
    return len(path.read_text(encoding="utf-8").splitlines())


def long_functions(module: ast.AST) -> list[str]:
    sizes = ((f.name, (f.end_lineno or f.lineno) - f.lineno + 1) for f in functions(module))
    return [f"{name} ({lines})" for name, lines in sizes if lines > FUNCTION_LINES]


def test_no_file_is_longer_than_its_budget():
    paths = python_files("scoreport", "tests", "tools", "bench")
    assert [f"{name_of(p)} ({n})" for p in paths if (n := lines_of(p)) > FILE_LINES] == []


def test_no_function_is_longer_than_its_budget():
    paths = python_files("scoreport", "tests", "tools", "bench")
    assert [f"{name_of(p)}: {name}" for p in paths for name in long_functions(tree(p))] == []


def test_no_view_module_is_longer_than_its_budget():
    paths = [p for p in python_files("scoreport/web") if "views" in p.relative_to(PACKAGE).with_suffix("").parts]
    assert [f"{name_of(p)} ({n})" for p in paths if (n := lines_of(p)) > VIEW_MODULE_LINES] == []


def test_half_of_the_files_are_small():
    sizes = [n for p in python_files("scoreport") if (n := lines_of(p))]
    assert median(sizes) < MEDIAN_LINES


@pytest.mark.parametrize(("body_lines", "found"), [(39, []), (40, ["long (41)"])])
def test_a_function_one_line_over_is_found(body_lines, found):
    assert long_functions(ast.parse("def long():\n" + "    pass\n" * body_lines)) == found


def test_the_budget_watches_the_files_of_this_clone():
    assert ROOT / "tests" / "repo" / "test_size.py" in python_files("tests")
