"""Which corpora are known by name: where they lie, and by what each archive is known to be whole.

The SHA-256 of LibriSpeech are those that torchaudio publishes with its reader of the corpus;
DailyTalkContiguous is a repository of many files, whose list tells the hash of each.
"""
from __future__ import annotations

from dataclasses import dataclass

from core.errors import NotFound


@dataclass(frozen=True)
class Archive:
    """One .tar.gz at `url`; `whole` is the folder that it makes, by which a corpus that is there is known."""

    url: str
    sha256: str
    whole: str


@dataclass(frozen=True)
class Repository:
    """A data set of a hub: its `host` and name there."""

    host: str
    name: str


Source = Archive | Repository
OPENSLR, HUB = "https://www.openslr.org/resources/12", "https://huggingface.co"

_LIBRISPEECH = {
    "dev-clean": "76f87d090650617fca0cac8f88b9416e0ebf80350acb97b343a85fa903728ab3",
    "dev-other": "12661c48e8c3fe1de2c1caa4c3e135193bfb1811584f11f569dd12645aa84365",
    "test-clean": "39fde525e59672dc6d1551919b1478f724438a95aa55f874b576be21967e6c23",
    "test-other": "d09c181bba5cf717b3dee7d4d592af11a3ee3a09e08ae025c5506f6ebe961c29",
    "train-clean-100": "d4ddd1d5a6ab303066f14971d768ee43278a5f2a0aa43dc716b0e64ecbbbf6e2",
    "train-clean-360": "146a56496217e96c14334a160df97fffedd6e0a04e66b9c5af0d40be3c792ecf",
    "train-other-500": "ddb22f27f96ec163645d53215559df6aa36515f26e01dd70798188350adcb6d2",
}

SOURCES: dict[str, Source] = {
    **{f"librispeech-{part}": Archive(f"{OPENSLR}/{part}.tar.gz", sha256, f"LibriSpeech/{part}")
       for part, sha256 in _LIBRISPEECH.items()},
    "dailytalk": Repository(HUB, "kyutai/DailyTalkContiguous"),
}


def named(name: str, mirror: str = "") -> Source:
    """The corpus of that name, at another host where a `mirror` is named: for an archive the folder that
    holds it, for a repository the host. NotFound with the names that are known."""
    if name not in SOURCES:
        raise NotFound(f"No corpus is known as “{name}”; choose one of: {', '.join(SOURCES)}.")
    source, mirror = SOURCES[name], mirror.rstrip("/")
    if not mirror:
        return source
    if isinstance(source, Repository):
        return Repository(mirror, source.name)
    return Archive(f"{mirror}/{source.url.rpartition('/')[2]}", source.sha256, source.whole)
