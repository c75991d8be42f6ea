"""What the program desk reads: score files, the lists of their rows, and what waits for its release.

Program staff see the rows of the files they handle and no roster (decision 41): everything here asks for the
permission to handle files, and rows are shown by ``scores.actions.rows`` only, which records it.
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
    PROBLEMS,
    ListedRow,
    ListKind,
    RefusedCell,
    SchoolGap,
    all_refused,
    columns_of,
    count_rows,
    is_listed,
    refused,
)
from scoreport.scores.files.shown import more_rows, shown_lately, whole_list
from scoreport.scores.files.undo_preview import UndoPreview, undo_preview
from scoreport.scores.files.visibility import count_shown, row_access_of, sees_examples
from scoreport.scores.files.waiting import Coming, OverdueEssay, Unread, coming, overdue_essays, unread

__all__ = [
    "PROBLEMS",
    "Coming",
    "FileInfo",
    "ListKind",
    "ListedRow",
    "OverdueEssay",
    "RefusedCell",
    "SchoolGap",
    "UndoPreview",
    "UnknownFile",
    "Unread",
    "all_refused",
    "columns_of",
    "coming",
    "count_by_state",
    "count_rows",
    "count_shown",
    "file",
    "files_of",
    "history",
    "is_listed",
    "more_rows",
    "overdue_essays",
    "refused",
    "row_access_of",
    "sees_examples",
    "shown_lately",
    "twin_of",
    "undo_preview",
    "unread",
    "whole_list",
]
