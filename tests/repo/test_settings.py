"""Every setting stands in .env.example with its meaning and its default, and nothing else does."""

import ast
import re

from tests.repo.source import PACKAGE, ROOT, name_of, python_files, tree

READERS = {"env", "env_bool", "env_int", "env_list"}


def settings_read() -> dict[str, str | None]:
    """Find each variable that settings.py reads, with its default where that is a plain value."""
    found: dict[str, str | None] = {}
    for node in ast.walk(tree(PACKAGE / "settings.py")):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in READERS:
            name = node.args[0]
            if isinstance(name, ast.Constant) and isinstance(name.value, str):
                found[name.value] = found.get(name.value) or default_of(node.func.id, node)
    return found


def default_of(reader: str, call: ast.Call) -> str | None:
    """Write a default as .env.example would; None where it is computed."""
    given = call.args[1] if len(call.args) > 1 else next((k.value for k in call.keywords if k.arg == "default"), None)
    if given is None:
        return "no" if reader == "env_bool" else ""
    if not isinstance(given, ast.Constant):
        return None
    return {True: "yes", False: "no"}[given.value] if isinstance(given.value, bool) else str(given.value)


def settings_described() -> dict[str, tuple[str, str]]:
    """Read name, default and comment of each setting in .env.example."""
    found, comment = {}, ""
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        if setting := re.fullmatch(r"([A-Z][A-Z0-9_]*)=(.*)", line):
            found[setting[1]] = (setting[2], comment)
        else:
            comment = line[2:] if line.startswith("# ") else ""
    return found


def test_what_is_read_is_what_is_described():
    assert set(settings_read()) == set(settings_described())


def test_each_setting_is_explained():
    assert [name for name, (_, comment) in settings_described().items() if not comment] == []


def test_the_default_shown_is_the_default():
    shown = settings_described()
    # An empty value in .env.example means that the comment describes the default.
    wrong = {
        name: (shown[name][0], default)
        for name, default in settings_read().items()
        if name in shown and default and shown[name][0] not in ("", default)
    }
    assert wrong == {}


def is_environ(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "environ"


def reads_environment(module: ast.AST) -> bool:
    """Tell whether a module asks for a variable; setting one for a child process is no question."""
    for node in ast.walk(module):
        if isinstance(node, ast.Subscript) and is_environ(node.value) and isinstance(node.ctx, ast.Load):
            return True
        if isinstance(node, ast.Attribute) and (
            node.attr == "getenv" or (node.attr == "get" and is_environ(node.value))
        ):
            return True
    return False


def test_only_the_settings_read_the_environment():
    reader = PACKAGE / "lib" / "environment.py"
    paths = [p for p in python_files("scoreport") if p not in {PACKAGE / "settings.py", reader}]
    assert [name_of(p) for p in paths if reads_environment(tree(p))] == []
    # What reads it for them is for the settings alone.
    assert [name_of(p) for p in paths if "scoreport.lib.environment" in p.read_text(encoding="utf-8")] == []


def test_a_hidden_setting_would_be_found():
    assert reads_environment(ast.parse("import os\nos.environ.get('HIDDEN')"))
    assert reads_environment(ast.parse("import os\nx = os.environ['HIDDEN']"))
    assert not reads_environment(ast.parse("import os\nos.environ['GIVEN'] = 'to a child'"))
