"""Sources elsewhere, brought up to date before a run looks at them."""

from feedpub.errors import Problem, UnfetchedError
from feedpub.settings import Settings
from feedpub.sources.remote import FetchError, fetch, is_known


def refresh(settings: Settings) -> tuple[Problem, ...]:
    """Fetch what changed of the sources elsewhere, one after the other; return what went wrong.

    A source that cannot be fetched leaves its records as they were. Raises `UnfetchedError` if
    nothing is known of them: what was published of them must not go.
    """
    problems: list[Problem] = []
    for remote in dict.fromkeys(settings.remotes):
        try:
            problems += fetch(remote)
        except FetchError as error:
            if not is_known(remote):
                message = f"{remote.shown}: {error}; nothing was published, as none of its records"
                raise UnfetchedError(f"{message} are known yet") from error
            message = f"{error}; its records stay as they were"
            problems.append(Problem(code="not-fetched", source=remote.shown, message=message))
    return tuple(problems)
