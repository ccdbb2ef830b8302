"""Measure feedpub on growing corpora, engine by engine: `python -m benchmarks.scaling --write`.

Everything feedpub makes, from nothing, again, and with one record edited: in one process, in as
many as there are processors, and on a Dask cluster of as many workers on this machine, which shows
what Dask costs, not what more machines give. From 100,000 records on only processes are measured:
all engines would take an hour. Results go into docs/scaling.md with --write.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing import Pipe, get_context
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.cases import AGAIN, COLD, EDITED
from benchmarks.corpus import generate
from benchmarks.run import Samples, folder_in, go_through, machine, prepare, wanted
from benchmarks.tools import EVERYTHING, feedpub

PAGE = Path(__file__).parent.parent / "docs" / "scaling.md"
BEGIN, END = "<!-- figures: python -m benchmarks.scaling --write -->", "<!-- end of figures -->"
ENGINES = ("serial", "processes", "dask")
MANY = 100_000
CASES = (COLD, AGAIN, EDITED)


@dataclass(frozen=True)
class Row:
    """Median seconds by case, and MB of the largest process of a run."""

    records: int
    light: bool
    engine: str
    seconds: dict[str, float]
    largest: float


@contextmanager
def switched(engine: str) -> Iterator[str]:
    """Yield the lines of a configuration that choose an engine, which is there meanwhile."""
    if engine != "dask":
        yield f"engine: {engine}\n"
        return
    here, there = Pipe()
    cluster = get_context("spawn").Process(target=_cluster, args=(there,))
    cluster.start()
    there.close()
    try:
        yield f"engine: dask\nscheduler: {here.recv()}\n"
    finally:
        here.close()
        cluster.join()


def _cluster(owner: Connection) -> None:
    """Tell whoever asked where a cluster is, and keep it until they are gone.

    In a process of its own: what starts a process passes on its own size as the peak of that.
    """
    from distributed import LocalCluster

    nowhere = "127.0.0.1:0"
    with LocalCluster(
        n_workers=os.cpu_count(),
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=nowhere,
        worker_dashboard_address=nowhere,
        silence_logs=50,
    ) as cluster:
        owner.send(cluster.scheduler_address)
        with suppress(EOFError):
            owner.recv()


def measure(room: Path, records: int, engine: str, runs: int, *, light: bool) -> Row:
    """Measure one engine on one corpus; its sites stay in a folder with room for them."""
    samples = Samples()
    with switched(engine) as switch:
        tool = feedpub(EVERYTHING)
        tool = replace(tool, setup=f"{tool.setup}{switch}")
        for _ in range(runs):
            site = folder_in(room)
            prepare(tool, site)
            generate(site / tool.news, records, light=light)
            go_through(tool, site, wanted(tool, records, light=light, only=CASES), samples)
    result = samples.result(engine, peer=False)
    return Row(records, light, engine, result.seconds, result.largest)


def table(rows: list[Row], runs: int) -> str:
    """Return what is said of the figures, and the figures."""
    lines = [
        f"{machine()}; {'medians of ' + str(runs) + ' runs' if runs > 1 else 'one run of each'},"
        " five of “again”; generated records, everything feedpub makes. Memory: the largest process of a run; the"
        " workers of Dask are not part of it.",
        "",
        f"| records | engine | {' | '.join(CASES)} | records a second, cold | largest process |",
        "|---" * (len(CASES) + 4) + "|",
    ]
    for row in rows:
        kind = "light" if row.light else "heavy"
        seconds = " | ".join(f"{row.seconds[case]:.2f} s" for case in CASES)
        rate = row.records / row.seconds[COLD]
        lines.append(
            f"| {row.records} {kind} | {row.engine} | {seconds} | {rate:.0f}"
            f" | {row.largest:.0f} MB |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--heavy", type=int, nargs="*", default=[5_000, 50_000])
    parser.add_argument("--light", type=int, nargs="*", default=[5_000, 50_000, 500_000])
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=ENGINES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/scaling.md")
    options = parser.parse_args()
    corpora = [(n, False) for n in options.heavy] + [(n, True) for n in options.light]
    rows = []
    with tempfile.TemporaryDirectory() as room:
        for records, light in corpora:
            for engine in options.engines:
                if records >= MANY and engine != "processes":
                    continue
                rows.append(measure(Path(room), records, engine, options.runs, light=light))
                print(rows[-1], flush=True)
    text = table(rows, options.runs)
    print(text)
    if options.write:
        before, rest = PAGE.read_text("utf-8").split(BEGIN)
        after = rest.partition(END)[2]
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
