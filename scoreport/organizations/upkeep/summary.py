"""What one run of the upkeep did."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Done:
    """How many roles were warned about, organizations about to lose their last manager, and so on.

    ``events_wrong`` are recorded events since the last anchor that were changed or are missing.
    """

    warned: int
    last_managers: int
    ended: int
    reviews_opened: int
    reviews_reminded: int
    anchors_written: int
    events_wrong: int
    metadata_renewed: int = 0
    services_warned: int = 0
