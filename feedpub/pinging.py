"""Telling hubs which feeds changed, as PubSubHubbub 0.4 and WebSub hubs want to hear it.

The address of a hub is the configuration's, and trusted: it may be on this machine. What the hub
answers is not: a redirect is not followed. Nothing that happens here fails a run; a ping that did
not arrive is owed, and sent again by the next one.
"""

from collections.abc import Iterable, Sequence
from time import monotonic

from msgspec import Struct, field
from msgspec.structs import replace

from feedpub.errors import BusyError, Problem, StateError, UnavailableError
from feedpub.keeping import Keeping
from feedpub.measuring.client import Client, Reach, VisitError
from feedpub.memory import Ping
from feedpub.only_run import PATIENCE
from feedpub.report import Summary
from feedpub.sources.remote import shown_address

_PING_SECONDS = 5.0
# For all hubs together.
_RUN_SECONDS = 30.0
# A hub that refuses so many pings one after the other refuses them all.
_REFUSALS = 3
# What is wrong with one address, and not with the hub.
_REFUSED = frozenset({400, 403, 404, 409, 410, 422})


class Delivery(Struct):
    """What became of pings: `done` arrived, `failed` did not; `why`, by hub, of the last one."""

    done: list[Ping] = field(default_factory=list)
    failed: list[Ping] = field(default_factory=list)
    why: dict[str, str] = field(default_factory=dict)


def carry_out(owed: Sequence[Ping], keeping: Keeping, summary: Summary) -> Summary:
    """Send pings, remember which ones arrived, and tell of them in the summary of the run.

    The state is closed meanwhile, so that no other run waits for it. If it cannot be written
    afterwards, hubs are told a second time.
    """
    delivery = deliver(owed)
    left = len(owed) - len(delivery.done)
    try:
        with keeping.only_run(PATIENCE), keeping.at() as state:
            state.memory.settle_pings(delivery.done, delivery.failed)
            state.commit()
    except (StateError, BusyError, UnavailableError):
        left = len(owed)
    return replace(
        summary,
        sent_pings=len(delivery.done),
        owed_pings=left,
        problems=(*summary.problems, *_problems(delivery)),
    )


def deliver(owed: Iterable[Ping], seconds: float = _RUN_SECONDS) -> Delivery:
    """Send pings in their order, to one hub after the other, each in its share of the time."""
    by_hub: dict[str, list[Ping]] = {}
    for ping in owed:
        by_hub.setdefault(ping.hub, []).append(ping)
    delivery = Delivery()
    for pings in by_hub.values():
        _deliver_to_hub(pings, delivery, seconds / len(by_hub))
    return delivery


def _deliver_to_hub(pings: Sequence[Ping], delivery: Delivery, seconds: float) -> None:
    """Send the pings of one hub until the time is up, or the hub turns out to be in no state."""
    end, refusals = monotonic() + seconds, 0
    for ping in pings:
        if monotonic() >= end or refusals == _REFUSALS:
            return
        status, failure = _sent(ping)
        if failure is None:
            delivery.done.append(ping)
            refusals = 0
            continue
        delivery.failed.append(ping)
        delivery.why[ping.hub] = failure
        if status not in _REFUSED:
            return
        refusals += 1


def _sent(ping: Ping) -> tuple[int | None, str | None]:
    """Send one ping; return what it was answered with, and what went wrong.

    `hub.url` is what hubs have asked for since PubSubHubbub, `hub.topic` what WebSub calls it.
    """
    form = {"hub.mode": "publish", "hub.url": ping.url, "hub.topic": ping.url}
    try:
        with Client(reach=Reach.trusted(ping.hub)).visit(_PING_SECONDS) as visit:
            status = visit.post(ping.hub, form).status
    except VisitError as error:
        return None, f"{error}"
    except Exception as error:  # noqa: BLE001 - whatever a hub provokes costs this ping alone
        return None, f"cannot be reached ({type(error).__name__})"
    if 200 <= status < 300:
        return status, None
    return status, f"answers {status}, a redirect" if 300 <= status < 400 else f"answers {status}"


def _problems(delivery: Delivery) -> Iterable[Problem]:
    return (
        Problem(
            code="hub",
            severity="warning",
            source=shown_address(hub),
            message=f"this hub {failure}",
            help="the next run tells it again what changed",
        )
        for hub, failure in delivery.why.items()
    )
