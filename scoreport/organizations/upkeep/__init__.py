"""What time does to access: warnings before roles end, ends on record, the yearly review. Run it as often as you like.

Everything is told once, whoever runs it how often and at how many places at the same time: what was told stands in
a row with a unique key (:mod:`scoreport.organizations.upkeep.once`), written in the transaction of the mail.
"""

import datetime as dt

from scoreport import access
from scoreport.organizations.metadata_renewal import renew_due
from scoreport.organizations.upkeep import ends, managers, reviews, services
from scoreport.organizations.upkeep.summary import Done

__all__ = ["Done", "run"]


def run(at: dt.datetime) -> Done:
    """Do everything that is due at an instant and was not done; return what was."""
    actor = access.job("upkeep")
    return Done(
        warned=ends.warn(actor, at),
        last_managers=managers.warn(actor, at),
        ended=ends.note_ended(actor, at),
        reviews_opened=reviews.open_due(actor, at),
        reviews_reminded=reviews.remind(actor, at),
        metadata_renewed=renew_due(actor, at),
        services_warned=services.warn(actor, at),
    )
