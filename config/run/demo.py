"""`bin/demo`: the whole house on one machine, with an office that does business. Ctrl-C stops everything."""

import argparse
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import IO

from config.run import roles
from config.run.environment import house, own_databases, own_url
from config.run.places import ROOT, VAR, CannotRun, home_of, server_account
from config.run.ports import free_port, is_free, provider_environment
from config.run.servers import Servers
from config.run.supervisor import Child, Supervisor
from config.run.walk import walk

PYTHON = sys.executable
INTERRUPTED = 3  # load_demo's exit code for a database that holds half a demo


def answers(url: str) -> Callable[[], bool]:
    """A check whether a web server gives any answer but a fault of its own."""

    def check() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return bool(answer.status < 500)
        except urllib.error.HTTPError as error:
            return error.code < 500
        except OSError:
            return False

    return check


def _manage(environment: dict[str, str], *arguments: str) -> None:
    done = subprocess.run([PYTHON, "manage.py", *arguments], env=environment, cwd=ROOT, check=False)
    if done.returncode:
        raise CannotRun(f"manage.py {arguments[0]} failed; see above.")


def _load(environment: dict[str, str], servers: Servers | None) -> None:
    """Load the demo. One that was interrupted while loading is begun anew, as far as the servers are our own."""
    command = [PYTHON, "manage.py", "load_demo"]
    code = subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
    if code == INTERRUPTED and servers is not None and environment["DATABASE_URL"] == own_url(servers, roles.APP):
        print("  the demo was interrupted while loading: it begins anew", flush=True)
        _forget_database(servers)
        own_databases(servers)
        _manage(environment, "migrate", "--database", "owner", "--verbosity", "0")
        code = subprocess.run(command, env=environment, cwd=ROOT, check=False).returncode
    if code:
        raise CannotRun("the demo could not be loaded; see above.")


def _forget_database(servers: Servers) -> None:
    connection = servers.superuser()
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"drop database if exists {roles.DATABASE} with (force)")
    connection.close()


def _only_one() -> IO[str]:
    VAR.mkdir(parents=True, exist_ok=True)
    lock = open(VAR / "demo.lock", "a+")  # noqa: SIM115 - held while the demo runs
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        raise CannotRun(f"the demo runs already: {lock.read().strip() or 'it is just starting'}") from None
    return lock


def _start_afresh() -> None:
    """Forget the demo's data: its servers' files, what was uploaded, printed and sent."""
    home = home_of("demo", server_account())
    with Servers("demo") as servers:
        if not servers.is_first_user:
            raise CannotRun("another command uses the demo's servers; wait for it and try again.")
    for path in (home, VAR / "files", VAR / "provider"):
        shutil.rmtree(path, ignore_errors=True)


def _sweep_scratch(environment: dict[str, str]) -> None:
    """WeasyPrint leaves folders behind when its process is killed."""
    for path in Path(environment["TMPDIR"]).glob("weasyprint-*"):
        shutil.rmtree(path, ignore_errors=True)


