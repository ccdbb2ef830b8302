"""Related lists that were left in their files, read where an entry shows them."""

from collections.abc import Iterable

from feedpub.article import Article
from feedpub.errors import Problem, RecordError
from feedpub.file_reading import Job
from feedpub.parts import Embedded
from feedpub.reading import jobs_of
from feedpub.same_bytes import trusted
from feedpub.settings import Source
from feedpub.sources.files import Scans, stamp_at
from feedpub.sources.readers import READERS, bytes_of, reader_of


class RelatedReader:
    """Reads the related articles that were left in files; it can be sent to another process."""

    def __init__(self, sources: Iterable[Source], scans: Scans) -> None:
        self._places = [(source, *source.files.roots) for source in sources]
        self._scans = scans
        self._jobs: dict[str, Job] = {}

    def __call__(self, article: Article) -> list[Embedded] | None:
        """Return the related articles of an article whose file is read anew.

        One that changed meanwhile gives what it gives, or None, as one that cannot be read.
        """
        job = self._job(article.source)
        return _read_related(job, self._scans.began_ns) if job else None

    def _job(self, shown: str) -> Job | None:
        for source, root, shown_root in self._places:
            folder = f"{shown_root}/" if shown_root else ""
            relative = shown.removeprefix(folder)
            stamp = self._scans.readable(source.files, tuple(READERS)).get(relative)
            if stamp and shown.startswith(folder):
                file = source.files.file(relative, root, shown_root)
                return Job(file=file, stamp=stamp, rules=source.rules)
        if not self._jobs:  # a name that cannot be told as it is
            sources = (source for source, _, _ in self._places)
            self._jobs = {job.file.shown: job for job in jobs_of(sources, self._scans)}
        return self._jobs.get(shown)


def without_list(article: Article) -> Problem:
    """Return what to say of an article whose related list could not be read."""
    return Problem(
        code="unread-related",
        source=article.source,
        line=article.line,
        message="its related articles could not be read just now; the next run tries again",
        severity="warning",
    )


def _read_related(job: Job, began_ns: int) -> list[Embedded] | None:
    rules = job.rules
    try:
        data = bytes_of(job.file, rules.limits)
        is_proven = _is_as_found(job, began_ns)
        return reader_of(job.file).read_related(
            data, rules.base, rules.zone, rules.limits, is_proven=is_proven
        )
    except RecordError:
        return None


def _is_as_found(job: Job, began_ns: int) -> bool:
    """Tell whether a file is what it was when the run looked for it: that is what was read."""
    is_settled = trusted(job.stamp, began_ns) == job.stamp
    return is_settled and stamp_at(job.file.location) == job.stamp
