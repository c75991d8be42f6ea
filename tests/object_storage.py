"""An S3 server in the test itself (moto's), which checks the signature and the rights of each request."""

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from scoreport.lib.storage.place import Access, Place

REGION = "us-east-1"
BUCKET = "school-files"


@dataclass(frozen=True)
class ObjectStorage:
    """A running server with one bucket, and the key of an account that may use it."""

    access: Access
    admin: Any

    @property
    def place(self) -> Place:
        """Return the place of the files of Scoreport."""
        return Place(BUCKET, "scoreport", self.access)

    def behind(self, port: int) -> Place:
        """Return the place as it is reached through another port of this machine."""
        return replace(self.place, access=replace(self.access, endpoint=f"http://127.0.0.1:{port}"))

    @property
    def address(self) -> tuple[str, int]:
        """Return the host and the port."""
        host, _, port = self.access.endpoint.removeprefix("http://").partition(":")
        return host, int(port)

    def names(self, bucket: str = BUCKET) -> list[str]:
        """Return the names of all objects."""
        return [one["Key"] for one in self.admin.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def unfinished(self) -> list[str]:
        """Return the names of the files of which parts were sent, and that were not completed or given up."""
        return [one["Key"] for one in self.admin.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]

    def empty(self) -> None:
        """Remove all objects and the bucket."""
        for bucket in [one["Name"] for one in self.admin.list_buckets()["Buckets"]]:
            for key in self.names(bucket):
                self.admin.delete_object(Bucket=bucket, Key=key)
            for one in self.admin.list_multipart_uploads(Bucket=bucket).get("Uploads", []):
                self.admin.abort_multipart_upload(Bucket=bucket, Key=one["Key"], UploadId=one["UploadId"])
            self.admin.delete_bucket(Bucket=bucket)


@pytest.fixture(scope="session")
def storage_server() -> Iterator[ObjectStorage]:
    """Start the server once, with an account that has a key."""
    from moto import settings as moto_settings
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _host, port = server.get_host_and_port()
    endpoint = f"http://127.0.0.1:{port}"
    known = {"endpoint_url": endpoint, "region_name": REGION}
    iam = boto3.client("iam", aws_access_key_id="first", aws_secret_access_key="first", **known)
    iam.create_user(UserName="scoreport")
    rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_user_policy(UserName="scoreport", PolicyName="all", PolicyDocument=json.dumps(rights))
    key = iam.create_access_key(UserName="scoreport")["AccessKey"]
    # From here on every request needs a signature that fits, and the rights.
    moto_settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
    access = Access(endpoint, REGION, "AES256", key["AccessKeyId"], key["SecretAccessKey"])
    admin = boto3.client("s3", aws_access_key_id=access.key_id, aws_secret_access_key=access.secret, **known)
    yield ObjectStorage(access, admin)
    server.stop()


@pytest.fixture
def object_storage(storage_server) -> Iterator[ObjectStorage]:
    """Return the server with an empty bucket."""
    storage_server.admin.create_bucket(Bucket=BUCKET)
    yield storage_server
    storage_server.empty()


@pytest.fixture
def files_in_s3(object_storage: ObjectStorage, settings: Any) -> ObjectStorage:
    """Have Scoreport keep its files in the object storage."""
    settings.FILES_IN_S3 = object_storage.place
    return object_storage
