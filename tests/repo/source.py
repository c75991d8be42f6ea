"""What the tests about the repository read: its files and the syntax trees of its Python."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "scoreport"
# Packages without the six names: `lib` has one noun a file, the deliveries have their own shape.
OTHER_SHAPES = {"lib", "web", "api", "cli", "locale"}


@cache
def files() -> tuple[Path, ...]:
    """List what is, or would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S603 – a fixed command
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def python_files(*folders: str) -> list[Path]:
    """List the Python that people write, which leaves out migrations."""
    wanted = tuple(ROOT / folder for folder in folders)
    return [
        path
        for path in files()
        if path.suffix == ".py" and "migrations" not in path.parts and any(path.is_relative_to(w) for w in wanted)
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(module: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(module: ast.AST) -> Iterator[str]:
    """Yield the dotted names that a module imports, members included."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def domain_packages() -> set[str]:
    """Name the packages that are to have the six file names."""
    return {path.parent.name for path in PACKAGE.glob("*/__init__.py")} - OTHER_SHAPES


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
