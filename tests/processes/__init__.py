"""Processes that act at the same moment on a database of their own: what scripts that race or are killed stand on.

A script is started by a test (tests/migrated.py) or by tests.battery. It opens :func:`own_database`, prepares, lets
children act, and prints what is stored then. No connection passes a fork: the parent closes its own before, and there
is no pool. What a child raises fails the parent, with the child's traceback, unless the act itself catches it.
"""

from tests.processes.children import Act, ChildFailed, Wait, at_once, in_a_child, killed_in_a_child, waiting
from tests.processes.databases import (
    MIGRATED,
    Database,
    connect,
    do_not_wait_for_the_disk,
    own_database,
    server_of,
)

__all__ = [
    "MIGRATED",
    "Act",
    "ChildFailed",
    "Database",
    "Wait",
    "at_once",
    "connect",
    "do_not_wait_for_the_disk",
    "in_a_child",
    "killed_in_a_child",
    "own_database",
    "server_of",
    "waiting",
]
