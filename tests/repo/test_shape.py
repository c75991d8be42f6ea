"""The rules of docs/architecture.md that the import contracts cannot see."""

import ast
import re

from tests.repo.source import PACKAGE, domain_packages, functions, imports, name_of, pyproject, python_files, tree

IMPURE = ("django.db", "django.conf", "django.utils.timezone", "os", "pathlib", "sqlite3", "subprocess", "time")
SIGNALS = ("django.dispatch", "django.db.models.signals", "django.core.signals", "django.db.backends.signals")
TASK_LINES = 5


def uses(module: ast.AST, names: tuple[str, ...]) -> list[str]:
    return sorted({i for i in imports(module) for name in names if i == name or i.startswith(f"{name}.")})


def offenders(paths, names):
    return [f"{name_of(path)}: {', '.join(found)}" for path in paths if (found := uses(tree(path), names))]


def own_writes(module: ast.AST) -> list[str]:
    """Find methods of classes that would write behind an action's back."""
    hooks = {"save", "delete", "save_base", "asave", "adelete"}
    classes = [node for node in ast.walk(module) if isinstance(node, ast.ClassDef)]
    return [f"{c.name}.{m.name}" for c in classes for m in c.body if isinstance(m, ast.FunctionDef) and m.name in hooks]


def test_every_domain_package_is_under_the_contract_of_names():
    contracts = {contract["id"]: contract for contract in pyproject()["tool"]["importlinter"]["contracts"]}
    containers = {name.removeprefix("scoreport.") for name in contracts["names"]["containers"]}
    assert containers == domain_packages()
    assert contracts["names"]["exhaustive"] is contracts["packages"]["exhaustive"] is True


def test_no_model_overrides_how_it_is_stored():
    paths = [p for p in python_files("scoreport") if "models" in p.with_suffix("").parts]
    assert paths
    assert [f"{name_of(p)}: {found}" for p in paths if (found := own_writes(tree(p)))] == []


def test_an_override_would_be_found():
    assert own_writes(ast.parse("class Score(Model):\n    def save(self): ...")) == ["Score.save"]


def test_nothing_uses_signals():
    assert offenders(python_files("scoreport"), SIGNALS) == []


def test_only_limits_are_kept_in_the_default_cache():
    """It never drops an entry early, so whatever may be lost goes to a cache with a name: ``caches["figures"]``."""
    paths = [p for p in python_files("scoreport") if p.name != "factor_forms.py"]
    text = {name_of(p): p.read_text(encoding="utf-8") for p in paths}
    assert [n for n, code in text.items() if re.search(r"cache import .*\bcache\b|caches\[.default.\]", code)] == []
    assert re.search(r"cache import .*\bcache\b", "from django.core.cache import cache")


def test_nothing_uses_djangos_admin():
    assert offenders(python_files("scoreport"), ("django.contrib.admin",)) == []
    assert "django.contrib.admin" not in (PACKAGE / "settings.py").read_text(encoding="utf-8")
    assert [name_of(p) for p in python_files("scoreport") if p.name == "admin.py"] == []


def test_rules_are_pure():
    paths = [p for p in python_files("scoreport") if "rules" in p.relative_to(PACKAGE).with_suffix("").parts]
    assert paths
    assert offenders(paths, IMPURE) == []


def test_an_impure_rule_would_be_found():
    assert uses(ast.parse("from django.db import models\nimport time"), IMPURE) == [
        "django.db",
        "django.db.models",
        "time",
    ]


def careless_actions(module: ast.Module) -> list[str]:
    """Find public functions that do not take the actor first and the rest by keyword."""
    public = [f for f in module.body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_")]
    return [f.name for f in public if [a.arg for a in (*f.args.posonlyargs, *f.args.args)] != ["actor"]]


def test_actions_take_the_actor_first_and_the_rest_by_keyword():
    paths = [p for p in python_files("scoreport") if "actions" in p.relative_to(PACKAGE).with_suffix("").parts]
    assert paths
    assert [f"{name_of(p)}: {name}" for p in paths for name in careless_actions(tree(p))] == []


def test_a_careless_action_would_be_found():
    source = "def a(actor, *, at): ...\ndef b(actor, at): ...\ndef c(*, actor): ...\ndef _d(at): ..."
    assert careless_actions(ast.parse(source)) == ["b", "c"]


def long_tasks(module: ast.Module) -> list[str]:
    """Find tasks whose body, without its docstring, is more than a call into the work."""
    found = []
    for function in functions(module):
        body = function.body[1:] if ast.get_docstring(function) else function.body
        if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 > TASK_LINES:
            found.append(function.name)
    return found


def test_tasks_only_call_the_work():
    paths = [p for p in python_files("scoreport") if p.name == "tasks.py"]
    assert [f"{name_of(p)}: {name}" for p in paths for name in long_tasks(tree(p))] == []


def test_a_long_task_would_be_found():
    assert long_tasks(ast.parse("def t():\n    'Says why.'\n" + "    x = 1\n" * 6)) == ["t"]
    assert long_tasks(ast.parse("def t():\n    'Says why.'\n" + "    x = 1\n" * 5)) == []
