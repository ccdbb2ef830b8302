"""The output folder, sent to where `publish:` says."""

from feedpub.destinations import Outcome
from feedpub.destinations.directory import Directory
from feedpub.digests import digest
from feedpub.errors import OutputError
from feedpub.settings import Settings, Target
from feedpub.state import State


def send(settings: Settings, target: Target) -> Outcome:
    """Bring one copy of the output up to date.

    Raises `OutputError` if that cannot be done; the folder is up to date all the same.
    """
    from feedpub.destinations.object_store import ObjectStore

    folder = Directory(settings.output_folder, settings.output_shown)
    files = folder.hashes
    if not files:
        raise OutputError(f"{settings.output_shown} holds no feeds yet; run `feedpub build`")
    store = ObjectStore(target.url, target.cache_seconds)
    return store.sync(files, lambda path: folder.read(path) or b"")


def send_changes(settings: Settings, state: State) -> list[Outcome]:
    """Bring every copy up to date that was not sent what the output folder holds now."""
    folder = Directory(settings.output_folder, settings.output_shown)
    wanted = digest(sorted(folder.hashes.items()))
    outcomes = []
    for target in settings.targets:
        fact = f"sent to {target.url} for {target.cache_seconds} s"
        if state.fact(fact) != wanted:
            outcomes.append(send(settings, target))
            state.record_fact(fact, wanted)
    return outcomes
