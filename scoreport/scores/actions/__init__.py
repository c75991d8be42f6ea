"""What people do with score files, with students' identity and with missing scores."""

from scoreport.scores.actions.files import (
    STANDS_STILL,
    FileTooLarge,
    accept_file,
    accept_now,
    attribute_schools,
    check_again,
    check_now,
    discard_file,
    note_rows_seen,
    receive_file,
    resume_interrupted,
    undo_now,
    withdraw_file,
)
from scoreport.scores.actions.matching import (
    decide_match,
    load_crosswalk,
    note_questions_seen,
    undo_match,
)

__all__ = [
    "STANDS_STILL",
    "FileTooLarge",
    "accept_file",
    "accept_now",
    "attribute_schools",
    "check_again",
    "check_now",
    "decide_match",
    "discard_file",
    "load_crosswalk",
    "note_questions_seen",
    "note_rows_seen",
    "receive_file",
    "resume_interrupted",
    "undo_match",
    "undo_now",
    "withdraw_file",
]
