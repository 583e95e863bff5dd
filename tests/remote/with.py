"""Runs a command beside servers of its own.

python3 tests/remote/with.py [--revive SECONDS] KIND -- COMMAND…

KIND is single, unix, tls, cluster, or tiers: copies in memory of what one has. The command finds in its environment
  BYTESTORE_TEST_URL    the URL that bytestore opens
  BYTESTORE_TEST_NODES  PORT:PID of every server, a cluster's primaries first, with a space between
  SSL_CERT_FILE         the certificate to trust, for tls
With --revive a server that dies comes back, on the same port, so long after it. The exit code is the command's.
Nothing is left behind, however it ends.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from math import inf
from pathlib import Path
from types import FrameType

from servers import HOST, Server, ServerError, running

KINDS = {
    "single": lambda servers: f"redis://{HOST}:{servers[0].port}/",
    "unix": lambda servers: f"redis+unix://{servers[0].socket}",
    "tls": lambda servers: f"rediss://{HOST}:{servers[0].port}/",
    # What is put behind it with an & is the server's.
    "tiers": lambda servers: f"memory:?max_bytes=64MiB&over=redis+unix://{servers[0].socket}?timeout=5s",
    "cluster": lambda servers: "redis+cluster://" + ",".join(f"{HOST}:{server.port}" for server in servers[:3]),
}
BEAT = 0.05  # seconds between two looks at what runs


class Stopped(Exception):  # noqa: N818
    """A signal that asks this to end."""

    def __init__(self, number: int) -> None:
        self.number = number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revive", type=float, default=inf, metavar="SECONDS")
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        # A socket's path must be short.
        with (
            tempfile.TemporaryDirectory(prefix="bytestore-", dir="/tmp") as folder,
            running(Path(folder), arguments.kind == "tls", arguments.kind == "cluster") as servers,
        ):
            return run(arguments.command, environment(arguments.kind, servers), servers, arguments.revive)
    except ServerError as error:
        print(f"with.py: {error}", file=sys.stderr)
        return 1
    except Stopped as signalled:
        return 128 + signalled.number


def stop(number: int, _: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # once is enough: what ends now shall end in order
    raise Stopped(number)


def environment(kind: str, servers: list[Server]) -> dict[str, str]:
    """What the command is told."""
    told = {
        "BYTESTORE_TEST_URL": KINDS[kind](servers),
        "BYTESTORE_TEST_NODES": " ".join(f"{server.port}:{server.pid}" for server in servers),
    }
    if servers[0].tls:
        told["SSL_CERT_FILE"] = str(servers[0].tls.certificate)
        os.environ.pop("SSL_CERT_DIR", None)  # which need not be where the command runs
    return os.environ | told


def run(command: list[str], environment: dict[str, str], servers: list[Server], revive: float) -> int:
    """The command's exit code. A server that dies, unless it shall come back, is the command's business."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            dead: dict[Server, float] = {}
            while process.poll() is None:
                for server in servers:
                    now = time.monotonic()
                    if server.has_ended() and now >= dead.setdefault(server, now) + revive:
                        del dead[server]
                        server.start()
                time.sleep(BEAT)
            return process.returncode if process.returncode >= 0 else 128 - process.returncode
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
