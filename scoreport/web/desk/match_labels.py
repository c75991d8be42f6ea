"""Why it is a question whether two student records are one student, and what speaks for and against it, in words."""

from django.utils.translation import gettext as _

from scoreport.people.matching import Clue
from scoreport.people.rules import IdentifierKind, Reason


def reason_label(reason: Reason) -> str:
    """Return a reason in a word or two, for a filter."""
    return {
        Reason.OTHER_SCHOOL: _("Other school"),
        Reason.NO_SCHOOL: _("No school"),
        Reason.BIRTH_DATE_CLOSE: _("Birth date nearly the same"),
        Reason.TICKET_OTHER_PERSON: _("Ticket with another person"),
        Reason.SUFFIX: _("Jr., Sr. or a number"),
        Reason.SURNAME_PART: _("Part of the last name"),
        Reason.GIVEN_NAME_PART: _("Part of the first name"),
        Reason.WORDS_MOVED: _("First and last name divided differently"),
        Reason.SWAPPED: _("First and last name swapped"),
        Reason.SPELLING: _("Other spelling"),
        Reason.NICKNAME: _("Nickname"),
        Reason.ONE_LETTER: _("One letter"),
        Reason.TWO_LETTERS: _("Two letters"),
        Reason.NAME_MISSING: _("Name missing"),
        Reason.MIDDLE_INITIAL: _("Middle initial"),
        Reason.GENDER: _("Gender"),
        Reason.OTHER_IDENTIFIER: _("Other student ID"),
        Reason.IDENTIFIER_OTHER_PERSON: _("Student ID of another person"),
        Reason.FITS_SEVERAL: _("Fits several students"),
    }.get(reason, _("Records look alike"))


def reason_sentence(reason: Reason) -> str:
    """Return why two records are a question, in a sentence."""
    return {
        Reason.OTHER_SCHOOL: _("Same name and birth date at another school. Did the student move, or are they two?"),
        Reason.NO_SCHOOL: _("Same name and birth date, but one of the records has no school to compare."),
        Reason.BIRTH_DATE_CLOSE: _("Same name and school. The birth dates differ as a typing error would."),
        Reason.TICKET_OTHER_PERSON: _(
            "A later file gave this registration ticket to someone who looks like another person."
            " Is it a correction, or are they two?"
        ),
        Reason.SUFFIX: _("Same name, birth date and school, but only one has Jr., Sr. or a number behind it."),
        Reason.SURNAME_PART: _("Same first name, birth date and school. One last name is a part of the other."),
        Reason.GIVEN_NAME_PART: _("Same last name, birth date and school. One first name is a part of the other."),
        Reason.WORDS_MOVED: _(
            "Same words, birth date and school, but divided differently between first and last name."
        ),
        Reason.SWAPPED: _("Same birth date and school. First and last name are swapped."),
        Reason.SPELLING: _("Same birth date and school. The names are two spellings of one, such as ü and ue."),
        Reason.NICKNAME: _("Same last name, birth date and school. One first name is short for the other."),
        Reason.ONE_LETTER: _("Same birth date and school. The names differ by one letter."),
        Reason.TWO_LETTERS: _("Same birth date and school. The names differ by two letters."),
        Reason.NAME_MISSING: _("Same birth date and school. One record has a part of the name missing."),
        Reason.MIDDLE_INITIAL: _("Same name, birth date and school, but different middle initials. They may be twins."),
        Reason.GENDER: _("Same name, birth date and school, but different genders. They may be twins."),
        Reason.OTHER_IDENTIFIER: _("Same name, birth date and school, but different student IDs."),
        Reason.IDENTIFIER_OTHER_PERSON: _("Same student ID, but the names or birth dates are another person's."),
        Reason.FITS_SEVERAL: _(
            "Same name, birth date and school, but it fits more than one student. They may be twins."
        ),
    }.get(reason, _("The records look alike."))


def clue_label(clue: Clue) -> str:
    """Return one thing that speaks for one student or for two."""
    return {
        Clue.SAME_NAME: _("Same name"),
        Clue.SAME_FIRST_NAME: _("Same first name"),
        Clue.SAME_LAST_NAME: _("Same last name"),
        Clue.SIMILAR_NAME: _("Similar names"),
        Clue.SAME_BIRTH_DATE: _("Same date of birth"),
        Clue.CLOSE_BIRTH_DATE: _("Dates of birth differ as a typing error would"),
        Clue.SAME_SCHOOL: _("Same school"),
        Clue.SAME_MIDDLE_INITIAL: _("Same middle initial"),
        Clue.SAME_GENDER: _("Same gender"),
        Clue.SAME_IDENTIFIER: _("Same student ID"),
        Clue.OTHER_NAME: _("Different names"),
        Clue.OTHER_BIRTH_DATE: _("Different dates of birth"),
        Clue.OTHER_SCHOOL: _("Different schools"),
        Clue.NO_SCHOOL: _("No school to compare"),
        Clue.NAME_MISSING: _("Part of a name is missing"),
        Clue.OTHER_MIDDLE_INITIAL: _("Different middle initials"),
        Clue.OTHER_GENDER: _("Different genders"),
        Clue.OTHER_IDENTIFIER: _("Different student IDs"),
    }[clue]


def identifier_label(kind: str) -> str:
    """Return what a number is called that another system knows a student by."""
    return {
        IdentifierKind.STATE: _("State ID"),
        IdentifierKind.LOCAL: _("Local ID"),
        IdentifierKind.COLLEGE_BOARD: _("College Board ID"),
    }[IdentifierKind(kind)]
