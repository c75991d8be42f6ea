"""``python -m bench.stalled``: pages a second, and what idle clients do to the server, beside granian with WSGI.

Both servers run at the same time in one process each, and take turns, so that a busy machine slows down both.
"""

import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

_PATH: Final = "/account/login/"
_TURNS: Final = 5
_PAGES: Final = 300
# With a cookie, as any page gives it, because the check of the form's token reads the body only then.
_HEAD: Final = (
    f"POST {_PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: csrftoken={'x' * 32}\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
).encode()
# What `scoreport serve` ran before decision 36.
_WSGI: Final = """
import sys
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels
Granian("scoreport.wsgi:application", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI,
        blocking_threads=int(sys.argv[2]), websockets=False, log_level=LogLevels.warning).serve()
"""


def main() -> None:
    """Measure both, and print a table."""
    threads = min(8, 2 * (os.process_cpu_count() or 1) + 1)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        environment = {**os.environ, "SCOREPORT_DATA_DIR": folder}
        environment.pop("DATABASE_URL", None)
        scoreport = [sys.executable, "-m", "scoreport.cli.main"]
        subprocess.run([*scoreport, "setup"], env=environment, check=True, capture_output=True)
        before, after = _free_port(), _free_port()
        ours = [sys.executable, "-m", "scoreport.cli.children", "web", "127.0.0.1", str(after), "1"]
        theirs = [sys.executable, "-c", _WSGI, str(before), str(threads)]
        first = running.enter_context(_serving(theirs, before, environment))
        second = running.enter_context(_serving(ours, after, environment))
        for clients in (4, 32):
            turns = [(_pages(before, clients, first), _pages(after, clients, second)) for _turn in range(_TURNS)]
            for name, which in (("granian WSGI", 0), ("serve", 1)):
                rate, slowest, cpu = (statistics.median(turn[which][figure] for turn in turns) for figure in range(3))
                print(
                    f"{name:14}{clients:4} clients  {rate:6.0f} pages/s  p99 {1000 * slowest:6.0f} ms"
                    f"  {1000 * cpu:5.1f} ms of processor a page"
                )
        for idle in (8, 200):
            for name, port in (("serve", after), ("granian WSGI", before)):
                print(f"{name:14}{idle:4} idle     {_under(port, idle)}")


@contextmanager
def _serving(command: list[str], port: int, environment: dict[str, str]) -> Iterator[int]:
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE) as process:
        try:
            deadline = time.monotonic() + 120
            while not _is_open(port):
                assert time.monotonic() < deadline, "the server did not start"
                time.sleep(0.2)
            _pages(port, 4, process.pid)
            yield process.pid
        finally:
            process.kill()


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processor(pid: int) -> float:
    """Return the processor time of a process and its children, in seconds; it says more than time on a busy machine."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(processor(int(child)) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split())


def _pages(port: int, clients: int, pid: int) -> tuple[float, float, float]:
    """Return pages a second, the time of the slowest hundredth, and processor time, with so many browsers at once."""

    def browser(pages: int) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        times = []
        for _page in range(pages):
            begun = time.perf_counter()
            connection.request("GET", _PATH)
            with connection.getresponse() as answer:
                assert answer.status == 200
                answer.read()
            times.append(time.perf_counter() - begun)
        connection.close()
        return times

    begun, used = time.perf_counter(), processor(pid)
    with ThreadPoolExecutor(clients) as pool:
        times = sorted(one for many in pool.map(browser, [_PAGES // clients] * clients) for one in many)
    taken = time.perf_counter() - begun
    return len(times) / taken, times[len(times) * 99 // 100], (processor(pid) - used) / len(times)


def _under(port: int, idle: int) -> str:
    """Return how long a page takes while so many clients have sent the headers of a form and nothing more."""
    with ExitStack() as open_ones:
        for _each in range(idle):
            client = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
            client.sendall(_HEAD)
        time.sleep(0.5)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        begun = time.perf_counter()
        try:
            connection.request("GET", _PATH)
            connection.getresponse().read()
        except TimeoutError:
            return "no answer within 10 s"
        finally:
            connection.close()
        return f"answered in {1000 * (time.perf_counter() - begun):.0f} ms"


if __name__ == "__main__":
    main()
