"""Opening a workbook to be written row by row, and removing its drafts whatever happens."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Final

import xlsxwriter
from django.conf import settings
from xlsxwriter.exceptions import FileCreateError

_XLSX_OPTIONS: Final = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


@contextmanager
def workbook(target: str | IO[bytes]) -> Iterator[xlsxwriter.Workbook]:
    """Open a workbook whose drafts, in which rows of students lie, do not outlive it."""
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, ignore_cleanup_errors=True) as folder:
        book = xlsxwriter.Workbook(target, {**_XLSX_OPTIONS, "tmpdir": folder})
        try:
            with book:
                yield book
        except FileCreateError as error:
            raise error.args[0] from error
        finally:
            for sheet in book.worksheets():
                with suppress(AttributeError, OSError):
                    sheet.row_data_fh.close()