def _children(supervisor: Supervisor, listen: str, port: int) -> list[Child]:
    check = f"http://{'127.0.0.1' if listen == '0.0.0.0' else listen}:{port}/healthz/"  # noqa: S104
    web = [PYTHON, "-m", "gunicorn", "config.wsgi", "--bind", f"{listen}:{port}", "--worker-class", "gthread", "--workers", "2",
           "--threads", "4", "--timeout", "120", "--graceful-timeout", "10", "--error-logfile", "-"]  # fmt: skip
    celery = [PYTHON, "-m", "celery", "-A", "config"]
    schedule = str(VAR / "beat-schedule")
    return [
        Child("web", web, answers(check)),
        Child(
            "worker",
            [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO"],
            supervisor.says("worker", " ready."),
        ),
        Child(
            "beat",
            [*celery, "beat", "--loglevel", "INFO", "--schedule", schedule],
            supervisor.says("beat", "beat: Starting"),
        ),
    ]


def run(options: argparse.Namespace) -> None:
    """Everything from servers to the printed address, then watch until told to stop."""
    began = time.monotonic()
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda got, _: _interrupt(told, got))
    lock = _only_one()
    if options.fresh:
        _start_afresh()
    with house("demo") as (environment, servers):
        _sweep_scratch(environment)
        sms, smtp = free_port(8025), free_port(2525)
        port = free_port(options.port)
        environment |= {"DEMO": "1", "DEBUG": os.environ.get("DEBUG", "0"), **provider_environment(sms, smtp)}
        environment.setdefault("ALLOWED_HOSTS", "*" if options.listen != "127.0.0.1" else "localhost,127.0.0.1")
        supervisor = Supervisor(environment, VAR / "logs")
        print(
            f"  servers up after {time.monotonic() - began:.1f} s ({'own' if servers else 'given'} PostgreSQL and Redis)",
            flush=True,
        )
        try:
            provider = [PYTHON, "-m", "config.run.provider", "--sms-port", str(sms), "--smtp-port", str(smtp)]
            outside = Child("provider", provider, lambda: not is_free(sms) and not is_free(smtp))
            supervisor.launch(outside)
            _manage(environment, "migrate", "--database", "owner", "--verbosity", "0")
            children = _children(supervisor, options.listen, port)
            supervisor.launch(*children)  # they come up while the days are lived; the offices open after the last one
            supervisor.wait_for(outside)
            _load(environment, servers)
            supervisor.wait_for(*children)
            _open_for_receipts(environment, port)
            address = f"http://{'localhost' if options.listen == '127.0.0.1' else options.listen}:{port}/"
            _announce(lock, environment, address, time.monotonic() - began)
            if options.once:
                print(f"  {walk(address)} people signed in and opened their first pages.", flush=True)
            else:
                supervisor.watch(lambda: bool(told))
        except KeyboardInterrupt:
            pass
        finally:
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            print("\n  stopping …", flush=True)
            supervisor.stop()
    lock.truncate(0)
    print("  stopped.", flush=True)


def _open_for_receipts(environment: dict[str, str], port: int) -> None:
    """From now on the provider reports by itself; what the demo's past days sent was asked for on the following day."""
    where = {"receipts_to": f"http://127.0.0.1:{port}/", "receipts_token": environment["RECEIPTS_TOKEN"]}
    told = urllib.request.Request(f"{environment['PROVIDER_URL']}behaviour", data=json.dumps(where).encode())
    with urllib.request.urlopen(told, timeout=5):
        pass


def _interrupt(told: list[int], number: int) -> None:
    told.append(number)
    raise KeyboardInterrupt


def _announce(lock: IO[str], environment: dict[str, str], address: str, seconds: float) -> None:
    lock.truncate(0)
    lock.write(address)
    lock.flush()
    print(
        f"\n  收缴台  {address}\n  已发出的消息 (what the local provider received)  {environment['PROVIDER_URL']}\n",
        flush=True,
    )
    print(
        f"  Ready after {seconds:.0f} s. Logs: {VAR / 'logs'}. Ctrl-C stops everything; the data stays.\n", flush=True
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bin/demo", description=__doc__)
    parser.add_argument(
        "--port",
        type=int,
        default=int(os.environ.get("PORT", "8000")),
        help="the web port; taken ones are stepped over",
    )
    parser.add_argument("--listen", default="127.0.0.1", help="the address to listen on (0.0.0.0: every interface)")
    parser.add_argument("--fresh", action="store_true", help="forget the data of earlier demos first")
    parser.add_argument(
        "--once", action="store_true", help="sign in as each person of the demo, then stop (for checks)"
    )
    try:
        run(parser.parse_args())
    except CannotRun as refusal:
        sys.exit(f"bin/demo: {refusal}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
