"""What a bare machine lacks, the private servers, and the commands demo, test, setup and run.

Standard library only: this runs on the system's Python before anything is installed. What it promises:
system packages are touched only when something is missing; nothing listens on TCP but the demo's web server;
a second run changes nothing and is quick; whatever is started here ends with the command that started it.
"""

from __future__ import annotations

import contextlib
import ctypes
import ctypes.util
import fcntl
import hashlib
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
COMMANDS = ("demo", "test", "setup", "run")
PORTS = range(8000, 8100)  # well below 32768: ports above it are handed out to outgoing connections
SOCKET_PATH_LIMIT = 100  # the kernel allows 107 bytes
UNATTENDED_APT = "env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3"
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/thidua.conf")


class Refusal(Exception):
    """The command cannot go on; the text says what to do. Code 2: something outside the project is needed."""

    def __init__(self, text: str, code: int = 2) -> None:
        super().__init__(text)
        self.code = code


class Stop(BaseException):
    """TERM or INT arrived; every server started here is stopped on the way out."""

    def __init__(self, number: int) -> None:
        self.number = number


def say(text: str) -> None:
    print(text, flush=True)


# ------------------------------------------------------------------------------------------ system packages
def newest_postgres(folder: Path = Path("/usr/lib/postgresql"), version: str = "") -> Path | None:
    """The folder of initdb and postgres: the given or the newest version of Debian's, else what PATH offers."""
    found = [p for p in folder.glob("*/bin") if (p / "initdb").exists() and (p / "postgres").exists()]
    if version:
        found = [p for p in found if p.parent.name == version]
    if found:
        return max(found, key=lambda p: [int(n) for n in re.findall(r"\d+", p.parent.name)])
    on_path = shutil.which("initdb")
    if on_path and not version:
        place = Path(on_path).resolve().parent
        return place if (place / "postgres").exists() else None
    return None


def redis_binary() -> str | None:
    """Debian's redis-tools holds the server too: redis-check-rdb is the same file under another name."""
    for name in ("redis-server", "valkey-server", "redis-check-rdb", "valkey-check-rdb"):
        found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/bin:/usr/local/bin")
        if found:
            return found
    return None


