"""Look for known weaknesses of the pinned packages, where the data about them can be reached.

A weakness that is known fails; a service that does not answer does not, and says so: a check without a network must not
stop anybody's work, and must not look like one that was made.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
SECONDS: Final = 120
IGNORED: Final[Mapping[str, str]] = {}
"""Weaknesses that cannot be used here, by their id, with the reason and the day on which to look again."""

COMMAND: Final = (
    *(sys.executable, "-m", "pip_audit", "--requirement", "requirements/dev.txt", "--require-hashes", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "5", "--cache-dir", ".cache/pip-audit"),
)

Run = Callable[[], str | None]


def run() -> str | None:
    """Return what pip-audit found, as JSON; None where its data cannot be reached in time."""
    ignored = [word for name in IGNORED for word in ("--ignore-vuln", name)]
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            [*COMMAND, *ignored], cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return None
    if done.stdout.strip():
        return done.stdout
    if is_unreachable(done.stderr):
        return None
    sys.stderr.write(done.stderr)
    message = f"pip-audit ended with {done.returncode} and said nothing."
    raise RuntimeError(message)


def is_unreachable(said: str) -> bool:
    """Tell whether pip-audit ended because its service does not answer, and for no other reason."""
    signs = ("ConnectionError", "Could not connect", "Max retries exceeded", "Tried to connect", "Read timed out",
             "Connect timed out", "Failed to establish", "Name or service not known", "ProxyError", "SSLError",
             "ServiceError", "upstream service")  # fmt: skip
    return any(sign in said for sign in signs)


def weaknesses(found: str) -> Iterator[str]:
    """Yield each weakness as a line."""
    told: dict[str, Any] = json.loads(found)
    for package in told["dependencies"]:
        for one in package.get("vulns", ()):
            mended = ", ".join(one["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {one['id']} (mended in {mended})"


def counts(found: str) -> tuple[int, int]:
    """Return of how many packages something is known, and of how many nothing: a service may know none of them."""
    packages = json.loads(found)["dependencies"]
    known = sum("vulns" in package for package in packages)
    return known, len(packages) - known


def main(look: Run = run) -> int:
    """Say what is known; 1 where a pinned package has a weakness."""
    found = look()
    known, unknown = counts(found) if found else (0, 0)
    if not found or not known:
        print("No vulnerability data reachable; skipped. Nothing is known about the pinned packages.")
        return 0
    if unknown:
        print(f"Of {unknown} of {known + unknown} pinned packages nothing is known.")
    lines = sorted(weaknesses(found))
    for line in lines:
        print(line, file=sys.stderr)
    if lines:
        print("Raise what is pinned: UPGRADE='--upgrade-package NAME' make requirements", file=sys.stderr)
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
