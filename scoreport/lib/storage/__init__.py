"""Files outside the database, behind one door: in the data folder, or in an S3-compatible storage (decision 43).

Each kind of file has an area of its own: ``storage("scores")``. A name says nothing about a person.
"""

from pathlib import Path

from django.conf import settings

from scoreport.lib.storage.disk import DiskStorage
from scoreport.lib.storage.interface import Draft, Storage, StorageUnavailable, Stored, put, remove_litter
from scoreport.lib.storage.place import Place

__all__ = ["Draft", "Place", "Storage", "StorageUnavailable", "Stored", "in_s3", "put", "remove_litter", "storage"]


def storage(area: str) -> Storage:
    """Return where the files of an area are kept."""
    place: Place | None = settings.FILES_IN_S3
    return DiskStorage(Path(settings.MEDIA_ROOT) / area) if place is None else in_s3(place, area)


def in_s3(place: Place, area: str = "") -> Storage:
    """Return the files of an area in a bucket."""
    # Only where it is used: the library is large, and slow to load.
    from scoreport.lib.storage.s3 import S3Storage

    return S3Storage(place, area, drafts=Path(settings.MEDIA_ROOT) / "drafts")
