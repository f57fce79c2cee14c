"""OpenAI's Whisper through its own package: transcribes with word times, in any size."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.families.whisper.files import FILES, find, model_files

if TYPE_CHECKING:
    from core.families.whisper.recogniser import WhisperRecogniser


class WhisperFamily:
    """Whisper by size ("tiny.en", "turbo", ...), by file, or by the folder that holds the file."""

    name = "whisper"
    title = "Whisper (openai-whisper)"
    sizes = tuple(FILES)

    def claims(self, folder: Path) -> bool:
        """Whether this is a size by name, one of OpenAI's files, or a folder that holds one, by file name."""
        return str(folder) in FILES or bool(model_files(folder))

    def recogniser(
        self, model: str, device: str = "auto", precision: str = "auto", language: str = "en"
    ) -> WhisperRecogniser:
        """Load `model`: a size, a file, a folder, or `FOLDER/size` (there, else in Whisper's own cache).

        A size that is nowhere is downloaded; offline, Unavailable names the file and where to put it.
        """
        from core.families.whisper.recogniser import WhisperRecogniser, load, word_times_device

        choice = word_times_device(device, precision)
        loaded = load(find(model), choice.device)
        return WhisperRecogniser(loaded, choice.sentence, choice.precision, language)
