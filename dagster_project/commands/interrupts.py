"""Ctrl-C ends a command at once, wherever it is.

Libraries catch KeyboardInterrupt in the middle of an import, a callback or a query, and go on;
threads of the engine abort a process that is taken down in order. To be killed, though, is safe at
any moment. So Python's note of each signal goes to a thread of its own, which ends the process,
whoever handles the signal.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence

INTERRUPTED = 130
_TOLD = "interrupted: nothing half done is published; run the same command again\n"


def end_at_interrupt() -> None:
    """From now on end with code 130 when the user stops the command."""
    signal.signal(signal.SIGINT, _leave_to_thread)
    reader, writer = socket.socketpair()
    writer.setblocking(False)
    signal.set_wakeup_fd(writer.detach(), warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(reader,), name="interrupts", daemon=True).start()


def run_until_stopped(command: Sequence[str], environment: Mapping[str, str] | None = None) -> int:
    """Run a server as a process of its own, and take it along when this one is told to end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(command, env=environment) as server:  # noqa: S603
        signal.signal(signal.SIGTERM, lambda _number, _frame: server.terminate())
        try:
            return server.wait()
        except KeyboardInterrupt:
            # the terminal told the server, too
            server.wait()
            return 0


def _leave_to_thread(_number: int, _frame: object) -> None:
    """Do nothing: the signal was noted before this is called."""


def _wait(reader: socket.socket) -> None:
    while signals := reader.recv(1):
        if signals[0] in (signal.SIGINT, signal.SIGTERM):
            sys.stderr.write(f"\n{_TOLD}")
            sys.stderr.flush()
            os._exit(INTERRUPTED)