def has_library(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def probes(
    for_tests: bool, env: dict[str, str] | os._Environ[str] = os.environ
) -> list[tuple[str, Callable[[], bool]]]:
    """(Debian package, is it here?) for a purpose; a given DATABASE_URL or REDIS_URL needs no server of ours."""
    level = "test" if for_tests else "base"
    wanted: list[tuple[str, Callable[[], bool]]] = [
        ("python3-venv", lambda: venv_is_current(level) or importlib.util.find_spec("ensurepip") is not None),
        ("libpango-1.0-0", lambda: has_library("libpango-1.0.so.0")),
        ("libpangoft2-1.0-0", lambda: has_library("libpangoft2-1.0.so.0")),
        ("libharfbuzz-subset0", lambda: has_library("libharfbuzz-subset.so.0")),
        ("libfontconfig1", lambda: has_library("libfontconfig.so.1")),
        ("tzdata", lambda: Path("/usr/share/zoneinfo/Asia/Ho_Chi_Minh").exists()),
    ]
    if not env.get("DATABASE_URL"):
        wanted.append(("postgresql", lambda: newest_postgres() is not None))
    if not env.get("REDIS_URL"):
        wanted.append(("redis-tools", lambda: redis_binary() is not None))
    if for_tests:
        wanted.append(("chromium", lambda: shutil.which("chromium") is not None))
        wanted.append(("poppler-utils", lambda: shutil.which("pdftotext") is not None))
    return wanted


def missing_packages(wanted: list[tuple[str, Callable[[], bool]]]) -> list[str]:
    return [package for package, here in wanted if not here()]


def apt_line(packages: list[str], apt: str = "apt-get") -> str:
    """The exact line for a shell of root. Debian would start a database server on 5432: the drop-in forbids it."""
    line = f"{apt} update && {apt} install -y --no-install-recommends {' '.join(packages)}"
    if "postgresql" in packages:
        line = f"mkdir -p {NO_CLUSTER.parent} && echo 'create_main_cluster = false' > {NO_CLUSTER} && {line}"
    return line


def missing_message(packages: list[str], apt: bool) -> str:
    if apt:
        return (
            f"These system packages are missing: {' '.join(packages)}\n"
            f"Run this as root, then try again:\n\n  {apt_line(packages)}\n"
        )
    return (
        f"These are missing (names of Debian packages): {' '.join(packages)}\n"
        "This system has no apt-get: install what provides the same, then try again."
    )


def ensure_system(for_tests: bool) -> None:
    wanted = probes(for_tests)
    packages = missing_packages(wanted)
    if not packages:
        return
    apt = shutil.which("apt-get") is not None
    shell = ["sh", "-c"]
    if os.geteuid() != 0:
        sudo = shutil.which("sudo")
        if not sudo or subprocess.run([sudo, "-n", "true"], capture_output=True).returncode != 0:
            raise Refusal(missing_message(packages, apt))
        shell = [sudo, "-n", "sh", "-c"]
    if not apt:
        raise Refusal(missing_message(packages, apt))
    say(f"Installing system packages: {' '.join(packages)} …")
    log = log_file("apt")
    with log.open("wb") as out:
        done = subprocess.run(
            [*shell, apt_line(packages, UNATTENDED_APT)], stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    importlib.invalidate_caches()
    left = missing_packages(wanted)
    if done.returncode != 0 and left:
        raise Refusal(f"{tail(log)}\napt-get failed.\n{missing_message(left, apt)}")
    if left:
        raise Refusal(missing_message(left, apt))


# ------------------------------------------------------------------------------------- Python environment
def venv_python(venv: Path = VENV) -> str:
    """python3.11, or nothing: no environment here, or one whose Python has gone with a system's upgrade."""
    name = Path(os.path.realpath(venv / "bin" / "python")).name
    return name if (venv / "bin" / "python").exists() and (venv / "lib" / name).is_dir() else ""


def lock_stamp(level: str, python: str, folder: Path = ROOT / "requirements") -> str:
    """Changes whenever the lock, the Python or the place of the environment changes. Tests include the runtime."""
    digest = hashlib.sha256(f"{python} {VENV}".encode())
    for name in ("base", "test") if level == "test" else ("base",):
        digest.update((folder / f"{name}.txt").read_bytes())
    return digest.hexdigest()


def venv_is_current(level: str, venv: Path = VENV) -> bool:
    python = venv_python(venv)
    with contextlib.suppress(OSError):
        return bool(python) and (venv / f"thidua-{level}.stamp").read_text() == lock_stamp(level, python)
    return False


def venv_works(venv: Path = VENV) -> bool:
    """Its own Python runs and has pip, and it was made in this folder, not moved here."""
    ask = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    with contextlib.suppress(OSError):
        made_here = f"#!{venv}/bin/python" in (venv / "bin" / "pip").read_text()
        return made_here and subprocess.run([venv / "bin" / "python", "-c", ask], capture_output=True).returncode == 0
    return False


def ensure_venv(level: str) -> None:
    if venv_is_current(level):
        return
    with waiting_lock(var() / "setup.lock", "another command is installing Python packages"):
        if venv_is_current(level):
            return
        stamps = [(stamp, stamp.stem.removeprefix("thidua-")) for stamp in VENV.glob("thidua-*.stamp")]
        ours = bool(stamps) and all(venv_is_current(name) for _, name in stamps)
        if not ours or not venv_works():  # pip removes nothing: packages of an older lock would stay
            shutil.rmtree(VENV, ignore_errors=True)
            say("Making the Python environment .venv …")
            done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True)
            if done.returncode != 0:
                raise Refusal(f"{done.stdout}{done.stderr}\nPython could not make {VENV}.")
        for stamp, _ in stamps:
            stamp.unlink(missing_ok=True)
        say(f"Installing Python packages from requirements/{level}.txt …")
        log = log_file("pip")
        pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        with log.open("wb") as out:
            done = subprocess.run(
                [*pip, "--require-hashes", "-r", ROOT / "requirements" / f"{level}.txt"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )
        if done.returncode != 0:
            raise Refusal(f"{tail(log)}\npip failed; the whole output is in {log}.")
        for name in ("base", "test") if level == "test" else ("base",):
            (VENV / f"thidua-{name}.stamp").write_text(lock_stamp(name, venv_python()))


# ------------------------------------------------------------------------------------------- small things
def var() -> Path:
    folder = Path(os.environ.get("THIDUA_VAR") or ROOT / "var")
    try:
        (folder / "log").mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder} cannot be written ({error.strerror}): run this in a folder of your own.")
    return folder


def log_file(name: str) -> Path:
    return var() / "log" / f"{name}.log"


def tail(path: Path, lines: int = 25) -> str:
    with contextlib.suppress(OSError):
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    return ""


def take_lock(path: Path, exclusive: bool = True) -> int | None:
    """An open, locked descriptor, or None when another process holds it. Closing it, or dying, gives it back."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


@contextlib.contextmanager
def waiting_lock(path: Path, why: str) -> Iterator[None]:
    handle = take_lock(path)
    if handle is None:
        say(f"Waiting: {why} …")
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        os.close(handle)


def free_port(ports: range = PORTS, host: str = "127.0.0.1") -> socket.socket:
    """The first free port, already bound and listening, so that nobody can take it in between."""
    for port in ports:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
            listener.listen(256)
        except OSError:
            listener.close()
            continue
        return listener
    raise Refusal(f"Ports {ports.start} to {ports.stop - 1} are all taken: try --port with another number.", 1)


def may_enter(folder: Path, uid: int) -> bool:
    """Whether the (ordinary) user can reach the folder: every folder on the way lets it pass."""
    for step in (folder, *folder.parents):
        with contextlib.suppress(OSError):
            info = step.stat()
            if not (info.st_mode & 0o001 or (info.st_uid == uid and info.st_mode & 0o100)):
                return False
    return True


def server_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root; then both servers run as the packaged user. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Refusal("Running as root needs a user postgres or nobody for the database server.")


def die_with_parent(sig: int) -> Callable[[], None]:
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(1, sig, 0, 0, 0)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return ask


# ---------------------------------------------------------------------------------------- private servers
class Child:
    """One process of ours: started with a death signal, its own session, its output in var/log."""

    def __init__(
        self,
        name: str,
        command: list[str],
        *,
        log: Path,
        env: dict[str, str] | None = None,
        cwd: Path = ROOT,
        as_user: pwd.struct_passwd | None = None,
        executable: str | None = None,
        stop_with: int = signal.SIGTERM,
        pass_fds: tuple[int, ...] = (),
    ) -> None:
        self.name, self.command, self.log, self.env, self.cwd = name, command, log, env, cwd
        self.as_user, self.executable, self.stop_with, self.pass_fds = as_user, executable, stop_with, pass_fds
        self.process: subprocess.Popen[bytes] | None = None
        self.failures, self.started, self.retry_at = 0, 0.0, 0.0

    def start(self) -> None:
        user = {}
        if self.as_user:
            user = {"user": self.as_user.pw_uid, "group": self.as_user.pw_gid, "extra_groups": []}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                self.command,
                executable=self.executable,
                cwd=self.cwd,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent(self.stop_with),
                pass_fds=self.pass_fds,
                **user,
            )
        self.started = time.monotonic()

    @property
    def pid(self) -> int:
        return self.process.pid if self.process else 0

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def end_orphans(self) -> None:
        """What a killed process left of its own session: pool children of the worker, for one."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)

    def stop(self, patience: float = 20) -> None:
        if not self.process or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_with)
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGQUIT if self.name == "postgres" else signal.SIGKILL)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def revive(self) -> None:
        """Starts a dead process again, a little later each time it dies early."""
        now = time.monotonic()
        if self.alive() or now < self.retry_at:
            return
        if not self.retry_at:
            self.failures = self.failures + 1 if now - self.started < 30 else 1
            self.retry_at = now + min(30.0, 0.5 * 2**self.failures)
            self.end_orphans()
            say(f"{self.name} has ended (code {self.process.returncode if self.process else '?'}); starting it again.")
            return
        self.retry_at = 0.0
        self.start()


