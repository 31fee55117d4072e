"""A private Redis and real worker processes, started and killed by the tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection
from kombu import pools

from thidua.celery import app

ROOT = Path(__file__).resolve().parents[2]


def until(true: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until it holds; how long that took. Fails with ``what`` when time is over."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds, f"not within {seconds} s: {what}"
        time.sleep(0.05)
    return time.monotonic() - start


class PrivateRedis:
    """A Redis of our own on a Unix socket; may be frozen, flushed and stopped without harming anybody."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="thidua-redis-"))
        self.socket = self.folder / "s"
        self.url = f"unix://{self.socket}"
        self.process: subprocess.Popen[bytes] | None = None
        self.client = redis.Redis(unix_socket_path=str(self.socket), socket_timeout=5)

    def start(self) -> None:
        # Debian's redis-tools holds the whole server under another name.
        program = shutil.which("redis-server") or shutil.which("valkey-server") or shutil.which("redis-check-rdb")
        assert program, "no Redis binary"
        line = [
            "redis-server",
            "--port",
            "0",
            "--unixsocket",
            str(self.socket),
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self.process = subprocess.Popen(line, executable=program, stdout=subprocess.DEVNULL)
        until(self._answers, 10, "Redis answers")

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False

    def signal(self, number: int) -> None:
        assert self.process
        self.process.send_signal(number)

    def stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


class Worker:
    """`celery worker` with an embedded beat, in a process group of its own."""

    def __init__(self, broker: PrivateRedis, media: Path) -> None:
        self.log = (broker.folder / f"worker-{time.monotonic_ns()}.log").open("w+b")
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "THIDUA_FAULTS_DB": connection.settings_dict["NAME"],
            "THIDUA_FAULTS_MEDIA": str(media),
            "THIDUA_KEY_PREFIX": settings.KEY_PREFIX,
            "REDIS_URL": broker.url,
            "PYTHONPATH": str(ROOT),
        }
        schedule = broker.folder / f"beat-{time.monotonic_ns()}"
        line = [sys.executable, "-m", "celery", "-A", "thidua.celery", "worker", "-c", "1", "-l", "INFO"]
        line += ["-B", "-s", str(schedule), "--without-gossip", "--without-mingle", "--without-heartbeat"]
        self.process = subprocess.Popen(
            line, cwd=ROOT, env=environment, stdout=self.log, stderr=subprocess.STDOUT, start_new_session=True
        )

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.said()
        return " ready." in self.said()

    def said(self) -> str:
        return Path(self.log.name).read_text()

    def kill(self) -> None:
        """kill -9 of the worker and all its children at once."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.log.close()


def point_bell_at(broker: PrivateRedis) -> None:
    """The publishing side of this very process rings at that broker from now on."""
    url = broker.url.replace("unix://", "redis+socket://", 1)
    app.conf.update(broker_url=url, broker_read_url=url, broker_write_url=url)
    forget_connections()


def forget_connections() -> None:
    """Drop pooled connections, as a new process would have none."""
    pools.reset()
    app._pool = None
    app.amqp._producer_pool = None
