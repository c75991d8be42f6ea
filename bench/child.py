"""One measure in a process of its own, so that its memory is its own: ``python -m bench.child MODULE FUNCTION JSON``.

The last line of its output is the result as JSON. Peak memory is the kernel's own count, since the last
:func:`peak_mb`, or what this process and its helpers were seen to hold together, whichever is more; where there is no
/proc it is the peak of the whole process.
"""

import importlib
import json
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from bench.databases import ROOT, Database

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")
Result = dict[str, Any]


def run(database: Database, module: str, function: str, **arguments: object) -> Result:
    """Run a measure in its own process and return its result."""
    sys.stderr.write(f"{database.kind}: {module}, {function.replace('_', ' ')} …\n")
    command = [sys.executable, "-m", "bench.child", module, function, json.dumps(arguments)]
    done = subprocess.run(command, cwd=ROOT, env=database.environment(), stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"{module}.{function} failed on {database.kind}.")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def peak_mb() -> float:
    """Return the most memory that this process held since the last call, in MB, and begin anew."""
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = next(line for line in _STATUS.read_text().splitlines() if line.startswith("VmHWM:"))
    _CLEAR.write_text("5")
    return round(int(told.split()[1]) / 1024, 1)


class _Family:
    """Looks now and then how much memory this process and those that it started hold together."""

    def __init__(self) -> None:
        self.peak = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look(self) -> None:
        while _STATUS.exists() and not self._ended.wait(0.05):
            self.peak = max(self.peak, sum(map(_held_mb, [os.getpid(), *_children()])))


def _children() -> list[int]:
    found: list[int] = []
    for path in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, path.read_text().split())
    return found


def _held_mb(pid: int) -> float:
    try:
        told = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:"))
    except (OSError, StopIteration):
        return 0.0  # It has ended.
    return round(int(told.split()[1]) / 1024, 1)


class Watch:
    """Seconds, seconds of this process on a processor, and peak memory of the named steps of a measure."""

    def __init__(self) -> None:
        self.steps: dict[str, dict[str, float]] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure what happens inside."""
        peak_mb()
        started, worked = time.perf_counter(), time.process_time()
        with _Family() as family:
            yield
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        peak = max(peak_mb(), family.peak)
        self.steps[name] = {"seconds": round(seconds, 3), "cpu_seconds": round(cpu, 3), "peak_mb": peak}

    @property
    def seconds(self) -> float:
        """All steps together."""
        return sum(step["seconds"] for step in self.steps.values())

    @property
    def peak(self) -> float:
        """The most of all steps."""
        return max(step["peak_mb"] for step in self.steps.values())


def main() -> None:
    """Run what the command line names."""
    import django

    module, function, arguments = sys.argv[1:]
    django.setup()
    result = getattr(importlib.import_module(f"bench.{module}"), function)(**json.loads(arguments))
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
