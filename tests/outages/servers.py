"""A server on this machine that misbehaves as servers do, by itself or between Scoreport and a good one."""

import socket
import struct
import threading
import time
from contextlib import suppress
from enum import StrEnum
from typing import Final

_NOISE: Final = b"\x00\xff\x13 this is no answer of any protocol \xf0\x28\x8c\x28" + b"~" * 9_000 + b"\r\n\r\n"
_LONGEST_SECONDS: Final = 60.0
"""No connection outlives this, whatever a test forgets."""


class Mode(StrEnum):
    """How the server treats who connects."""

    REFUSE = "refuse"
    BLACK_HOLE = "black-hole"
    SLOW = "slow"
    RESET = "reset"
    GARBAGE = "garbage"
    PASS = "pass"


class BadServer:
    """Listens on a free port and behaves by ``mode``, which may change at any time; ``upstream`` is the good server.

    Without one, and in mode ``pass``, it closes each connection.
    """

    def __init__(self, upstream: tuple[str, int] | None = None, *, greeting: bytes = b"2") -> None:
        self.upstream = upstream
        self.greeting = greeting
        self.connections = 0
        self._mode = Mode.PASS
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self._listener = self._bind(0)
        self.port: int = self._listener.getsockname()[1]
        self._listen()

    @property
    def mode(self) -> Mode:
        """Return how it behaves now."""
        return self._mode

    def become(self, mode: str) -> None:
        """Behave otherwise from now on; connections that are open feel it, except that a black hole keeps them."""
        before, self._mode = self._mode, Mode(mode)
        if self._mode in {Mode.REFUSE, Mode.RESET} or (self._mode is Mode.PASS and before is not Mode.PASS):
            self._reset_all()
        if self._mode is Mode.REFUSE:
            self._stop_listening()
            # A bound port that nobody listens on refuses, and no other program gets it meanwhile.
            self._listener = self._bind(self.port)
        elif before is Mode.REFUSE:
            self._listen()

    def close(self) -> None:
        """End."""
        self._closed = True
        self._stop_listening()
        self._reset_all()

    def _stop_listening(self) -> None:
        with suppress(OSError):
            # Otherwise it lives on in the thread that waits for the next client.
            self._listener.shutdown(socket.SHUT_RDWR)
        if self._acceptor.is_alive():
            self._acceptor.join(5)
        self._listener.close()

    @staticmethod
    def _bind(port: int) -> socket.socket:
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(("127.0.0.1", port))
        return made

    def _listen(self) -> None:
        self._listener.listen(50)
        self._acceptor = threading.Thread(target=self._accept, args=[self._listener], daemon=True)
        self._acceptor.start()

    def _accept(self, listener: socket.socket) -> None:
        while not self._closed:
            try:
                client, _address = listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.add(client)
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        ends = time.monotonic() + _LONGEST_SECONDS
        with suppress(OSError):
            match self._mode:
                case Mode.RESET:
                    _reset(client)
                case Mode.BLACK_HOLE:
                    self._swallow(client, ends)
                case Mode.GARBAGE:
                    client.sendall(_NOISE)
                case Mode.SLOW if self.upstream is None:
                    self._drip(client, ends)
                case _ if self.upstream is not None:
                    self._forward(client, self.upstream, ends)
                case _:
                    pass
        with self._lock:
            self._open.discard(client)
        with suppress(OSError):
            # Otherwise the connection lives on as long as another thread reads from it.
            client.shutdown(socket.SHUT_RDWR)
        client.close()

    @staticmethod
    def _swallow(client: socket.socket, ends: float) -> None:
        client.settimeout(_LONGEST_SECONDS)
        while time.monotonic() < ends and client.recv(65_536):
            pass

    def _drip(self, client: socket.socket, ends: float) -> None:
        """Send a byte now and then, so that no time-out of a single read ends the waiting."""
        while time.monotonic() < ends:
            client.sendall(self.greeting)
            time.sleep(0.05)

    def _forward(self, client: socket.socket, upstream: tuple[str, int], ends: float) -> None:
        with socket.create_connection(upstream, timeout=5) as server:
            server.settimeout(_LONGEST_SECONDS)
            threading.Thread(target=self._pump, args=[client, server, ends], daemon=True).start()
            self._answer(server, client, ends)

    def _pump(self, source: socket.socket, target: socket.socket, ends: float) -> None:
        """Carry what the client says, unless it falls into the black hole."""
        with suppress(OSError):
            while time.monotonic() < ends and (piece := source.recv(65_536)):
                if self._mode is not Mode.BLACK_HOLE:
                    target.sendall(piece)
            target.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket, ends: float) -> None:
        """Carry what the server says, as the mode has it at this moment."""
        while time.monotonic() < ends and (piece := server.recv(65_536)):
            if self._mode is Mode.SLOW:
                self._trickle(client, piece, ends)
            elif self._mode is Mode.GARBAGE:
                client.sendall(_NOISE)
            elif self._mode is not Mode.BLACK_HOLE:
                client.sendall(piece)

    def _trickle(self, client: socket.socket, piece: bytes, ends: float) -> None:
        """Send byte by byte, as long as it is slow."""
        for place in range(len(piece)):
            if self._mode is not Mode.SLOW or time.monotonic() > ends:
                client.sendall(piece[place:])
                return
            client.sendall(piece[place : place + 1])
            time.sleep(0.05)

    def _reset_all(self) -> None:
        with self._lock:
            for one in self._open:
                with suppress(OSError):
                    _reset(one)
            self._open.clear()


def _reset(connection: socket.socket) -> None:
    """End a connection with RST, as a server does whose process died."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        # Who reads from it in another thread wakes up; the RST leaves with the close.
        connection.shutdown(socket.SHUT_RD)
    connection.close()
