"""A prepared file as the jobs that make them leave it."""

from scoreport.downloads import files
from scoreport.lib.storage import Draft


def stored(content: bytes) -> Draft:
    """Put a file into the storage of prepared files, and return what a job hands over."""
    with files.prepared().write() as draft:
        draft.path.write_bytes(content)
    return draft
