"""The only SQL: one module a table behind one door, `Library`."""
from __future__ import annotations

from core.config import DataRoot
from core.library.arrivals import Arrival, Arrivals
from core.library.blind import Blind, Look, Trial
from core.library.booths import Booths
from core.library.changes import Change, Changes
from core.library.clips import Brief, Check, Clip, Clips, View
from core.library.consents import Consent, Consents, ConsentText
from core.library.cuts import Cuts, Part
from core.library.datasets import Dataset, Datasets
from core.library.ingested import Ingested
from core.library.projects import Project, Projects
from core.library.prompts import Prompt, Prompts
from core.library.recordings import HandAnchor, Recording, Recordings, Section
from core.library.rules import Rules
from core.library.second_reviews import Second, SecondReviews
from core.library.speakers import Speaker, Speakers
from core.library.transcripts import Transcript, Transcripts
from core.library.word_times import WordTimes, WordTimesTable

__all__ = ["Arrival", "Brief", "Change", "Check", "Clip", "Consent", "ConsentText", "Dataset", "HandAnchor",
           "Library", "Look", "Part", "Project", "Prompt", "Recording", "Second", "Section", "Speaker",
           "Transcript", "Trial", "View", "WordTimes"]


class Library:
    """The door to the data of one root. Holds no connection: each call opens and closes its own."""

    def __init__(self, root: DataRoot) -> None:
        self.root = root
        self.projects = Projects(root.database)
        self.speakers = Speakers(root.database)
        self.consents = Consents(root.database)
        self.booths = Booths(root.database)
        self.prompts = Prompts(root.database)
        self.clips = Clips(root.database)
        self.transcripts = Transcripts(root.database)
        self.word_times = WordTimesTable(root.database)
        self.changes = Changes(root.database)
        self.cuts = Cuts(root.database)
        self.datasets = Datasets(root.database)
        self.ingested = Ingested(root.database)
        self.recordings = Recordings(root.database)
        self.rules = Rules(root.database)
        self.second_reviews = SecondReviews(root.database)
        self.arrivals = Arrivals(root.database)
        self.blind = Blind(root.database)
