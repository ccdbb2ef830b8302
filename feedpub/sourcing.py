"""From the configuration to its sources and metadata."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from feedpub.catalog import ProviderMetadata, TopicMetadata
from feedpub.config import Config, ProviderItem, SourceConfig, TopicItem
from feedpub.config_file import LoadedConfig, Location, dotted
from feedpub.errors import ConfigError, Problem, printable
from feedpub.fields import merged_names
from feedpub.reading import Source
from feedpub.records import RecordRules
from feedpub.sources import metadata
from feedpub.sources.files import FileSource


def sources_of(loaded: LoadedConfig) -> list[Source]:
    """Return the sources; raise `ConfigError` with every source or folder that is not there."""
    _check(loaded)
    return [
        Source(files=_files(loaded, source), rules=_rules(loaded.config, source))
        for source in loaded.config.sources
    ]


def read_metadata(
    loaded: LoadedConfig,
) -> tuple[list[TopicMetadata], list[ProviderMetadata], list[Problem]]:
    """Return what the configuration and its metadata folders say about topics and providers."""
    _check(loaded)
    config = loaded.config
    topics, topic_problems = metadata.read_topics(_folders(loaded, config.topics))
    providers, provider_problems = metadata.read_providers(
        _folders(loaded, config.providers), config.site.url
    )
    topics += config.own_topics()
    providers += config.own_providers()
    problems = [replace(p, severity="warning") for p in (*topic_problems, *provider_problems)]
    return topics, providers, problems


def metadata_folders(loaded: LoadedConfig) -> list[FileSource]:
    """Return the folders of metadata files."""
    return _folders(loaded, (*loaded.config.topics, *loaded.config.providers))


def _folders(loaded: LoadedConfig, items: Iterable[TopicItem | ProviderItem]) -> list[FileSource]:
    return [_folder(loaded, item.folder) for item in items if item.folder]


def _folder(loaded: LoadedConfig, path: str) -> FileSource:
    return FileSource(pattern=_pattern(loaded, path), shown=path)


def _files(loaded: LoadedConfig, config: SourceConfig) -> FileSource:
    return FileSource(
        pattern=_pattern(loaded, config.path),
        shown=config.path,
        prefix=config.prefix,
        exclude=config.exclude,
        output=str(loaded.path(loaded.config.output)),
    )


def _pattern(loaded: LoadedConfig, path: str) -> str:
    return str(loaded.path(path))


def _check(loaded: LoadedConfig) -> None:
    """Raise `ConfigError` with every place that is not there, or that the output would take."""
    mistakes = [*_missing(loaded), *_taken(loaded)]
    if mistakes:
        raise ConfigError(mistakes)


def _missing(loaded: LoadedConfig) -> Iterator[str]:
    for place, source in _places(loaded):
        if not source.exists():
            beside = "" if Path(source.shown).is_absolute() else " beside the configuration"
            yield f"{loaded.place(*place)}: there is no {printable(source.shown)}{beside}"


def _taken(loaded: LoadedConfig) -> Iterator[str]:
    """Yield what lies in the output folder: feedpub must be able to call all of that its own."""
    output = loaded.path(loaded.config.output).resolve()
    where = f"{loaded.place('output')}: {printable(loaded.config.output)}"
    if loaded.folder.is_relative_to(output):
        yield f"{where} holds the configuration; name a folder of its own"
    for place, source in _places(loaded):
        if Path(source.root).resolve().is_relative_to(output):
            yield f"{where} holds {dotted(place)}; name a folder of its own"


def _places(loaded: LoadedConfig) -> Iterator[tuple[Location, FileSource]]:
    """Yield everything that is read, with its place in the configuration."""
    config = loaded.config
    for number, source in enumerate(config.sources):
        yield ("sources", number), _files(loaded, source)
    for number, topic in enumerate(config.topics):
        if topic.folder:
            yield ("topics", number), _folder(loaded, topic.folder)
    for number, provider in enumerate(config.providers):
        if provider.folder:
            yield ("providers", number), _folder(loaded, provider.folder)


def _rules(config: Config, source: SourceConfig) -> RecordRules:
    return RecordRules(
        tag=config.site.tag,
        base=config.site.url,
        zone=config.zone(),
        names=merged_names(config.fields, source.fields),
        link=source.link,
    )
