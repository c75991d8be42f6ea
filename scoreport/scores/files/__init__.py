"""What the program desk reads: score files, the lists of their rows, and what waits for its release.

Program staff see the rows of the files they handle and no roster: everything here asks for the
permission to handle files, and every list is one file's.
"""

from scoreport.scores.files.info import (
    FileInfo,
    UnknownFile,
    count_by_state,
    file,
    files_of,
    history,
    twin_of,
)
from scoreport.scores.files.lists import (
    COLUMNS,
    ListedRow,
    ListKind,
    RefusedCell,
    SchoolGap,
    all_refused,
    all_rows,
    count_rows,
    is_listed,
    refused,
    rows,
)
from scoreport.scores.files.outlook import TakingBack, taking_back
from scoreport.scores.files.waiting import Coming, LateEssay, Unread, coming, late_essays, unread

__all__ = [
    "COLUMNS",
    "Coming",
    "FileInfo",
    "LateEssay",
    "ListKind",
    "ListedRow",
    "RefusedCell",
    "SchoolGap",
    "TakingBack",
    "UnknownFile",
    "Unread",
    "all_refused",
    "all_rows",
    "coming",
    "count_by_state",
    "count_rows",
    "file",
    "files_of",
    "history",
    "is_listed",
    "late_essays",
    "refused",
    "rows",
    "taking_back",
    "twin_of",
    "unread",
]
