"""Work on a Dask cluster of this machine: the same bytes, whatever becomes of the workers."""

import os
import re
import signal
import sys

import dask
import pytest
from deadly_work import Doubling, DyingAlways, DyingOnce
from distributed import Client, LocalCluster
from support import NOW, PROJECT, Workspace, call_feedpub, record, run_feedpub

from feedpub.engines import Engine, WorkerDied, crew_for
from feedpub.errors import EnvironmentUnfitError, UnavailableError
from feedpub.run import Wish, run
from feedpub.workers import spread

DOCUMENTED = "scheduler: tcp://scheduler.example.net:8786"


def started(workers):
    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # nothing is shown, as bokeh is not installed
        worker_dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


@pytest.fixture(scope="module")
def cluster():
    # One worker that dies of a batch is a pity, two are enough.
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}), started(2) as cluster:
        # Who watches a worker gives up if it dies as it starts: then there must be another.
        cluster.adapt(minimum=2, maximum=2)
        yield cluster


@pytest.fixture
def engine(cluster):
    return Engine(name="dask", scheduler=cluster.scheduler_address)


@pytest.fixture(scope="module")
def documented(cluster):
    """Return the switch as the documentation shows it, but for the address."""
    text = (PROJECT / "docs/scaling.md").read_text("utf-8")
    switch = next(
        block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if DOCUMENTED in block
    )
    return switch.replace(DOCUMENTED, f"scheduler: {cluster.scheduler_address}")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Return a site with more records than are read without the cluster, built without it."""
    workspace = Workspace(tmp_path_factory.mktemp("site"))
    for number in range(700):
        links = [f"{{title: Other {n}, webUrl: 'https://www.example.net/{n}'}}" for n in range(3)]
        workspace.write(
            f"{number:03}.md",
            record(
                title=f"Article {number}",
                webUrl=f"/{number}",
                topics=f"[Topic {number % 20}]",
                related=f"[{', '.join(links)}]",
            ),
        )
    workspace.configure((workspace.folder / "config.yaml").read_text() + "limit: 50\n")
    assert call_feedpub("build", "--jobs", "1", cwd=workspace.folder).returncode == 0
    return workspace.folder


def tree(folder):
    files = (path for path in (folder / "feeds").rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def copy(site, tmp_path):
    """Return a function that makes the same site with another switch, not built yet."""

    def make(switch):
        text = (site / "config.yaml").read_text().replace("- articles/", f"- {site}/articles/")
        (tmp_path / "config.yaml").write_text(text + switch)
        return tmp_path

    return make


def doubles(work, engine, **options):
    return [
        double for double, _ in spread(work, range(1000), [0.001] * 1000, engine=engine, **options)
    ]


def test_the_documented_switch_gives_the_same_bytes(site, copy, documented):
    folder = copy(documented)
    assert call_feedpub("build", cwd=folder).stderr == ""
    assert tree(folder) == tree(site)


def test_every_engine_gives_the_same_bytes(site, copy):
    folder = copy("engine: serial\n")
    assert call_feedpub("build", cwd=folder).returncode == 0
    assert tree(folder) == tree(site)
    (folder / ".feedpub/state.sqlite3").unlink()
    (folder / "config.yaml").write_text((folder / "config.yaml").read_text()[:-15])
    assert "0 written" in call_feedpub("build", "--jobs", "2", cwd=folder).stdout
    assert tree(folder) == tree(site)


class Killing:
    """Progress that kills a worker as soon as the first results of a stage are there."""

    def __init__(self, address):
        self.address = address
        self.killed = []

    def begin(self, what, total):  # noqa: ARG002 - as Progress has it
        self.stage = what

    def advance(self):
        if self.stage not in self.killed:
            self.killed.append(self.stage)
            with Client(self.address, set_as_default=False) as client:
                os.kill(min(client.run(os.getpid).values()), signal.SIGKILL)


def test_a_worker_killed_in_mid_run_costs_no_record(site, copy, documented, cluster):
    folder, progress = copy(documented), Killing(cluster.scheduler_address)
    summary = run(folder / "config.yaml", Wish(progress=progress), NOW)
    assert progress.killed[0] == "Reading records"
    assert (summary.records, summary.problems) == (700, ())
    assert tree(folder) == tree(site)


def test_a_worker_that_dies_at_work_costs_a_retry_and_no_result(engine, tmp_path):
    work = DyingOnce(420, tmp_path)
    assert doubles(work, engine) == [2 * number for number in range(1000)]
    assert work.trace.exists()


def test_an_item_that_kills_every_worker_costs_itself_alone(engine):
    results = doubles(DyingAlways(420), engine, fatal=lambda number: (f"lost {number}", 0))
    assert results == [f"lost {n}" if n == 420 else 2 * n for n in range(1000)]


def test_workers_that_are_gone_before_they_are_counted_are_waited_for(engine, monkeypatch):
    monkeypatch.setattr(Client, "nthreads", lambda _: {})
    assert doubles(Doubling(), engine) == [2 * number for number in range(1000)]


def test_a_result_that_nobody_hands_out_is_lost(engine, monkeypatch):
    def result(*_, **__):
        raise TimeoutError

    with crew_for(engine, Doubling(), 1) as workers:
        future = workers.submit([1])
        assert future.exception(timeout=60) is None
        monkeypatch.setattr(type(future), "result", result)
        with pytest.raises(WorkerDied):
            workers.take(future)


def test_a_cluster_whose_workers_are_all_gone_ends_the_run(monkeypatch):
    monkeypatch.setattr("feedpub.engines.dask_cluster.SECONDS", 0.5)
    with started(1) as cluster:
        engine = Engine(name="dask", scheduler=cluster.scheduler_address)
        results = spread(Doubling(), range(10_000), [0.001] * 10_000, engine=engine)
        next(results)
        cluster.scale(0)
        with pytest.raises(UnavailableError, match="has no workers"):
            list(results)


def test_little_work_is_not_sent_to_the_cluster():
    nowhere = Engine(name="dask", scheduler="tcp://127.0.0.1:9")
    results = spread(Doubling(), range(500), [0.00016] * 500, engine=nowhere)
    assert {pid for _, pid in results} == {os.getpid()}


def test_a_worker_with_another_feedpub_is_refused(engine, monkeypatch):
    monkeypatch.setattr("feedpub.engines.dask_cluster.code_fingerprint", lambda: b"another")
    with pytest.raises(EnvironmentUnfitError, match="another feedpub"):
        doubles(Doubling(), engine)


def test_a_scheduler_that_is_not_there_ends_the_run_with_75(copy, monkeypatch):
    monkeypatch.setattr("feedpub.engines.dask_cluster.SECONDS", 0.5)
    ended = call_feedpub("build", cwd=copy("engine: dask\nscheduler: tcp://127.0.0.1:9\n"))
    said = "feedpub: the scheduler tcp://127.0.0.1:9 cannot be reached\n"
    assert (ended.returncode, ended.stderr) == (75, said)


def test_a_scheduler_without_workers_ends_the_run_with_75(monkeypatch):
    monkeypatch.setattr("feedpub.engines.dask_cluster.SECONDS", 0.5)
    with started(0) as idle, pytest.raises(UnavailableError, match="has no workers"):
        doubles(Doubling(), Engine(name="dask", scheduler=idle.scheduler_address))


def test_a_missing_extra_is_told_however_little_there_is_to_do(monkeypatch):
    monkeypatch.delitem(sys.modules, "feedpub.engines.dask_cluster")
    monkeypatch.setitem(sys.modules, "distributed", None)
    engine = Engine(name="dask", scheduler="tcp://127.0.0.1:9")
    with pytest.raises(EnvironmentUnfitError, match=r"feedpub\[cluster\]"):
        list(spread(Doubling(), range(5), [0.002] * 5, engine=engine))


def test_a_missing_extra_says_which_to_install(copy):
    folder = copy("engine: dask\nscheduler: tcp://127.0.0.1:9\n")
    (folder / "distributed.py").write_text("raise ImportError\n")
    ended = run_feedpub("build", cwd=folder)
    said = "feedpub: engine: dask needs distributed: pip install 'feedpub[cluster]'\n"
    assert (ended.returncode, ended.stderr) == (78, said)
