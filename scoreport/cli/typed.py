"""Arguments of commands that are more than text: what our parsers say of a wrong one, argparse prints."""

import argparse
import datetime as dt
from collections.abc import Callable

from django.utils.translation import gettext as _


def typed[T](parse: Callable[[str], T]) -> Callable[[str], T]:
    """Return a parser for argparse that says what a parser of ours says."""

    def read(text: str) -> T:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read


def day(text: str) -> dt.date:
    """Return the day of ISO 8601 text; raises ArgumentTypeError with a sentence."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        message = _("“%(text)s” is not a date. Write it like 2027-01-31.") % {"text": text}
        raise argparse.ArgumentTypeError(message) from error
