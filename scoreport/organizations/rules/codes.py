"""Access codes: what they open, and how long wrong ones have to wait; pure."""

from enum import StrEnum

from django.utils.translation import gettext_lazy


class Tool(StrEnum):
    """What an access code opens. The stored value never changes.

    A code of Managing Access is used once and has no end (reference: college_board.md 3.6). Codes
    of the voucher tool will be for one academic year and for several people.
    """

    MANAGING_ACCESS = "managing-access"

    @property
    def label(self) -> str:
        """The tool's name, in the reader's language."""
        return str(_LABELS[self])


_LABELS = {Tool.MANAGING_ACCESS: gettext_lazy("Managing Access to support K–12 Assessment Reporting")}
