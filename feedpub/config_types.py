"""Types of single values in the configuration: each checks its form and says what was expected."""

import difflib
import re
from datetime import date
from pathlib import PurePosixPath
from typing import Annotated, Any, Literal
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_before_validator_function

from feedpub.buckets import SCHEMES
from feedpub.dates import parse_duration
from feedpub.errors import printable
from feedpub.fields import FIELD_NAMES
from feedpub.links import clean_domain, clean_url
from feedpub.records import language_tag
from feedpub.slugs import declared_slug
from feedpub.sources.remote import FETCHERS

GroupKind = Literal["all", "topic", "provider", "topic-provider"]
FormatName = Literal["rss", "atom", "json"]

# Of a query, in lower case with underscores.
_SECRET_PARAMETERS = frozenset(
    """access_token api_key apikey auth key password secret sig signature token
    x_amz_signature""".split()
)
_DATABASE_EXPECTED = "expected an address like postgresql://feedpub@db.example.net/feeds"
# The places of a link template, as feedpub.records fills them.
LINK_PLACES = ("path", "name", "slug", "year", "month", "day")
_MOST_BYTES = 1024 * 1024 * 1024
# What XML forbids (XML 1.0 §2.2), and what moves a cursor.
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


class _Listed:
    """One value stands for a list of one."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return no_info_before_validator_function(_listed, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(schema)
        item = many["items"]
        return {"anyOf": [many, {"type": "string"} if "type" not in item else item]}


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _clean(value: str) -> str:
    if _FORBIDDEN.search(value):
        raise ValueError("expected a text without control characters")
    return value


def _visible(value: str) -> str:
    if not value.strip():
        raise ValueError("expected a text")
    return value


def _template(value: str) -> str:
    names = ", ".join(f"{{{name}}}" for name in LINK_PLACES)
    try:
        value.format(**dict.fromkeys(LINK_PLACES, ""))
    except (LookupError, ValueError, AttributeError, TypeError):
        raise ValueError(f"expected an address with {names} in it") from None
    return value


def _exclude(value: str) -> str:
    path = PurePosixPath(value)
    if not path.parts or path.is_absolute() or ".." in path.parts or value.endswith("/"):
        raise ValueError(
            "expected a pattern of files within the source, like README.md or drafts/*"
        )
    return value


def _day(value: str) -> str:
    year, month, day = ([*value.rpartition(",")[2].split("-"), "1", "1"])[:3]
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError("expected a day that there is behind the comma") from None
    return value


def _date(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise ValueError("expected a day that there is") from None
    return value


def _size(value: str) -> str:
    if not 1024 <= size_bytes(value) <= _MOST_BYTES:
        raise ValueError("expected a size from 1KiB to 1024MiB")
    return value


def size_bytes(size: str) -> int:
    """Return a size in bytes."""
    number = int(size.removesuffix("KiB").removesuffix("MiB"))
    return number * {"K": 1024, "M": 1024 * 1024}.get(size[-3:-2], 1)


def _address(value: str) -> str:
    url = clean_url(value)
    if url is None:
        raise ValueError("expected an address like https://feeds.example.org/")
    return url


def _folder_address(value: str) -> str:
    url = _address(value)
    if "?" in url or "#" in url:
        raise ValueError("expected an address without ? and #")
    return url if url.endswith("/") else f"{url}/"


def _reader_address(value: str) -> str:
    if "{url}" not in value:
        raise ValueError("expected {url} where the address of the feed goes")
    _address(value.replace("{url}", "x"))
    return value


def _language(value: str) -> str:
    tag = language_tag(value)
    if tag is None:
        raise ValueError("expected a language tag like en or pt-BR")
    return tag


def _duration(value: str) -> str:
    parse_duration(value)
    return value


def _some_time(value: str) -> str:
    if not parse_duration(value):
        raise ValueError("expected more than no time")
    return value


def _source_address(value: str) -> str:
    # Never quoted in a message: it may hold a secret by mistake.
    if value.partition("://")[0] in SCHEMES:
        return _bucket_address(value, glob="*?[]")
    address = clean_url(value.replace("{page}", "1"))
    if address is None:
        schemes = ", ".join(f"{scheme}://" for scheme in FETCHERS)
        raise _unquoted(f"expected an address with {schemes}, and no user or password in it")
    names = {name.lower().replace("-", "_") for name, _ in parse_qsl(urlsplit(value).query)}
    if names & _SECRET_PARAMETERS:
        raise _unquoted("expected no secret in an address; token_env: names a variable with one")
    return value if "{page}" in value else address


def _bucket_address(value: str, glob: str = "") -> str:
    scheme, _, place = value.partition("://")
    legal = re.fullmatch(rf"[a-z0-9][a-z0-9._-]+(?:/[\w.=+{re.escape(glob)}-]+)*/?", place)
    if scheme not in SCHEMES or not legal or ".." in place.split("/"):
        schemes = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise _unquoted(f"expected a bucket and a folder in it with {schemes}, and nothing else")
    return value


def _scheduler_address(value: str) -> str:
    match = re.fullmatch(r"(?:tcp|tls)://(?:[\w.-]+|\[[\da-fA-F:.]+\]):(\d{1,5})", value)
    if match is None or not 0 < int(match[1]) < 65536:
        raise _unquoted("expected an address like tcp://scheduler.example.net:8786")
    return value


def _database_address(value: str) -> str:
    # Never quoted in a message: it may hold a password by mistake.
    try:
        parts = urlsplit(value)
        secret = parts.password is not None or "password" in value.partition("?")[2].lower()
    except ValueError:
        raise _unquoted(_DATABASE_EXPECTED) from None
    if parts.scheme not in {"postgresql", "postgres"} or "://" not in value:
        raise _unquoted(_DATABASE_EXPECTED)
    if secret:
        raise _unquoted("expected no password; PGPASSWORD, PGPASSFILE or a service file holds it")
    return value


def _variable_name(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", value):
        raise _unquoted("expected the name of an environment variable, like NEWS_TOKEN")
    return value


def _unquoted(message: str) -> PydanticCustomError:
    """Return an error that does not quote the value."""
    return PydanticCustomError("unquoted", "{said}", {"said": message})


def _zone(value: str) -> str:
    if value.upper() != "UTC":
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("expected a time zone like UTC or Europe/Berlin") from None
    return value


def _slug(value: str) -> str:
    slug = declared_slug(value)
    if slug is None:
        raise ValueError("expected one folder name of letters, digits, dashes and dots")
    return slug


def _domain(value: str) -> str:
    domain = clean_domain(value)
    if domain is None:
        raise ValueError("expected a domain like example.org")
    return domain


def _field_name(value: str) -> str:
    if value in FIELD_NAMES:
        return value
    near = difflib.get_close_matches(value, FIELD_NAMES, n=1, cutoff=0.6)
    known = {
        "found": printable(value[:60]),
        "known": ", ".join(sorted(FIELD_NAMES)),
        "near": f" (did you mean {near[0]!r}?)" if near else "",
    }
    message = "no field is called {found}; the fields are {known}{near}"
    raise PydanticCustomError("unknown_field", message, known)


Clean = Annotated[str, AfterValidator(_clean)]
Title = Annotated[Clean, Field(min_length=1)]
Text = Annotated[Title, AfterValidator(_visible)]
Template = Annotated[Text, AfterValidator(_template)]
Listed = _Listed()
Texts = Annotated[tuple[Text, ...], Listed]
Excludes = Annotated[tuple[Annotated[Text, AfterValidator(_exclude)], ...], Listed]
Score = Annotated[float, Field(allow_inf_nan=False)]
Address = Annotated[str, AfterValidator(_address)]
FolderAddress = Annotated[str, AfterValidator(_folder_address)]
ReaderAddress = Annotated[str, AfterValidator(_reader_address)]
Language = Annotated[str, AfterValidator(_language)]
Duration = Annotated[str, AfterValidator(_duration)]
SomeTime = Annotated[Duration, AfterValidator(_some_time)]
SourceAddress = Annotated[str, AfterValidator(_source_address)]
BucketAddress = Annotated[str, AfterValidator(_bucket_address)]
SchedulerAddress = Annotated[str, AfterValidator(_scheduler_address)]
DatabaseAddress = Annotated[Text, AfterValidator(_database_address)]
VariableName = Annotated[str, AfterValidator(_variable_name)]
Zone = Annotated[str, AfterValidator(_zone)]
Slug = Annotated[str, AfterValidator(_slug)]
Domain = Annotated[str, AfterValidator(_domain)]
# In bytes, unless it says otherwise.
Size = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}(?:KiB|MiB)?$"), AfterValidator(_size)]
# As the manifest names it: no name of a file, and nothing that leads out of the output.
FeedPath = Annotated[
    Clean,
    Field(pattern=r'^(?:[^./\\\s"]+|(?:topics|providers)(?:/[^./\\\s"][^/\\\s"]*){1,2})$'),
]
Day = Annotated[str, Field(pattern=r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"), AfterValidator(_date)]
Percent = Annotated[str, Field(pattern=r"^(?:100|[0-9]{1,2})%$")]
FieldMap = dict[Annotated[str, AfterValidator(_field_name)], Text]
# RFC 4151 §2.1: a lower-case authority, then a year, a month of it, or a day.
Tag = Annotated[
    str,
    Field(
        pattern=r"^(?:[a-z0-9][a-z0-9._-]*@)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
        r"(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*"
        r",[0-9]{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?)?$"
    ),
    AfterValidator(_day),
]