def answers_postgres(path: Path) -> bool:
    """Speaks the first words of the protocol: 'R' asks for sign-in, 'E' while starting up."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        line.connect(str(path / ".s.PGSQL.5432"))
        words = b"user\0thidua\0database\0postgres\0\0"
        line.sendall(struct.pack("!ii", 8 + len(words), 196608) + words)
        return line.recv(1) == b"R"
    return False


def answers_redis(path: Path, pid: int) -> bool:
    """The server behind the socket is the process started here, not one that was there before."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(2)
        line.connect(str(path))
        line.sendall(b"INFO server\r\n")
        return f"process_id:{pid}\r\n".encode() in line.recv(65536)
    return False


def wait_for(child: Child, answers: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answers():
            return
        if not child.alive():
            break
        time.sleep(0.05)
    raise Refusal(f"{tail(child.log)}\n{child.name} did not start; see {child.log}.", 1)


class Servers:
    """A private PostgreSQL and Redis under one folder, on Unix sockets only.

    ``durable`` ones are as safe as in production; the others trade safety for speed, for data nobody will miss.
    """

    def __init__(self, home: Path, logs: Path, *, durable: bool) -> None:
        self.home, self.logs, self.durable = home, logs, durable
        self.user = server_user()
        self.children: list[Child] = []
        self.sockets = home / "run"
        self.borrowed: Path | None = None
        if len(str(self.sockets / ".s.PGSQL.5432.lock")) > SOCKET_PATH_LIMIT:
            self.borrowed = self.sockets = Path(tempfile.mkdtemp(prefix="thidua-run-", dir="/tmp"))

    def folder(self, path: Path) -> Path:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        if self.user and path.stat().st_uid != self.user.pw_uid:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)
        return path

    def as_server(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        user = {}
        if self.user:
            user = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        return subprocess.run(
            command, cwd=self.home, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=self.env(), **user
        )

    def env(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C.UTF-8"}

    def start(self, postgres: bool = True, redis: bool = True) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.folder(self.sockets)
        try:
            if redis:
                self.begin_redis()
            if postgres:
                self.begin_postgres()
        except BaseException:
            self.stop()
            raise

    def begin_postgres(self) -> None:
        data = self.folder(self.home / "postgres")
        made = (data / "PG_VERSION").exists()
        version = (data / "PG_VERSION").read_text().strip() if made else ""
        place = newest_postgres(version=version)
        if place is None:
            raise Refusal(
                f"{data} belongs to PostgreSQL {version or '(none found)'}, which is not installed here: "
                "install it, or remove the folder to begin anew."
            )
        end_left_over_postgres(data)
        if not made:
            # made beside its place and renamed, so that a run cut short leaves no half of a cluster
            new = self.home / "postgres.new"
            shutil.rmtree(new, ignore_errors=True)
            self.folder(new)
            make = [str(place / "initdb"), "-D", str(new), "-U", "thidua", "-E", "UTF8", "--locale=C.UTF-8"]
            done = self.as_server([*make, "--auth=trust", *([] if self.durable else ["--no-sync"])])
            if done.returncode != 0:
                raise Refusal(f"{done.stdout}{done.stderr}\ninitdb failed.", 1)
            data.rmdir()
            new.rename(data)
        settings = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), "logging_collector": "off"}
        settings |= {"unix_socket_permissions": "0700", "max_connections": "100"}
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
            settings |= {"wal_level": "minimal", "max_wal_senders": "0", "autovacuum": "off"}
        command = [str(place / "postgres"), "-D", str(data), "-p", "5432"]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        child = Child(
            "postgres",
            command,
            log=self.logs / "postgres.log",
            env=self.env(),
            cwd=data,
            as_user=self.user,
            stop_with=signal.SIGINT,
        )
        child.start()
        self.children.append(child)
        wait_for(child, lambda: answers_postgres(self.sockets))
        client = ["-h", str(self.sockets), "-U", "thidua", "-w"]
        there = self.as_server(
            [str(place / "psql"), *client, "-d", "postgres", "-Atc", "select datname from pg_database"]
        )
        if "thidua" not in there.stdout.split():
            done = self.as_server([str(place / "createdb"), *client, "thidua"])
            if done.returncode != 0:
                raise Refusal(f"{done.stderr}\nThe database could not be made.", 1)

    def begin_redis(self) -> None:
        binary = redis_binary()
        if binary is None:
            raise Refusal(missing_message(["redis-tools"], apt=True))
        folder = self.folder(self.home / "redis")
        path = self.sockets / "redis.sock"
        # the first word decides what the binary does: called redis-server it serves, whatever its file is named
        command = ["redis-server", "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
        command += ["--dir", str(folder), "--save", "", "--appendonly", "yes" if self.durable else "no"]
        command += ["--maxmemory-policy", "noeviction", "--daemonize", "no"]
        child = Child(
            "redis",
            command,
            log=self.logs / "redis.log",
            env=self.env(),
            cwd=folder,
            as_user=self.user,
            executable=binary,
        )
        child.start()
        self.children.append(child)
        wait_for(child, lambda: answers_redis(path, child.pid))

    def urls(self) -> dict[str, str]:
        found = {}
        for child in self.children:
            if child.name == "postgres":
                # user, database and ?host= is the one form that every library in use reads alike
                found["DATABASE_URL"] = f"postgres://thidua@/thidua?host={self.sockets}"
            else:
                found["REDIS_URL"] = f"unix://{self.sockets}/redis.sock?db=0"
        return found

    def stop(self) -> None:
        for child in reversed(self.children):
            child.stop()
        if self.borrowed:
            shutil.rmtree(self.borrowed, ignore_errors=True)


def end_left_over_postgres(data: Path) -> None:
    """A server whose starter was killed may still be closing down in this folder."""
    pid_file = data / "postmaster.pid"
    for step in range(100):
        try:
            pid = int(pid_file.read_text().split()[0])
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError, IndexError):
            return
        if os.fsencode(data) not in words:  # the number belongs to another process by now; PostgreSQL sees that too
            return
        if step in (0, 60):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT if step == 0 else signal.SIGQUIT)
        time.sleep(0.1)
    raise Refusal(f"A PostgreSQL from an earlier run does not end (folder {data}).", 1)


