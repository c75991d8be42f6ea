"""What each area's routes may be asked for, one module an area; tests/web/test_access_matrix.py asks.

A module has ``facts(world)``, which stores one of everything that its routes show and says under which numbers, and
``asks(facts)``, which says for each route with arguments whose things it can be asked for.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from types import ModuleType

type Args = Mapping[str, tuple[object, ...]]
type Asks = Mapping[str, Args]


def areas() -> list[ModuleType]:
    """Return the modules of this folder, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names]
