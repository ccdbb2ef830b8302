"""Digests of plain values: equal values give equal digests, in every run and on every machine."""

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from feedpub.links import same_address

_ENCODER = msgspec.msgpack.Encoder(order="deterministic")
_ADDRESS_KEY_BYTES = 8  # as many as `numbered` takes for one


def digest(*values: Any) -> bytes:
    """Return a digest of plain values and structs; equal values give equal digests."""
    return hashlib.sha256(_ENCODER.encode(values)).digest()


def encoded(value: Any) -> msgspec.Raw:
    """Return a plain value as digests take it: what is part of several is encoded once."""
    return msgspec.Raw(_ENCODER.encode(value))


def address_key(url: str) -> bytes:
    """Return a short digest that two spellings of one address share."""
    address = same_address(url).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(address, digest_size=_ADDRESS_KEY_BYTES).digest()


def address_keys(urls: Iterable[str]) -> bytes:
    """Return the digests of several addresses, one after the other."""
    return b"".join(map(address_key, urls))


def numbered(keys: bytes) -> memoryview:
    """Return the digests of several addresses as numbers, which on other machines are others."""
    return memoryview(keys).cast("Q")
