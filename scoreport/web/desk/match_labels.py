"""Why it is a question whether two student records are one student, in words."""

from django.utils.translation import gettext as _

from scoreport.people.rules import Reason


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
