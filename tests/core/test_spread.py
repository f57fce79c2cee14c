"""Work over two Ray nodes on this machine: equal to one process, and nothing is lost with a worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import spread as spreading
from core.audio.index import index
from core.audio.index_ahead import ahead, batches
from core.audio.index_cache import IndexCache
from core.audio.survey import survey
from core.cache import ArrayCache
from core.errors import BadInput
from core.spread import ADDRESS, Here, OnRay, spread
from core.training.corpus import Corpus
from core.training.encoding import encode_all
from tests.corpora import bare_flac, libri_light


def squared(marks: Path, number: int) -> int:
    """Kills its own process the first time that it meets 5, as a full memory would."""
    if number == 5 and not (marks / "died").exists():
        (marks / "died").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def slowly(marks: Path, number: int) -> int:
    import ray

    (marks / f"{number}.{ray.get_runtime_context().get_node_id()}").touch()
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


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A head and another node, one core each; nothing is told to Ray's makers."""
    pytest.importorskip("ray", reason="Ray is not installed here: pip install -r requirements-ray.txt")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.add_node(num_cpus=1)
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


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
def test_scan_and_encode_are_byte_equal_to_one_process(
    on_ray: Any, tmp_path: Path, tiny_data: Path, own_base: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from core import manifest
    from core.families import named

    for number in range(5000):
        bare_flac(tmp_path / "in" / str(number // 100) / f"{number}.flac", 1.0 + number)
    survey(tmp_path / "in", IndexCache(tmp_path / "ray"), tmp_path / "ray.jsonl")
    family, rows, base = named("ctc"), manifest.read(tiny_data), own_base()
    options = family.options()
    prepared = family.prepare([row for row in rows if row.split == "train"], base, options)
    places = {name: tmp_path / f"cache-{name}" for name in ("ray", "here")}
    corpora = {name: Corpus(family, rows, tiny_data, base, prepared, ArrayCache(place))
               for name, place in places.items()}
    done: list[int] = []
    with spread() as where:
        encode_all([corpora["ray"]], where, done.append)
    encode_all([corpora["here"]], Here(), lambda n: None)
    made = {name: {str(path.relative_to(place)): path.read_bytes() for path in place.rglob("*.npy")}
            for name, place in places.items()}
    assert done[-1] == len(rows) and len(made["here"]) > 1 and made["ray"] == made["here"]
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
        results = where.map(slowly, tmp_path, range(40))
        first = [next(results) for _ in range(6)]
        on_ray.remove_node(node, allow_graceful=False)
        assert first + list(results) == list(range(40))
    assert list(tmp_path.glob(f"*.{gone}")), "it had begun some of them"