def end_left_over(instance: str) -> None:
    """Web and worker processes of a killed demo: they carry the name of their folder in their environment."""
    mark = f"THIDUA_INSTANCE={instance}".encode()

    def marked() -> list[int]:
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
        return found

    for sig, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
        left = marked()
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, sig)
        end = time.monotonic() + seconds
        while left and time.monotonic() < end:
            time.sleep(0.1)
            left = marked()
        if not left:
            return


# --------------------------------------------------------------------------------------------- environment
def child_env(extra: dict[str, str]) -> dict[str, str]:
    env = dict(os.environ)
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = f"{VENV / 'bin'}:{env.get('PATH', '/usr/bin:/bin')}"
    env["PYTHONUTF8"] = "1"
    env.pop("PYTHONHOME", None)
    return env | extra


def secret_key() -> str:
    path = var() / "secret"
    if not path.exists():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(secrets.token_urlsafe(50))
    return path.read_text().strip()


def check_given(env: dict[str, str]) -> None:
    """A given server that does not answer stops the command before anything is changed."""
    asks = {
        "DATABASE_URL": "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL'], connect_timeout=5).close()",
        "REDIS_URL": "import os, redis; redis.Redis.from_url(os.environ['REDIS_URL'], socket_connect_timeout=5).ping()",
    }
    for name, ask in asks.items():
        if os.environ.get(name):
            done = subprocess.run([VENV / "bin" / "python", "-c", ask], env=env, capture_output=True, text=True)
            if done.returncode != 0:
                lines = [line for line in done.stderr.splitlines() if re.match(r"[\w.]+(Error|Timeout)\b", line)]
                raise Refusal(f"The server named by {name} does not answer: {(lines or ['no reason given'])[-1]}")


