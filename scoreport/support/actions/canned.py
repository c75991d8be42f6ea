"""Answers that are given often, kept by program staff."""

import datetime as dt

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from scoreport import access
from scoreport.access import Actor, Permission, Refused
from scoreport.audit.actions import record
from scoreport.audit.rules import Verb
from scoreport.lib.text import clean
from scoreport.support.models import CannedAnswer
from scoreport.support.moving import words
from scoreport.support.queries.desk import UnknownCannedAnswer
from scoreport.support.rules.requests import LONGEST_LINE


class TitleMissing(Refused):
    """An answer needs a title of its own."""


def keep_answer(
    actor: Actor, *, title: str, text: str, language: str, answer_id: int | None = None, at: dt.datetime
) -> int:
    """Keep a new answer, or change one; return its id.

    Raises :class:`scoreport.access.NotAllowed`, :class:`TitleMissing`,
    :class:`scoreport.support.moving.WordsMissing`,
    :class:`scoreport.support.queries.desk.UnknownCannedAnswer`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    stored = {
        "title": _title(title),
        "text": words(text),
        "language": language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
        "changed_at": at,
        "changed_by": actor.name,
    }
    with transaction.atomic():
        try:
            with transaction.atomic():
                number = _write(answer_id, stored)
        except IntegrityError as error:
            message = _("There is another answer with the title “%(title)s” in this language. Choose another title.")
            raise TitleMissing(message % {"title": stored["title"]}) from error
        record(actor, verb=Verb.CANNED_KEPT, at=at, subject_kind="canned-answer", subject=str(number))
    return number


def delete_answer(actor: Actor, *, answer_id: int, at: dt.datetime) -> None:
    """Remove a kept answer; what was sent with it stays.

    Raises :class:`scoreport.access.NotAllowed` and
    :class:`scoreport.support.queries.desk.UnknownCannedAnswer`.
    """
    access.require(actor, Permission.HELP_ANSWER)
    with transaction.atomic():
        gone, _rows = CannedAnswer.objects.filter(pk=answer_id).delete()
        if not gone:
            raise UnknownCannedAnswer(_("There is no such answer."))
        record(actor, verb=Verb.CANNED_DELETED, at=at, subject_kind="canned-answer", subject=str(answer_id))


def _title(title: str) -> str:
    told = clean(title)
    if not told or len(told) > LONGEST_LINE:
        raise TitleMissing(_("Give the answer a title of up to %(count)s characters.") % {"count": LONGEST_LINE})
    return told


def _write(answer_id: int | None, stored: dict[str, object]) -> int:
    if answer_id is None:
        return CannedAnswer.objects.create(**stored).pk
    if not CannedAnswer.objects.filter(pk=answer_id).update(**stored):
        raise UnknownCannedAnswer(_("There is no such answer."))
    return answer_id
