"""Object storage on loopback: moto's S3, which stops by itself."""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FEEDS, RECORDS = "example-feeds", "example-records"


class Storage:
    """Two buckets; `env` is what reaches them."""

    def __init__(self, port: int) -> None:
        import boto3

        self.url = f"http://127.0.0.1:{port}"
        self.env: dict[str, str | None] = {
            "AWS_ACCESS_KEY_ID": "an-id",
            "AWS_SECRET_ACCESS_KEY": "a-secret-Canary-0451",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
        }
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="an-id",
            aws_secret_access_key="a-secret",
        )
        for bucket in (FEEDS, RECORDS):
            self._client.create_bucket(Bucket=bucket)

    def put(self, bucket: str, key: str, data: str | bytes) -> None:
        self._client.put_object(Bucket=bucket, Key=key, Body=data)

    def delete(self, bucket: str, key: str) -> None:
        self._client.delete_object(Bucket=bucket, Key=key)

    def get(self, bucket: str, key: str) -> bytes:
        return self._client.get_object(Bucket=bucket, Key=key)["Body"].read()

    def headers(self, bucket: str, key: str) -> tuple[str, str]:
        head = self._client.head_object(Bucket=bucket, Key=key)
        return head["ContentType"], head["CacheControl"]

    def moments(self, bucket: str) -> dict[str, tuple[str, str]]:
        """Return ETag and time of every object, by key."""
        listing = self._client.list_objects_v2(Bucket=bucket).get("Contents", ())
        return {each["Key"]: (each["ETag"], str(each["LastModified"])) for each in listing}

    def keys(self, bucket: str) -> set[str]:
        return set(self.moments(bucket))

    def close(self) -> None:
        self._client.close()


@contextmanager
def object_storage() -> Iterator[Storage]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    storage = Storage(server.get_host_and_port()[1])
    try:
        yield storage
    finally:
        reset = urllib.request.Request(f"{storage.url}/moto-api/reset", method="POST")
        with urllib.request.urlopen(reset) as answer:
            json.load(answer)
        storage.close()
        server.stop()


@contextmanager
def requests_made() -> Iterator[list[tuple[str, str]]]:
    """Collect method and path of what the server is asked meanwhile."""
    from unittest.mock import patch

    from werkzeug.serving import WSGIRequestHandler

    seen: list[tuple[str, str]] = []

    def log(handler, *_args):
        seen.append((handler.command, handler.path))

    with patch.object(WSGIRequestHandler, "log_request", log):
        yield seen
