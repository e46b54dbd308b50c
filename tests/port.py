"""Ports on which tests let something listen.

The system's own choice (port 0) can be given twice: to the next asker, or to any client that connects meanwhile. These
lie below the range from which clients are served (32768 and up on Linux), in a block of the process's own.
"""

import itertools
import os
import socket

_FIRST = 12_000
_BLOCK = 64
_BLOCKS = 320
_PORTS = itertools.count(_FIRST + os.getpid() % _BLOCKS * _BLOCK)


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens, never the same twice."""
    return next(port for port in _PORTS if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