def demo_home() -> Path:
    """Where the lasting cluster lives: in var/, or where the server's own user can enter."""
    home = var() / "servers"
    user = server_user()
    if user is None or may_enter(home.parent, user.pw_uid):
        return home
    name = hashlib.sha256(str(var()).encode()).hexdigest()[:8]
    return Path(f"/var/lib/thidua-{name}")


def demo_env(urls: dict[str, str]) -> dict[str, str]:
    instance = hashlib.sha256(str(var()).encode()).hexdigest()[:8]
    env = {
        "DEBUG": "0",
        "THIDUA_DEMO": "1",
        "SECRET_KEY": secret_key(),
        "THIDUA_VAR": str(var()),
        "THIDUA_INSTANCE": str(var()),
    }
    env["THIDUA_KEY_PREFIX"] = os.environ.get("THIDUA_KEY_PREFIX") or f"thidua-demo-{instance}"
    return child_env(env | urls)


def throw_away_folder() -> Path:
    """A new folder that the server's user can enter; those of killed runs are removed on the way."""
    user = server_user()
    wanted = [Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]
    base = next((p for p in wanted if len(str(p)) < 50 and (user is None or may_enter(p, user.pw_uid))), Path("/tmp"))
    for old in base.glob(f"thidua-test-{os.geteuid()}-*"):
        handle = take_lock(old / "lock") if (old / "lock").exists() else None
        if handle is not None:
            end_left_over(str(old))
            end_left_over_postgres(old / "postgres")
            shutil.rmtree(old, ignore_errors=True)
            os.close(handle)
    folder = Path(tempfile.mkdtemp(prefix=f"thidua-test-{os.geteuid()}-", dir=base))
    folder.chmod(0o711 if user else 0o700)
    return folder


