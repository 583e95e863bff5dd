"""Redis servers for tests, on loopback: one, or a cluster. Knows no library and no test.

Each has a folder of its own, free ports, and nothing that it keeps: what is killed comes back empty.
"""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

HOST = "127.0.0.1"
PATIENCE = 30.0  # seconds for what takes tenths of one on an idle machine
QUIET = ("--save", "", "--appendonly", "no", "--bind", HOST, "--daemonize", "no")
ATTEMPTS = 5  # somebody else may take a port between its choice and its use

# A node that is silent for so long is taken for dead.
NODE_TIMEOUT_MS = 1000
PRIMARIES, NODES = 3, 6


class ServerError(Exception):
    """A server that does not start, or a cluster that does not come together."""


class Server:
    """One server: its process, and how it is reached."""

    def __init__(self, folder: Path, tls: "Certificate | None" = None, clustered: bool = False) -> None:
        folder.mkdir()
        self.folder, self.tls, self.clustered = folder, tls, clustered
        self.socket = folder / "socket"
        self.log = folder / "log"
        for attempt in range(1, ATTEMPTS + 1):
            self.port, self.bus = free_ports(2)
            try:
                self.start()
            except ServerError:
                if attempt == ATTEMPTS:
                    raise
            else:
                return

    @property
    def pid(self) -> int:
        return self.process.pid

    def start(self) -> None:
        """Starts it, on the ports that it had, and waits until it answers."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ("redis-server", *self._options()),  # noqa: S607
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            wait_until(lambda: self.has_ended() or self.say("PING") == "PONG", f"an answer of port {self.port}")
        except BaseException:
            self.kill()
            raise
        if self.has_ended():
            raise ServerError(f"redis-server ended:\n{self.log.read_text()}")

    def say(self, *command: str) -> str:
        """What it answers; empty while it does not."""
        tls = ["--tls", "--cacert", str(self.tls.certificate)] if self.tls else []
        line = ["redis-cli", *tls, "-h", HOST, "-p", str(self.port), *command]
        return subprocess.run(line, check=False, capture_output=True, text=True, timeout=PATIENCE).stdout.strip()

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def kill(self) -> None:
        """There is nothing that it would have to write first."""
        self.process.kill()
        self.process.wait()

    def _options(self) -> Iterator[str]:
        yield from QUIET
        yield from ("--unixsocket", str(self.socket))
        if self.tls:
            yield from ("--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no")
            yield from ("--tls-cert-file", str(self.tls.certificate), "--tls-key-file", str(self.tls.key))
            yield from ("--tls-ca-cert-file", str(self.tls.certificate))
        else:
            yield from ("--port", str(self.port))
        if self.clustered:
            yield from ("--cluster-enabled", "yes", "--cluster-port", str(self.bus))
            yield from ("--cluster-node-timeout", str(NODE_TIMEOUT_MS))
            if self.tls:
                yield from ("--tls-cluster", "yes", "--tls-replication", "yes")


class Certificate:
    """One that nobody but its own file vouches for."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.key = folder / "certificate.pem", folder / "key.pem"
        line = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        line += ["-days", "2", "-subj", "/CN=localhost", "-addext", f"subjectAltName=DNS:localhost,IP:{HOST}"]
        # What signs others is not taken for a server's own.
        line += ["-addext", "basicConstraints=critical,CA:FALSE"]
        line += ["-keyout", str(self.key), "-out", str(self.certificate)]
        made = subprocess.run(line, check=False, capture_output=True, text=True)
        if made.returncode != 0:
            raise ServerError(f"openssl: {made.stderr}")


@contextlib.contextmanager
def running(folder: Path, tls: bool, clustered: bool) -> Iterator[list[Server]]:
    """One server, or a cluster's with its primaries first; they end with the block."""
    with contextlib.ExitStack() as ends:
        certificate = Certificate(folder) if tls else None
        servers: list[Server] = []
        for number in range(NODES if clustered else 1):
            server = Server(folder / str(number), certificate, clustered)
            ends.callback(server.kill)
            servers.append(server)
        if clustered:
            join(servers)
        yield servers


def join(servers: list[Server]) -> None:
    """Makes one cluster of them: three primaries, and a replica of each."""
    places = [f"{HOST}:{server.port}" for server in servers]
    tls = ["--tls", "--cacert", str(servers[0].tls.certificate)] if servers[0].tls else []
    line = ["redis-cli", *tls, "--cluster", "create", *places, "--cluster-replicas", "1", "--cluster-yes"]
    made = subprocess.run(line, check=False, capture_output=True, text=True, timeout=PATIENCE)
    if made.returncode != 0:
        raise ServerError(f"redis-cli --cluster create: {made.stdout}{made.stderr}")
    wait_until(lambda: all(map(is_in_service, servers)), "a cluster in which all know all")


def is_in_service(server: Server) -> bool:
    """Whether a node knows the whole cluster, and has what its primary has."""
    cluster, replication = server.say("CLUSTER", "INFO"), server.say("INFO", "replication")
    is_linked = "connected_slaves:1" in replication or "master_link_status:up" in replication
    return is_linked and "cluster_state:ok" in cluster and f"cluster_known_nodes:{NODES}" in cluster


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Waits, but not for ever."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise ServerError(f"waited in vain for {what}")
        time.sleep(0.02)


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((HOST, 0))
        return [each.getsockname()[1] for each in sockets]
