"""Types of single values in the configuration: each checks its form and says what was expected."""

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field

from feedpub.dates import parse_duration
from feedpub.fields import FIELD_NAMES
from feedpub.links import clean_domain, clean_url
from feedpub.records import language_tag
from feedpub.slugs import declared_slug

GroupKind = Literal["all", "topic", "provider", "topic-provider"]
FormatName = Literal["rss", "atom", "json"]


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


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


def _language(value: str) -> str:
    tag = language_tag(value)
    if tag is None:
        raise ValueError("expected a language tag like en or pt-BR")
    return tag


def _duration(value: str) -> str:
    parse_duration(value)
    return value


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


def _field_map(value: dict[str, str]) -> dict[str, str]:
    unknown = sorted(set(value) - set(FIELD_NAMES))
    if unknown:
        known = ", ".join(sorted(FIELD_NAMES))
        raise ValueError(f"no field is called {unknown[0]}; the fields are {known}")
    return value


Text = Annotated[str, Field(min_length=1)]
Listed = BeforeValidator(_listed)  # one value stands for a list of one
Texts = Annotated[tuple[Text, ...], Listed]
Address = Annotated[str, AfterValidator(_address)]
FolderAddress = Annotated[str, AfterValidator(_folder_address)]
Language = Annotated[str, AfterValidator(_language)]
Duration = Annotated[str, AfterValidator(_duration)]
Zone = Annotated[str, AfterValidator(_zone)]
Slug = Annotated[str, AfterValidator(_slug)]
Domain = Annotated[str, AfterValidator(_domain)]
FieldMap = Annotated[dict[str, Text], AfterValidator(_field_map)]
# RFC 4151 §2.1: a lower-case authority, then a year, a month of it, or a day.
Tag = Annotated[
    str,
    Field(
        pattern=r"^(?:[a-z0-9][a-z0-9._-]*@)?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
        r"(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*,\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?$"
    ),
]
