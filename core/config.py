"""Where things lie: the data root, the models and the files that ship with the app."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
STARTER = REPOSITORY / "models" / "starter"
SAMPLE = REPOSITORY / "recordings" / "sample"
DEFAULT_DATA = REPOSITORY / "recordings"


@dataclass(frozen=True)
class DataRoot:
    """One data root: the library, a folder a project, models, locks and caches below it."""

    path: Path

    @property
    def database(self) -> Path:
        """The SQLite file of the library."""
        return self.path / "library.db"

    @property
    def models(self) -> Path:
        """Merged models: `models/` of the app for the default root, else `DIR/models`."""
        default = self.path.resolve() == DEFAULT_DATA.resolve()
        return REPOSITORY / "models" if default else self.path / "models"

    @property
    def cache(self) -> Path:
        """Everything that can be made again."""
        return self.path / ".cache"

    @property
    def locks(self) -> Path:
        """Device locks, one file a host and device."""
        return self.path / ".locks"

    def project(self, slug: str) -> Path:
        """Folder of one project."""
        return self.path / slug

    def runs(self, slug: str) -> Path:
        """Folder of the runs of one project."""
        return self.project(slug) / "runs"
