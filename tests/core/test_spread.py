"""Work over two Ray nodes on this machine: equal to one process, and nothing is lost with a worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import manifest
from core import spread as spreading
from core.audio.header import info
from core.audio.index import index
from core.audio.index_ahead import ahead, batches
from core.audio.index_cache import IndexCache
from core.audio.survey import survey
from core.cache import ArrayCache
from core.errors import BadInput
from core.families import named
from core.modelling import checkpoint_folder as folders
from core.run_dir import RunDir
from core.spread import ADDRESS, Here, OnRay, Spread, spread
from core.stamps import stamp_of
from core.training.corpus import Corpus
from core.training.encoding import encode_all
from core.training.loop import train
from core.types import Row
from tests.corpora import bare_flac, libri_light, spoken_libri_light
from tests.ray_cluster import connections, two_nodes
from tests.tiny_moshi import make_moshi


def squared(marks: Path, number: int) -> int:
    """Kills its own process the first time that it meets 5, as a full memory would."""
    if number == 5 and not (marks / "died").exists():
        (marks / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def plus(one: int, number: int) -> int:
    return one + number


def slowly(marks: Path, number: int) -> int:
    import ray

    (marks / f"{number}.{ray.get_runtime_context().get_node_id()}").touch()
    if not (marks / "quick").exists():
        time.sleep(0.3)
    return number


def refused(_: None, number: int) -> int:
    if number == 3:
        raise BadInput("The third is broken.")
    return number


def test_without_an_address_this_process_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(ADDRESS, raising=False)
    (tmp_path / "died").touch()
    with spread() as where:
        assert isinstance(where, Here)
        assert list(where.map(squared, tmp_path, range(7))) == [0, 1, 4, 9, 16, 25, 36]


def test_without_ray_an_address_is_told_in_the_log_and_this_process_works(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(ADDRESS, "auto")
    monkeypatch.setattr(spreading, "find_spec", lambda name: None)
    with spread() as where:
        assert isinstance(where, Here)
    assert "requirements-ray.txt" in caplog.text


def test_headers_read_ahead_are_what_the_index_finds_alone(tmp_path: Path) -> None:
    libri_light(tmp_path / "in")
    (tmp_path / "in" / "small" / "bad.flac").write_bytes(b"fLaC")
    alone, helped = IndexCache(tmp_path / "alone"), IndexCache(tmp_path / "helped")
    plain = survey(tmp_path / "in", alone, tmp_path / "alone.jsonl")
    read: list[int] = []
    ahead(str(tmp_path / "in"), helped, Here(), read.append)
    assert read == [4] and list(batches(str(tmp_path / "in"), IndexCache(tmp_path / "helped"))) == []
    again = survey(tmp_path / "in", IndexCache(tmp_path / "helped"), tmp_path / "helped.jsonl")
    assert (again.errors, again.corpora, again.lengths) == (plain.errors, plain.corpora, plain.lengths)
    assert (tmp_path / "helped.jsonl").read_bytes() == (tmp_path / "alone.jsonl").read_bytes()


def first_dies(shared: tuple[Path, Callable[[Any, Any], Any], Any], item: Any) -> Any:
    """A piece of work, whose process is killed the first time, when half of it is done."""
    marks, function, given = shared
    try:
        (marks / "died").touch(exist_ok=False)
    except FileExistsError:
        return function(given, item)
    half = item[: len(item) // 2] if isinstance(item, list) else (item[0], item[1][: len(item[1]) // 2])
    function(given, half)
    os.kill(os.getpid(), signal.SIGKILL)


class WithADeath:
    """A cluster on which one worker is killed in the middle of its first piece."""

    def __init__(self, where: Spread, marks: Path) -> None:
        self._where, self._marks = where, marks
        marks.mkdir()

    def map(self, function: Any, shared: Any, items: Any) -> Iterator[Any]:
        """As `Spread.map`."""
        return self._where.map(first_dies, (self._marks, function, shared), items)

    @property
    def has_died(self) -> bool:
        """Whether it came to that."""
        return (self._marks / "died").exists()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with two_nodes() as made:
        yield made


def corpus_of(data: Path, base: Path, cache: Path) -> Corpus:
    """The clips of a dataset for a tiny CTC model."""
    family, rows = named("ctc"), manifest.read(data)
    prepared = family.prepare([row for row in rows if row.split == "train"], base, family.options())
    return Corpus(family, rows, data, base, prepared, ArrayCache(cache))


def kept(place: Path) -> dict[str, bytes]:
    """The arrays of a cache."""
    return {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*.npy")}


@pytest.fixture
def on_ray(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv(ADDRESS, cluster.address)
    return cluster


@pytest.mark.slow
def test_results_come_in_order_and_a_killed_worker_loses_nothing(on_ray: Any, tmp_path: Path) -> None:
    with spread() as where:
        assert isinstance(where, OnRay)
        assert list(where.map(squared, tmp_path, range(20))) == [n * n for n in range(20)]
        assert (tmp_path / "died").exists(), "a worker was killed on the way"
        with pytest.raises(BadInput, match=r"^The third is broken\.$"):
            list(where.map(refused, None, range(6)))


@pytest.mark.slow
def test_nothing_leaves_this_machine(on_ray: Any) -> None:
    with spread() as where:
        assert list(where.map(plus, 1, range(4))) == [1, 2, 3, 4]
        talked = connections()
    assert len(talked) > 10 and {place.removeprefix("::ffff:") for pair in talked for place in pair} <= {
        "", "127.0.0.1", "::1"}
    assert os.environ["RAY_USAGE_STATS_ENABLED"] == "0"


@pytest.mark.slow
def test_index_and_encode_survive_a_worker_that_is_killed_in_mid_work(
    on_ray: Any, tmp_path: Path, tiny_data: Path, own_base: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(3000):
        bare_flac(tmp_path / "in" / str(number // 100) / f"{number}.flac", 1.0 + number)
    caches = {name: IndexCache(tmp_path / name) for name in ("ray", "here")}
    base = own_base()
    corpora = {name: corpus_of(tiny_data, base, tmp_path / f"codes-{name}") for name in caches}
    with spread() as where:
        reading, encoding = (WithADeath(where, tmp_path / name) for name in ("reading", "encoding"))
        ahead(str(tmp_path / "in"), caches["ray"], reading, lambda n: None)
        encode_all([corpora["ray"]], encoding, lambda n: None)
        assert reading.has_died and encoding.has_died
    monkeypatch.delenv(ADDRESS)
    encode_all([corpora["here"]], Here(), lambda n: None)
    assert list(batches(str(tmp_path / "in"), IndexCache(tmp_path / "ray"))) == [], "all were read"
    for name in caches:
        survey(tmp_path / "in", IndexCache(tmp_path / name), tmp_path / f"{name}.jsonl")
    assert (tmp_path / "ray.jsonl").read_bytes() == (tmp_path / "here.jsonl").read_bytes()
    assert kept(tmp_path / "codes-ray") == kept(tmp_path / "codes-here") != {}


@pytest.mark.slow
def test_a_run_on_a_corpus_learns_the_same_with_its_windows_encoded_ahead(
    on_ray: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None
) -> None:
    spoken_libri_light(tmp_path / "ll", [3.2, 1.6, 4.8, 3.2, 1.6, 3.2])
    lost = sorted((tmp_path / "ll").rglob("*.flac"))[-1]
    base, data = make_moshi(tmp_path / "tiny-moshi"), tmp_path / "p" / "set"
    rows = [Row(path.parts[-3], str(path), 0.0, info(path).seconds, 16_000, "", "val" if n == 0 else "train",
                stamp=stamp_of(path)) for n, path in enumerate(sorted((tmp_path / "ll").rglob("*.flac")))]
    manifest.write(data, rows)
    lost.unlink()
    options = {"steps": 3, "batch_size": 2, "warmup_steps": 1, "rank": 2, "alpha": 4.0, "hears_user": False,
               "text_weight": 0.0, "window_seconds": 1.6, "samples": 0}
    order = {"family": "moshi", "base": str(base), "dataset": str(data), "device": "cpu", "way": "start"}
    runs = {name: RunDir.create(tmp_path / name / "runs", "train", {**order, "options": options})
            for name in ("ray", "here")}
    train(runs["ray"], runs["ray"].order())
    monkeypatch.delenv(ADDRESS)
    train(runs["here"], runs["here"].order())
    one, other = (folders.read_tensors(folders.chosen(run.path, "last"), folders.ADAPTER)
                  for run in runs.values())
    assert set(one) == set(other) and all(one[name].equal(other[name]) for name in one)
    codes = {name: kept(tmp_path / name / ".cache" / "features") for name in runs}
    assert codes["ray"] == codes["here"] and len(codes["ray"]) > 3


@pytest.mark.slow
def test_scan_and_encode_are_byte_equal_to_one_process(
    on_ray: Any, tmp_path: Path, tiny_data: Path, own_base: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(5000):
        bare_flac(tmp_path / "in" / str(number // 100) / f"{number}.flac", 1.0 + number)
    survey(tmp_path / "in", IndexCache(tmp_path / "ray"), tmp_path / "ray.jsonl")
    base, places = own_base(), {name: tmp_path / f"cache-{name}" for name in ("ray", "here")}
    corpora = {name: corpus_of(tiny_data, base, place) for name, place in places.items()}
    done: list[int] = []
    with spread() as where:
        encode_all([corpora["ray"]], where, done.append)
    encode_all([corpora["here"]], Here(), lambda n: None)
    made = {name: kept(place) for name, place in places.items()}
    assert done[-1] == len(corpora["ray"]) and len(made["here"]) > 1 and made["ray"] == made["here"]
    monkeypatch.delenv(ADDRESS)
    survey(tmp_path / "in", IndexCache(tmp_path / "here"), tmp_path / "here.jsonl")
    assert (tmp_path / "ray.jsonl").read_bytes() == (tmp_path / "here.jsonl").read_bytes()
    known = index(str(tmp_path / "in"), IndexCache(tmp_path / "ray"))
    assert sum(folder.total.n_files for folder in known) == 5000


@pytest.mark.slow
def test_a_node_that_is_gone_loses_nothing(on_ray: Any, tmp_path: Path) -> None:
    node = on_ray.add_node(num_cpus=2)
    gone = node.node_id
    with spread() as where:
        results = where.map(slowly, tmp_path, range(400))
        first = []
        while not list(tmp_path.glob(f"*.{gone}")):  # its first worker takes seconds to come up
            first.append(next(results))
        on_ray.remove_node(node, allow_graceful=False)
        (tmp_path / "quick").touch()
        assert first + list(results) == list(range(400))
    assert len(first) < 300, "it went in mid-work"
