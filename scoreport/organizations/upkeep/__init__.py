"""What time does to access: warnings before roles end, ends on record, the yearly review. Run it as often as you like.

Everything is told once, whoever runs it how often and at how many places at the same time: what was told stands in
a row with a unique key (:mod:`scoreport.organizations.upkeep.once`), written in the transaction of the mail.
"""

import datetime as dt

from scoreport import access
from scoreport.audit import actions as audit
from scoreport.organizations.metadata_renewal import renew_due
from scoreport.organizations.upkeep import anchors, ends, managers, reviews, services, tries
from scoreport.organizations.upkeep.summary import Done

__all__ = ["Done", "run"]


def run(at: dt.datetime) -> Done:
    """Do everything that is due at an instant and was not done; return what was."""
    actor = access.job("upkeep")
    tries.forget_old(at)
    warned, last_managers, ended = ends.warn(actor, at), managers.warn(actor, at), ends.note_ended(actor, at)
    opened, reminded = reviews.open_due(actor, at), reviews.remind(actor, at)
    renewed, services_warned = renew_due(actor, at), services.warn(actor, at)
    # The last steps, because a file that cannot be written must not keep the others from being done.
    anchored, wrong = anchors.write_daily(actor, at)
    audit.copy_anchors(actor)
    return Done(
        warned=warned,
        last_managers=last_managers,
        ended=ended,
        reviews_opened=opened,
        reviews_reminded=reminded,
        metadata_renewed=renewed,
        services_warned=services_warned,
        anchors_written=anchored,
        events_wrong=wrong,
    )
