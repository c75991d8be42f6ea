"""What people do with score files; the acts of every kind of file are those of ``imports.actions``."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from scoreport import access
from scoreport.access import Actor, Permission
from scoreport.imports import actions as imports
from scoreport.imports.rules import AS_IT_IS, Options
from scoreport.imports.run import lock
from scoreport.scores import reattribution
from scoreport.scores.intake.target import KIND


def receive_file(
    actor: Actor,
    *,
    program: str,
    name: str,
    chunks: Iterable[bytes],
    at: datetime,
    check_later: bool = True,
    options: Options = AS_IT_IS,
) -> int:
    """Store a score file as it came (:func:`scoreport.imports.actions.receive_file`); return its id."""
    return imports.receive_file(
        actor,
        kind=KIND,
        program=program,
        name=name,
        chunks=chunks,
        at=at,
        check_later=check_later,
        options=options,
    )


def attribute_schools(actor: Actor, *, at: datetime) -> int:
    """Let scores belong to the organizations that their AI codes name now; return how many changed.

    Called after organizations were loaded: they cannot call upwards.
    """
    access.require(actor, Permission.SCORES_FILE_HANDLE)
    with transaction.atomic():
        lock()
        return reattribution.attribute_and_record(actor, at)
