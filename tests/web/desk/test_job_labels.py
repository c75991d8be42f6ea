"""Every background job has a title that people can read, on the page of jobs and in ``scoreport jobs``."""

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.tasks import Task

import scoreport
from scoreport.web.desk.job_labels import title

PACKAGES = sorted(path.parent.name for path in Path(scoreport.__file__).parent.glob("*/tasks.py"))
# The names of jobs of 0.3 are those of today but for this one, which nothing enqueues any more.
EARLIER = {"withdraw_file"}


def names() -> list[str]:
    modules = [import_module(f"scoreport.{package}.tasks") for package in PACKAGES]
    found = {value.func.__name__ for module in modules for value in vars(module).values() if isinstance(value, Task)}
    return sorted(found - EARLIER)


@pytest.mark.parametrize("name", names())
def test_it_has_a_title(name):
    job: Any = SimpleNamespace(kind=name, number=7)
    assert title(job) != name


def test_there_are_jobs():
    assert {"generate_vouchers", "check_file", "deliver_mail"} <= set(names())
