"""Whether the places of the configuration can be read, and what its metadata folders say."""

from collections.abc import Iterator
from pathlib import Path

from msgspec.structs import replace

from feedpub.catalog import ProviderMetadata, TopicMetadata
from feedpub.errors import ConfigError, Problem, printable
from feedpub.settings import Settings
from feedpub.sources import metadata
from feedpub.state import State


def check_places(settings: Settings, state: State) -> None:
    """Raise `ConfigError` with every place that is not there, or that the output would take.

    Places of which the state knows files are passed over: those stay as they were.
    """
    mistakes = [*_missing(settings, state), *_taken(settings)]
    if mistakes:
        raise ConfigError(mistakes)


def read_metadata(
    settings: Settings,
) -> tuple[list[TopicMetadata], list[ProviderMetadata], list[Problem]]:
    """Return what the configuration and its metadata folders say about topics and providers."""
    topics, topic_problems = metadata.read_topics(settings.topic_folders, settings.limits)
    providers, provider_problems = metadata.read_providers(
        settings.provider_folders, settings.site.url, settings.limits
    )
    topics += settings.topics
    providers += settings.providers
    problems = [replace(p, severity="warning") for p in (*topic_problems, *provider_problems)]
    return topics, providers, problems


def _missing(settings: Settings, state: State) -> Iterator[str]:
    for place in settings.places:
        if not place.files.exists() and not state.known_below(place.files.start):
            shown = place.files.shown
            if place.is_copy:
                yield f"{place.where}: {printable(shown)} was not fetched yet; run `feedpub build`"
                continue
            beside = "" if Path(shown).is_absolute() else " beside the configuration"
            yield f"{place.where}: there is no {printable(shown)}{beside}"


def _taken(settings: Settings) -> Iterator[str]:
    """Yield what lies in the output folder: feedpub must be able to call all of that its own."""
    output = settings.output_folder.resolve()
    where = f"{settings.output_where}: {printable(settings.output_shown)}"
    if Path(settings.folder).is_relative_to(output):
        yield f"{where} holds the configuration; name a folder of its own"
    for place in settings.places:
        if Path(place.files.root).resolve().is_relative_to(output):
            yield f"{where} holds {place.item}; name a folder of its own"
