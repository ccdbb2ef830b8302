"""Metadata of topics and organisations from folders like `_data/topics`, one file each."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from feedpub.catalog import ProviderMetadata, TopicMetadata
from feedpub.errors import Problem, RecordError, UnreadableFileError
from feedpub.fields import line_of_text
from feedpub.limits import RecordLimits
from feedpub.links import clean_domain, clean_url
from feedpub.nodes import Mapping
from feedpub.parts import images_of
from feedpub.slugs import declared_slug, topic_key
from feedpub.sources.contents import PASSING
from feedpub.sources.files import FileSource
from feedpub.sources.readers import READERS, read_file

Metadata = TypeVar("Metadata")


def read_topics(
    folders: Iterable[FileSource], limits: RecordLimits
) -> tuple[list[TopicMetadata], list[Problem]]:
    """Read topics (`_id`, `name`, `parent`, `description`); other keys are ignored.

    Raises `UnreadableFileError`, as `read_providers` does.
    """
    return _read(folders, topic_of, limits)


def read_providers(
    folders: Iterable[FileSource], base: str, limits: RecordLimits
) -> tuple[list[ProviderMetadata], list[Problem]]:
    """Read organisations (`_id` or `domain`, `name`, `description`, `images`, `url`, `feed`)."""
    return _read(folders, lambda fields: organisation_of(fields, base, limits), limits)


def topic_of(fields: Mapping) -> TopicMetadata:
    """Return the metadata of a topic; raise `RecordError` without a name."""
    name = line_of_text(fields.get("name"), 100)
    if name is None:
        raise RecordError("no-name", "a topic needs a name:")
    if not topic_key(name):
        line = fields.lines.get("name")
        raise RecordError("no-name", "name: nothing that can be seen", line=line)
    own = line_of_text(fields.get("_id"), 200)
    slug = declared_slug(own) if own else None
    if own and slug is None:
        raise RecordError(
            "bad-slug",
            "_id: cannot be the name of a folder",
            line=fields.lines.get("_id"),
            help="use letters, digits, dashes and dots",
        )
    return TopicMetadata(
        name=name,
        slug=slug,
        parent=line_of_text(fields.get("parent"), 100),
        description=line_of_text(fields.get("description"), 1000),
    )


def organisation_of(fields: Mapping, base: str, limits: RecordLimits) -> ProviderMetadata:
    """Return the metadata of a provider; raise `RecordError` without a domain."""
    named = line_of_text(fields.get("domain"), 300) or line_of_text(fields.get("_id"), 300)
    domain = clean_domain(named) if named else None
    if domain is None:
        raise RecordError("no-domain", "an organisation needs a domain:")
    url, feed = (line_of_text(fields.get(key), 2048) for key in ("url", "feed"))
    return ProviderMetadata(
        domain=domain,
        name=line_of_text(fields.get("name"), 200),
        description=line_of_text(fields.get("description"), 1000),
        url=clean_url(url, base) if url else None,
        feed=clean_url(feed, base) if feed else None,
        logos=tuple(images_of(fields.get("images"), base, limits)),
    )


def _read(
    folders: Iterable[FileSource], make: Callable[[Mapping], Metadata], limits: RecordLimits
) -> tuple[list[Metadata], list[Problem]]:
    found: list[Metadata] = []
    problems: list[Problem] = []
    for result in _results(folders, make, limits):
        if isinstance(result, Problem):
            problems.append(result)
        else:
            found.append(result)
    return found, problems


def _results(
    folders: Iterable[FileSource], make: Callable[[Mapping], Metadata], limits: RecordLimits
) -> Iterator[Metadata | Problem]:
    for folder in folders:
        for file in folder.files(READERS):
            for record in read_file(file, limits):
                if isinstance(record, Problem):
                    _refuse_passing(record)
                    yield record
                    continue
                try:
                    yield make(record.fields)
                except RecordError as error:
                    yield error.problem(record.source, record.line)


def _refuse_passing(problem: Problem) -> None:
    """Raise `UnreadableFileError` for a file that is there, but cannot be read just now.

    Without it feeds would lose their names, and topics their folders; nor would the next run see
    that it can be read again.
    """
    if problem.code in PASSING:
        raise UnreadableFileError(problem)
