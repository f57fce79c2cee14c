"""Where in which recording the text is said: anchors of all sources, and the chains that they make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from core.alignment.anchors import HAND, Anchor, merge
from core.alignment.chain import Chain, chains
from core.alignment.matching import candidates
from core.runs.long.text import Text
from core.text.word_keys import key

HAND_SECONDS = 0.3  # how long a word takes that a person has placed


@dataclass(frozen=True)
class _Found:
    """The chains of one recording, and the anchors whose numbers stand in their matches."""

    chains: tuple[Chain, ...]
    anchors: tuple[Anchor, ...]


def match(
    text: Text,
    heard: Mapping[str, Sequence[Sequence[Anchor]]],
    by_hand: Mapping[str, Mapping[int, float]],
    language: str,
    similarity: float,
    words: Sequence[int],
) -> dict[str, list[Chain]]:
    """By recording id: its chains, by time. `heard` are its anchors, source by source; `by_hand` says at
    which second a word of the text (its place) is spoken. A word of the text belongs to one recording at
    most. Only `words` (places, rising) are looked for, as if nothing stood between them."""
    keys = [key(text.words[place], language) for place in words]
    number_of = {place: number for number, place in enumerate(words)}
    found = {}
    for recording, sources in heard.items():
        hand = {place: at for place, at in by_hand.get(recording, {}).items() if place in number_of}
        own = [Anchor(text.words[place], at, at + HAND_SECONDS, 1.0, HAND) for place, at in hand.items()]
        anchors = merge([*sources, own], language)
        placed = {number: number_of[place] for number, anchor in enumerate(anchors) if anchor.by_hand
                  for place, at in hand.items() if at == anchor.start and text.words[place] == anchor.text}
        pairs = candidates(keys, [key(a.text, language) for a in anchors], similarity, placed=placed)
        made = tuple(_named(chain, words) for chain in chains(pairs, anchors))
        found[recording] = _Found(made, tuple(anchors))
    return _shared_out(found)


def _named(chain: Chain, words: Sequence[int]) -> Chain:
    """A chain of `words` by their places in the whole text."""
    matches = tuple(replace(match, word=words[match.word]) for match in chain.matches)
    return replace(chain, matches=matches, first=words[chain.first], stop=words[chain.stop - 1] + 1)


def _shared_out(found: Mapping[str, _Found]) -> dict[str, list[Chain]]:
    """Each word of the text to the recording whose chain through it weighs most."""
    ranked = sorted(((chain, name) for name, each in found.items() for chain in each.chains),
                    key=lambda pair: -pair[0].score)
    taken: list[tuple[int, int, str]] = []
    kept: dict[str, list[Chain]] = {name: [] for name in found}
    for chain, name in ranked:
        others = [(first, stop) for first, stop, owner in taken if owner != name]
        left = tuple(m for m in chain.matches if not any(first <= m.word < stop for first, stop in others))
        if len(left) == len(chain.matches):
            kept[name].append(chain)
            taken.append((chain.first, chain.stop, name))
        elif len(left) > len(chain.matches) / 2:
            anchors = found[name].anchors
            smaller = replace(chain, matches=left, first=left[0].word, stop=left[-1].word + 1,
                              start=anchors[left[0].anchor].start, end=anchors[left[-1].anchor].end)
            kept[name].append(smaller)
            taken.append((smaller.first, smaller.stop, name))
    return {name: sorted((_counted(chain, found[name].anchors) for chain in chains),
                         key=lambda chain: chain.start) for name, chains in kept.items()}


def _counted(chain: Chain, anchors: Sequence[Anchor]) -> Chain:
    """With how many of its matches each source has; what two sources heard counts for both."""
    n = Counter(source for match in chain.matches for source in anchors[match.anchor].sources)
    return replace(chain, heard_by=tuple(sorted(n.items())))
