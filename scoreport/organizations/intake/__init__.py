"""Organizations from a file: read and checked row by row, compared with the tree, written at once."""

from scoreport.imports.table import Progress
from scoreport.organizations.intake.compare import Plan, compare
from scoreport.organizations.intake.read import FileRefused, Reading, read
from scoreport.organizations.intake.store import store

__all__ = ["FileRefused", "Plan", "Progress", "Reading", "compare", "read", "store"]
