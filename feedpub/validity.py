"""How long what a run published stays right if no file changes: until time alone changes it."""

from collections.abc import Iterable
from datetime import datetime

from feedpub.roundups import period_end
from feedpub.selection import next_change
from feedpub.settings import Settings
from feedpub.survey import Survey
from feedpub.withdrawals import Tombstone, expiry


def valid_until(
    settings: Settings, survey: Survey, tombstones: Iterable[Tombstone], now: datetime
) -> float | None:
    """Return when that is, in seconds since 1970; None for never."""
    corpus, arrived = survey.corpus, survey.recollection.arrived
    rules = [settings.selection, *(rule.selection for rule in settings.rules.named)]
    scheduled = (article for article, reason in corpus.held_back if reason == "scheduled")
    arrivals = [moment + settings.min_visible for moment in arrived.values()]
    digests = [rule.digest for rule in settings.rules.named if rule.digest]
    moments = (
        *(period_end(now, digest.period) for digest in digests),
        next_change((*corpus.listed, *scheduled), rules, now),
        min(survey.stale, default=None),
        min(arrivals, default=None),
        expiry(tombstones, settings.tombstones),
    )
    return min((moment.timestamp() for moment in moments if moment), default=None)
