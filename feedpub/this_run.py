"""What a run that publishes remembers of itself, for the next one to compare with."""

from datetime import datetime

from msgspec.structs import replace

from feedpub.build import Report
from feedpub.last_run import LastRun, files_digest, outputs_digest
from feedpub.pages.theme import SUFFIXES
from feedpub.settings import Settings
from feedpub.sources.files import Scans
from feedpub.sources.readers import READERS
from feedpub.state import State
from feedpub.validity import valid_until


def beside_records(settings: Settings, scans: Scans) -> tuple[bytes, bytes]:
    """Return the digests of metadata and template files.

    To be asked before they are read: what changes meanwhile must look changed to the next run.
    """
    return (
        files_digest(settings.metadata_folders, tuple(READERS), scans),
        files_digest(settings.templates, SUFFIXES, scans),
    )


def as_last_run(
    settings: Settings,
    report: Report,
    state: State,
    files: bytes,
    *,
    asked: bytes,
    seen: tuple[bytes, bytes],
    now: datetime,
) -> LastRun:
    """Return what the next run is to know of this one.

    It saw `files`, and those `seen` beside the records; `asked` are the conditions.
    """
    metadata, templates = seen
    return LastRun(
        conditions=asked,
        files=files,
        sources=tuple(source.files for source in settings.sources),
        suffixes=tuple(READERS),
        metadata_sources=settings.metadata_folders,
        metadata=metadata,
        templates=settings.templates,
        template_suffixes=SUFFIXES,
        templates_seen=templates,
        valid_until=valid_until(settings, report.survey, report.tombstones, now),
        output=str(settings.output_folder.resolve()),
        written=outputs_digest(state.outputs()),
        healthcheck=settings.healthcheck,
        summary=replace(report.summary, written_feeds=0, removed_files=0, changes=()),
    )
