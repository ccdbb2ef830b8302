"""From the configuration as it was written to the settings of a run."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path

from feedpub.config import Config
from feedpub.config_file import LoadedConfig, Location, dotted, load_config
from feedpub.config_parts import ProviderItem, SourceConfig, TopicItem
from feedpub.dates import parse_duration
from feedpub.engines import Engine
from feedpub.fields import merged_names
from feedpub.pages.theme import Reader, Theme
from feedpub.records import RecordRules
from feedpub.settings import Place, Settings, Source
from feedpub.sources.files import FileSource
from feedpub.sources.remote import COPIES, Remote, copy_name, split_pattern


def load_settings(location: Path, shown: str) -> Settings:
    """Read and check a configuration; raise `ConfigError` with every mistake in it."""
    return settings_of(load_config(location, shown))


def settings_of(loaded: LoadedConfig) -> Settings:
    """Return what a run needs of a configuration."""
    config = loaded.config
    return Settings(
        site=config.site.site(),
        folder=str(loaded.folder),
        output=str(loaded.path(config.output)),
        output_shown=config.output,
        output_where=loaded.place("output"),
        sources=tuple(_source(loaded, source) for source in config.sources),
        topic_folders=_folders(loaded, config.topics),
        provider_folders=_folders(loaded, config.providers),
        topics=tuple(config.own_topics()),
        providers=tuple(config.own_providers()),
        places=tuple(
            Place(
                where=loaded.place(*place),
                item=dotted(place),
                files=files,
                is_copy=_is_remote(config, place),
            )
            for place, files in _places(loaded)
        ),
        formats=config.formats,
        rules=config.group_rules(),
        selection=config.selection(),
        presentation=config.presentation(),
        stories=config.stories.rules(),
        min_visible=timedelta(hours=config.min_visible),
        tombstones=timedelta(days=config.tombstones.days),
        archive=config.archive,
        theme=_theme(loaded),
        templates=_templates(loaded),
        measuring=config.images.measuring(),
        precompress=config.precompress,
        guard=config.guard.rules(),
        stale=timedelta(days=config.stale_days),
        healthcheck=config.notify.healthcheck,
        targets=tuple(target.target() for target in config.publish),
        limits=config.limits.limits(),
        retired=tuple(item.retirement() for item in config.retired),
        hubs=tuple(dict.fromkeys(config.websub.hubs)),
        engine=Engine(name=config.engine, scheduler=config.scheduler),
        state=config.state.place(config.site.tag) if config.state else None,
    )


def _source(loaded: LoadedConfig, source: SourceConfig) -> Source:
    return Source(
        files=_files(loaded, source),
        rules=_rules(loaded.config, source),
        remote=_remote(loaded, source),
    )


def _places(loaded: LoadedConfig) -> Iterator[tuple[Location, FileSource]]:
    config = loaded.config
    for number, source in enumerate(config.sources):
        yield ("sources", number), _files(loaded, source)
    for number, topic in enumerate(config.topics):
        if topic.folder:
            yield ("topics", number), _folder(loaded, topic.folder)
    for number, provider in enumerate(config.providers):
        if provider.folder:
            yield ("providers", number), _folder(loaded, provider.folder)
    for folder in _templates(loaded):
        yield ("pages", "templates"), folder


def _templates(loaded: LoadedConfig) -> tuple[FileSource, ...]:
    folder = loaded.config.pages.templates
    return (_folder(loaded, folder),) if folder else ()


def _theme(loaded: LoadedConfig) -> Theme:
    config, pages = loaded.config, loaded.config.pages
    return Theme(
        language=pages.language or config.site.language,
        readers=tuple(Reader(name=reader.name, url=reader.url) for reader in pages.readers),
        folder=str(loaded.path(pages.templates)) if pages.templates else None,
    )


def _folders(
    loaded: LoadedConfig, items: Iterable[TopicItem | ProviderItem]
) -> tuple[FileSource, ...]:
    return tuple(_folder(loaded, item.folder) for item in items if item.folder)


def _folder(loaded: LoadedConfig, path: str) -> FileSource:
    return FileSource(pattern=str(loaded.path(path)), shown=path)


def _is_remote(config: Config, place: Location) -> bool:
    return place[0] == "sources" and config.sources[int(place[1])].url is not None


def _remote(loaded: LoadedConfig, config: SourceConfig) -> Remote | None:
    if config.url is None:
        return None
    return Remote(
        url=config.url,
        folder=str(loaded.path(f"{COPIES}/{copy_name(config.url)}")),
        token_env=config.token_env,
        pages=config.pages,
        budget_seconds=parse_duration(config.budget).total_seconds(),
        page=loaded.config.limits.limits().data_file,
    )


def _files(loaded: LoadedConfig, config: SourceConfig) -> FileSource:
    remote = _remote(loaded, config)
    path = f"{remote.folder}/{split_pattern(remote.url)[1]}" if remote else str(config.path)
    return FileSource(
        pattern=str(loaded.path(path)),
        shown=remote.shown if remote else path,
        prefix=config.prefix,
        exclude=config.exclude,
        output=str(loaded.path(loaded.config.output)),
    )


def _rules(config: Config, source: SourceConfig) -> RecordRules:
    return RecordRules(
        tag=config.site.tag,
        base=config.site.url,
        zone=config.zone(),
        names=merged_names(config.fields, source.fields),
        link=source.link,
        limits=config.limits.limits(),
    )
