"""Says at the end of a long run which tests took most of it, so that an expensive one is seen when it comes in."""

from collections import defaultdict

import pytest

# Of a run with fewer tests, a large share says nothing.
LONG_RUN = 500
# A test may take this share of all tests' seconds together (CONTRIBUTING.md, "What a test costs").
SHARE = 1 / 200


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print each test above its share; nothing fails, because seconds depend on the machine."""
    seconds: dict[str, float] = defaultdict(float)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid] += report.duration
    if len(seconds) < LONG_RUN:
        return
    terminalreporter.write_sep("=", f"{sum(seconds.values()):.0f} seconds in {len(seconds)} tests; the most expensive")
    for line in expensive(seconds):
        terminalreporter.write_line(line)


def expensive(seconds: dict[str, float]) -> list[str]:
    """Return a line for each test that takes more than its share of all seconds, the longest first."""
    total = sum(seconds.values())
    above = sorted((taken, test) for test, taken in seconds.items() if taken > total * SHARE)
    return [f"{taken:7.1f} s  {taken / total:6.1%}  {test}" for taken, test in reversed(above)]