@contextlib.contextmanager
def throw_away(durable: bool = False) -> Iterator[dict[str, str]]:
    """The environment of tests: own servers (or the given ones), own key prefix, own database name, own var."""
    folder = throw_away_folder()
    lock = take_lock(folder / "lock")
    servers = Servers(folder, folder, durable=durable)
    try:
        token = secrets.token_hex(4)
        servers.start(not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL"))
        for name in ("var", "tmp"):
            (folder / name).mkdir()
        env = child_env(servers.urls() | {"THIDUA_TESTING": "1", "THIDUA_TEST_DB": token})
        env |= {"THIDUA_VAR": str(folder / "var"), "TMPDIR": str(folder / "tmp"), "THIDUA_INSTANCE": str(folder)}
        env["THIDUA_KEY_PREFIX"] = f"thidua-test-{token}"
        for name in ("DEBUG", "THIDUA_DEMO"):
            env.pop(name, None)
        # named here too: some plugins of pytest look at Django before pytest-django has read its own setting
        env["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        check_given(env)
        yield env
    finally:
        end_left_over(str(folder))  # what a test killed may have left children
        servers.stop()
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


@contextlib.contextmanager
def demo_servers(lock: int) -> Iterator[tuple[Servers, dict[str, str]]]:
    """The demo's lasting servers, for as long as the block lasts. The caller holds the demo's lock."""
    home = demo_home()
    end_left_over(str(var()))
    for name in ("postgres", "redis"):
        path = log_file(name)
        if path.exists() and path.stat().st_size > 5_000_000:
            path.unlink()
    servers = Servers(home, var() / "log", durable=True)
    try:
        servers.start(not os.environ.get("DATABASE_URL"), not os.environ.get("REDIS_URL"))
        env = demo_env(servers.urls())
        check_given(env)
        yield servers, env
    finally:
        (var() / "demo.json").unlink(missing_ok=True)
        servers.stop()
        os.close(lock)


def running_demo() -> dict[str, str] | None:
    """What the running demo (or a command that lent its servers) wrote about itself."""
    with contextlib.suppress(OSError, ValueError):
        return dict(json.loads((var() / "demo.json").read_text()))
    return None


def write_demo(facts: dict[str, str]) -> None:
    path = var() / "demo.json"
    path.with_suffix(".new").write_text(json.dumps(facts))
    path.with_suffix(".new").replace(path)


# ------------------------------------------------------------------------------------------------ commands
def on_signals() -> None:
    def handle(number: int, frame: object) -> None:
        for again in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(again, signal.SIG_IGN)
        raise Stop(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, handle)


def django_command(env: dict[str, str], *words: str, log: str = "") -> str:
    """Runs one management command; its output comes back, or becomes the reason for stopping."""
    done = subprocess.run(
        [VENV / "bin" / "python", ROOT / "manage.py", *words],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    log_file(log or words[0]).write_text(done.stdout, encoding="utf-8")
    if done.returncode != 0:
        raise Refusal(f"{done.stdout[-4000:]}\n./manage.py {words[0]} failed.", 1)
    return done.stdout


def web_child(env: dict[str, str], listener: socket.socket) -> Child:
    command = [
        str(VENV / "bin" / "python"),
        "-m",
        "gunicorn",
        "thidua.wsgi:application",
        "--bind",
        f"fd://{listener.fileno()}",
    ]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "4", "--graceful-timeout", "10"]
    command += ["--timeout", "60", "--no-control-socket", "--log-level", "warning"]
    return Child("web", command, log=log_file("web"), env=env | {"DATABASE_POOL": "1"}, pass_fds=(listener.fileno(),))


def worker_child(env: dict[str, str]) -> Child:
    command = [
        str(VENV / "bin" / "python"),
        "-m",
        "celery",
        "-A",
        "thidua.celery",
        "worker",
        "-B",
        "-c",
        "2",
        "-l",
        "WARNING",
    ]
    command += ["-s", str(var() / "beat-schedule"), "--without-gossip", "--without-mingle", "-n", "demo@%h"]
    return Child("worker", command, log=log_file("worker"), env=env)


def take_demo_lock(seconds: float = 20) -> int:
    end = time.monotonic() + seconds
    told = False
    while True:
        lock = take_lock(var() / "demo.lock")
        if lock is not None:
            return lock
        other = running_demo() or {}
        if "address" in other:
            raise Refusal(
                f"The demo is already running in this folder: {other['address']} (process {other['pid']}).", 1
            )
        if time.monotonic() > end:
            raise Refusal("Another command is using the demo's servers in this folder: wait for it to end.", 1)
        if not told:
            say("Waiting: another command is using the demo's servers …")
        told = True
        time.sleep(0.2)


def demo(arguments: list[str]) -> int:
    from thidua import bootstrap_check

    check = "--check" in arguments
    ports = PORTS
    if "--port" in arguments:
        with contextlib.suppress(ValueError, IndexError):
            first = int(arguments[arguments.index("--port") + 1])
            ports = range(first, first + 1)
    if check and (lock := take_lock(var() / "demo.lock")) is None:
        return check_running(bootstrap_check.walk)
    if check and lock is not None:
        os.close(lock)
    ensure_system(for_tests=False)
    ensure_venv("base")
    lock = take_demo_lock()
    with demo_servers(lock) as (servers, env), free_port(ports) as listener:
        say("Preparing the database …")
        django_command(env, "migrate", "--noinput", log="migrate")
        log_ins = var() / "log-ins.txt"
        told = django_command(env, "seed_demo", log="seed_demo").strip()
        if told or not log_ins.exists():
            log_ins.write_text(told + "\n", encoding="utf-8")
        web, worker = web_child(env, listener), worker_child(env)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        try:
            for child in (web, worker):
                child.log.write_bytes(b"")
                child.start()
            wait_for(web, lambda: bootstrap_check.answers(address))
            time.sleep(0.2)
            if not worker.alive():
                raise Refusal(f"{tail(worker.log)}\nThe worker did not start; see {worker.log}.", 1)
            write_demo({"address": address, "pid": str(os.getpid()), **servers.urls()})
            say(f"READY {address}")
            say(log_ins.read_text(encoding="utf-8"))
            if check:
                return bootstrap_check.walk(address, log_ins.read_text(encoding="utf-8"))
            say("Stop with Ctrl+C. Logs are in var/log.")
            while True:
                for child in (*servers.children, worker, web):
                    child.revive()
                time.sleep(0.5)
        finally:
            web.stop()
            worker.stop()
            end_left_over(str(var()))


def check_running(walk: Callable[[str, str], int]) -> int:
    """The demo runs, or is being started by someone else: wait for it, then walk through it."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        facts = running_demo() or {}
        if "address" in facts:
            return walk(facts["address"], (var() / "log-ins.txt").read_text(encoding="utf-8"))
        time.sleep(0.5)
    raise Refusal("The demo did not become ready within five minutes.", 1)


def pytest_arguments(arguments: list[str], cores: int) -> list[str]:
    """Spread over the cores, unless one file is named or the caller chose."""
    if any(a.startswith(("-n", "--numprocesses")) or a in ("no:xdist", "-pno:xdist", "--pdb") for a in arguments):
        return arguments
    named = [a for a in arguments if (ROOT / a.split("::")[0]).exists() and not a.startswith("-")]
    single = len(named) == 1 and (ROOT / named[0].split("::")[0]).is_file()
    return ["-n", "0" if single else str(max(1, min(cores, 4))), *arguments]


def in_foreground(command: list[str], env: dict[str, str]) -> int:
    """Runs in this terminal's session, so that Ctrl+C reaches it; TERM is passed on."""
    process = subprocess.Popen(command, cwd=ROOT, env=env, preexec_fn=die_with_parent(signal.SIGTERM))
    try:
        return process.wait()
    except Stop as stop:
        if stop.number != signal.SIGINT:  # Ctrl+C reached it already
            process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise


def test(arguments: list[str]) -> int:
    ensure_system(for_tests=True)
    ensure_venv("test")
    with throw_away() as env:
        words = pytest_arguments(arguments, len(os.sched_getaffinity(0)))
        return in_foreground([str(VENV / "bin" / "python"), "-m", "pytest", *words], env)


def run(arguments: list[str]) -> int:
    """Hidden: one command with the tests' packages and throw-away servers (``--durable``: as safe as production's)."""
    durable = arguments[:1] == ["--durable"]
    words = arguments[1:] if durable else arguments
    words = words[1:] if words[:1] == ["--"] else words
    if not words:
        raise Refusal("Usage: ./manage.py run [--durable] -- COMMAND …")
    ensure_system(for_tests=True)
    ensure_venv("test")
    with throw_away(durable) as env:
        program = shutil.which(words[0], path=env["PATH"])
        if program is None:
            raise Refusal(f"There is no command {words[0]}.", 127)
        return in_foreground([program, *words[1:]], env)


def setup(arguments: list[str]) -> int:
    """Installs what demo and test need (``--demo``: only what the demo needs)."""
    for_tests = "--demo" not in arguments
    ensure_system(for_tests)
    ensure_venv("test" if for_tests else "base")
    say("Everything is in place.")
    return 0


def other(arguments: list[str]) -> int | None:
    """Any other command. None: this very process can run it, Django and a database are at hand.

    Else it runs in .venv; without DATABASE_URL on the servers of the demo, lent by a running one or started for
    the command's own duration.
    """
    if os.environ.get("DATABASE_URL") and importlib.util.find_spec("django"):
        return None
    if not venv_is_current("base"):
        ensure_system(for_tests=False)
        ensure_venv("base")
    command = [str(VENV / "bin" / "python"), str(ROOT / "manage.py"), *arguments]
    if os.environ.get("DATABASE_URL"):
        os.execve(command[0], command, child_env({}))
    users = var() / "users.lock"
    lock = take_lock(var() / "demo.lock")
    if lock is None:
        end = time.monotonic() + 60
        while not (facts := running_demo() or {}) and time.monotonic() < end:
            time.sleep(0.2)
        if not facts:
            raise Refusal("The demo's servers are held by another command and did not become ready.", 1)
        using = os.open(users, os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(using, fcntl.LOCK_SH)
        os.set_inheritable(using, True)
        urls = {k: v for k, v in facts.items() if k.endswith("_URL")}
        os.execve(command[0], command, demo_env(urls))
    with demo_servers(lock) as (servers, env):
        write_demo({"pid": str(os.getpid()), **servers.urls()})
        try:
            return in_foreground(command, env)
        finally:
            (var() / "demo.json").unlink(missing_ok=True)
            with waiting_lock(users, "another command still uses these servers"):
                pass


def main(arguments: list[str]) -> int | None:
    """The exit code; None when the command is Django's and this process can run it."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    try:
        if command not in COMMANDS:
            if os.environ.get("DATABASE_URL") and importlib.util.find_spec("django"):
                return None
            on_signals()
            return other(arguments)
        on_signals()
        return {"demo": demo, "test": test, "setup": setup, "run": run}[command](rest)
    except Refusal as refusal:
        print(refusal, file=sys.stderr, flush=True)
        return refusal.code
    except PermissionError as error:
        print(
            f"{error.filename} belongs to another user: run this as that user, or in a clone of your own.",
            file=sys.stderr,
        )
        return 2
    except Stop:
        return 0 if command == "demo" else 130
