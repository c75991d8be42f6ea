"""Files in a bucket of an S3-compatible storage: private, encrypted there, and never reached by a link."""

import errno
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from shutil import copyfileobj
from typing import Any, BinaryIO, Final, cast

import boto3
from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from scoreport.lib.private import private_folder
from scoreport.lib.storage.interface import Draft, StorageUnavailable, Stored, draft_in, safe, sweep_folder
from scoreport.lib.storage.place import Access, Place
from scoreport.lib.storage.waiting import is_limited, within

CONNECT_SECONDS: Final = 3
SILENT_SECONDS: Final = 10
SILENT_SECONDS_OF_A_PAGE: Final = 3
"""How long the storage may say nothing; there is one more try."""
PART: Final = 16 << 20
"""Files of more bytes are sent in parts."""
_CHUNK: Final = 1 << 18


class S3Storage:
    """The files of one area, as objects under one prefix."""

    def __init__(self, place: Place, area: str, *, drafts: Path) -> None:
        self._place = place
        self._prefix = "".join(f"{part}/" for part in (place.prefix, area) if part)
        self._drafts = drafts

    @contextmanager
    def write(self, name: str = "") -> Iterator[Draft]:
        """Give a draft in the data folder, which is sent when it is complete."""
        with draft_in(private_folder(self._drafts), name) as draft:
            random_name = "" if name else draft.name
            yield draft
            draft.size = draft.path.stat().st_size
            # A page that does not wait any more has no use for a file of its own. Under any other name
            # (a digest, the name of an anchor) the same file may have been there before.
            too_late = self._forget(draft.name) if draft.name == random_name else None
            self._ask(partial(self._send, draft.path, draft.name), size=draft.size, too_late=too_late)

    def _send(self, path: Path, name: str) -> None:
        encryption = self._place.access.encryption
        extra = {} if encryption == "none" else {"ServerSideEncryption": encryption}
        config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, use_threads=False)
        self._client().upload_file(str(path), self._place.bucket, self._key(name), ExtraArgs=extra, Config=config)

    def _forget(self, name: str) -> Callable[[None], None]:
        return lambda _nothing: self.delete(name)

    def read(self, name: str) -> BinaryIO:
        """Open a file to read it once from its beginning; raises FileNotFoundError."""
        answer = self._ask(partial(self._client().get_object, Bucket=self._place.bucket, Key=self._key(name)))
        return cast("BinaryIO", io.BufferedReader(_Body(answer["Body"], answer["ContentLength"]), _CHUNK))

    def open_local(self, name: str) -> BinaryIO:
        """Copy a file to this machine under no name at all, so that nothing of it is left when this process ends."""
        copy = cast("BinaryIO", tempfile.TemporaryFile(dir=private_folder(self._drafts)))  # noqa: SIM115 - the caller's
        try:
            with self.read(name) as source:
                copyfileobj(source, copy, _CHUNK)
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return copy

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes, or nothing when there is none."""
        try:
            answer = self._ask(partial(self._client().head_object, Bucket=self._place.bucket, Key=self._key(name)))
        except FileNotFoundError:
            # The same answer comes when the bucket is gone, which is no statement about one file.
            self._ask(partial(self._client().list_objects_v2, Bucket=self._place.bucket, MaxKeys=1))
            return None
        return int(answer["ContentLength"])

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self._ask(partial(self._client().delete_object, Bucket=self._place.bucket, Key=self._key(name)))

    def older_than(self, instant: datetime) -> list[Stored]:
        """Return the objects of this area that were stored before an instant."""
        pages = self._client().get_paginator("list_objects_v2").paginate(Bucket=self._place.bucket, Prefix=self._prefix)
        found = self._ask(lambda: [entry for page in pages for entry in page.get("Contents", [])])
        stored = [Stored(one["Key"].removeprefix(self._prefix), one["Size"], one["LastModified"]) for one in found]
        return sorted((one for one in stored if one.at < instant and "/" not in one.name), key=lambda one: one.name)

    def sweep(self, before: datetime) -> int:
        """Remove drafts, and parts of files that were never complete, of processes that died before an instant."""
        bucket, removed = self._place.bucket, sweep_folder(private_folder(self._drafts), before)
        begun = self._ask(partial(self._client().list_multipart_uploads, Bucket=bucket, Prefix=self._prefix))
        for one in begun.get("Uploads", []):
            if one["Initiated"] < before:
                abort = self._client().abort_multipart_upload
                self._ask(partial(abort, Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"]))
                removed += 1
        return removed

    def _key(self, name: str) -> str:
        return self._prefix + safe(name)

    def _client(self) -> Any:
        return _client(self._place.access, SILENT_SECONDS_OF_A_PAGE if is_limited() else SILENT_SECONDS, os.getpid())

    @staticmethod
    def _ask[T](call: Callable[[], T], *, size: int = 0, too_late: Callable[[T], None] | None = None) -> T:
        """Return the answer. Raises FileNotFoundError, and StorageUnavailable for all else that goes wrong there."""
        with _errors():
            return within(call, size=size, too_late=too_late)


@contextmanager
def _errors() -> Iterator[None]:
    """Turn what the library raises into errors of a disk."""
    try:
        yield
    except (ClientError, Boto3Error) as error:
        raise _refusal(error) from error
    except (BotoCoreError, HTTPError) as error:
        message = f"The object storage did not answer as it should: {type(error).__name__}."
        raise StorageUnavailable(message) from error


def _refusal(error: Exception) -> OSError:
    """Return what an answer of the storage means; an upload that failed wraps the answer."""
    answer = error if isinstance(error, ClientError) else error.__context__
    if not isinstance(answer, ClientError):
        return StorageUnavailable(f"The object storage did not answer as it should: {type(error).__name__}.")
    code, status = answer.response["Error"].get("Code"), answer.response["ResponseMetadata"].get("HTTPStatusCode")
    if code in {"NoSuchKey", "404", "NotFound"}:
        return FileNotFoundError(errno.ENOENT, "The object storage has no such file.")
    return StorageUnavailable(f"The object storage answered {code} ({status}) to {answer.operation_name}.")


class _Body(io.RawIOBase):
    """The bytes of an object as they arrive. An end before the end is an error, not a shorter file."""

    def __init__(self, body: Any, size: int) -> None:
        self._body = body
        self._left = size

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read some bytes."""
        with _errors():
            chunk = self._body.read(min(len(buffer), self._left)) if self._left else b""
        if self._left and not chunk:
            message = "The object storage ended a file before its end."
            raise StorageUnavailable(message)
        buffer[: len(chunk)] = chunk
        self._left -= len(chunk)
        return len(chunk)

    def close(self) -> None:
        """Let the connection go."""
        if not self.closed:
            self._body.close()
        super().close()


@cache
def _client(access: Access, silent_seconds: int, _process: int) -> Any:
    """Return the client of a storage, made once in each process."""
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=silent_seconds,
        retries={"total_max_attempts": 2, "mode": "standard"},
        # Servers other than Amazon's are not found by names of buckets; and each refuses bytes that changed on the way.
        s3={"addressing_style": "path" if access.endpoint else "auto", "payload_signing_enabled": True},
        # Newer check sums are unknown to many servers, which then refuse every file.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return boto3.session.Session().client(
        "s3",
        endpoint_url=access.endpoint or None,
        region_name=access.region,
        aws_access_key_id=access.key_id,
        aws_secret_access_key=access.secret,
        config=config,
    )
