"""Acts that somebody does for themself: nobody can enter a code, or ask for access, in another's name."""

from django.utils.translation import gettext as _

from scoreport.access import Actor, ActorKind, NotAllowed
from scoreport.accounts.queries import has_verified_email, person_by_id
from scoreport.accounts.rules import PersonInfo


def require_themself(actor: Actor) -> PersonInfo:
    """Return who acts, if it is a person who has signed in themself and whose address is known to be theirs.

    Raises :class:`scoreport.access.NotAllowed`.
    """
    if actor.kind is not ActorKind.PERSON or actor.person_id is None or actor.acting_for:
        raise NotAllowed(_("Sign in with your own account to get access."))
    if not has_verified_email(actor.person_id):
        raise NotAllowed(_("Confirm your e-mail address first, by the link that was mailed to you."))
    return person_by_id(actor.person_id)
