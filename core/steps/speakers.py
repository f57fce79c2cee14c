"""Speakers: who records, what they agreed to, and the link that opens the recording room for one of them."""
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.errors import BadInput, NotFound, Refused, Stale
from core.files import safe_name
from core.library import Consent, Library, Project, Speaker
from core.steps.prompts import MAX_REASON

MAX_NOTES, MAX_ACCENT, MAX_CONSENT = 2000, 100, 20_000


@dataclass(frozen=True)
class Described:
    """A speaker with their takes, their newest word on consent, and the token of an open link ("" none)."""

    speaker: Speaker
    n_takes: int
    seconds: float
    consent: Consent | None
    token: str

    @property
    def consented(self) -> str:
        """The newest word on consent, for a person."""
        if self.consent is None:
            return "no consent recorded"
        word = "agreed" if self.consent.given else "taken back"
        return f"{word} {_date(self.consent.at)[:10]}, version {self.consent.version}"


@dataclass(frozen=True)
class Booth:
    """What a link opens: one speaker of one project."""

    project: Project
    speaker: Speaker


def described(lib: Library, project: Project) -> list[Described]:
    """All speakers of a project, oldest first."""
    rows = lib.clips.briefs(project.id)
    consents, tokens = lib.consents.of(project.id), lib.booths.of(project.id)
    found = []
    for speaker in lib.speakers.of(project.id):
        own = [row.end - row.start for row in rows if row.speaker == speaker.name]
        found.append(Described(speaker, len(own), sum(own), consents.get(speaker.id),
                               tokens.get(speaker.id, "")))
    return found


def describe(lib: Library, project: Project, name: str, accent: str = "", notes: str = "") -> Speaker:
    """A speaker, new or known, with accent and notes as given. Raises BadInput for a name that no file can
    have, and for a text that is too long."""
    if len(accent) > MAX_ACCENT or len(notes) > MAX_NOTES:
        raise BadInput(f"An accent has at most {MAX_ACCENT} characters, and notes {MAX_NOTES:,}.")
    speaker = lib.speakers.named(project.id, safe_name(name, "speaker's name"))
    lib.speakers.describe(speaker.id, accent.strip(), notes.strip())
    return lib.speakers.get(speaker.id)


def ask_consent(lib: Library, project: Project, text: str, who: str) -> int | None:
    """From now on speakers are asked to agree to `text` ("" asks nothing); returns its version.

    Those who agreed to an older wording are asked again.
    """
    if len(text) > MAX_CONSENT:
        raise BadInput(f"The text has {len(text):,} characters; at most {MAX_CONSENT:,} can be asked for.")
    asked = lib.consents.ask(project.id, text.strip(), who)
    return asked.version if asked else None


def agree(lib: Library, project: Project, speaker: Speaker, version: int, who: str) -> None:
    """Keep that the speaker agreed. Raises Stale when the text has another version by now."""
    asked = lib.consents.text_of(project.id)
    if asked is None or asked.version != version:
        raise Stale("The text was changed meanwhile: read the new one, then agree to it.")
    lib.consents.note(speaker.id, asked.id, True, who)


def agreed_elsewhere(lib: Library, project: Project, name: str, who: str) -> None:
    """Keep that a speaker agreed to the newest text in another way than on the page, on paper for example.

    Raises NotFound for a name that nobody has here, and BadInput where no text is asked for.
    """
    asked = lib.consents.text_of(project.id)
    if asked is None:
        raise BadInput("There is no text yet that speakers agree to: write one in a file, and ask for it "
                       f"with `app.py speakers {project.slug} --consent FILE`.")
    found = next((one for one in lib.speakers.of(project.id) if one.name == name), None)
    if found is None:
        raise NotFound(f"Nobody called “{name}” speaks in the project “{project.name}”; `app.py speakers "
                       f"{project.slug}` lists who does.")
    agree(lib, project, found, asked.version, who)


def withdraw(lib: Library, project: Project, speaker: Speaker, who: str) -> None:
    """Keep that the speaker took the consent back: new datasets leave their takes out."""
    asked, word = lib.consents.text_of(project.id), consent_of(lib, project, speaker)
    if asked is None or word is None or not word.given:
        raise BadInput(f"{speaker.name} has no consent to take back.")
    lib.consents.note(speaker.id, asked.id, False, who)


def is_free(lib: Library, project: Project, speaker: Speaker) -> bool:
    """Whether the speaker may record: nothing is asked, or the newest text was agreed to."""
    asked, word = lib.consents.text_of(project.id), consent_of(lib, project, speaker)
    return asked is None or bool(word and word.given and word.version == asked.version)


def consent_of(lib: Library, project: Project, speaker: Speaker) -> Consent | None:
    """The speaker's newest word on consent, None where they never gave one."""
    return lib.consents.of(project.id).get(speaker.id)


def open_booth(lib: Library, project: Project, name: str) -> str:
    """The token of the link for the speaker of that name, made when new."""
    return lib.booths.open(lib.speakers.named(project.id, safe_name(name, "speaker's name")).id)


def close_booth(lib: Library, project: Project, name: str) -> None:
    """The speaker's link opens nothing any more. Raises NotFound where none is open."""
    open_links = lib.booths.of(project.id)
    found = [s for s in lib.speakers.of(project.id) if s.name == name and s.id in open_links]
    if not found:
        raise NotFound(f"There is no open link for “{name}” in this project.")
    lib.booths.close(found[0].id)


def booth(lib: Library, token: str) -> Booth:
    """What a token opens. Raises NotFound for one that is closed or unknown."""
    speaker_id = lib.booths.speaker_of(token)
    if speaker_id is None:
        raise NotFound("This link does not open a recording room any more: ask for a new one.")
    speaker = lib.speakers.get(speaker_id)
    return Booth(lib.projects.with_id(speaker.project_id), speaker)


def refuse_unasked(lib: Library, at: Booth) -> None:
    """Raise Refused while the speaker has not agreed to what is asked."""
    if not is_free(lib, at.project, at.speaker):
        raise Refused("Nothing is recorded before you agree to the text above.")


def skip(lib: Library, at: Booth, prompt_id: int, reason: str) -> None:
    """The booth's speaker leaves a prompt out, with a reason; others are asked for it all the same."""
    prompt = lib.prompts.get(prompt_id)
    if prompt is None or prompt.project_id != at.project.id:
        raise NotFound(f"Prompt {prompt_id} does not belong to the project “{at.project.name}”.")
    why = " ".join(reason.split())
    if not 0 < len(why) <= MAX_REASON:
        raise BadInput(f"Say in up to {MAX_REASON} characters why the prompt is skipped.")
    lib.speakers.skip(prompt_id, at.speaker.id, why)


def withdrawn(lib: Library, project: Project) -> set[int]:
    """Ids of the speakers who took their consent back."""
    return {speaker for speaker, word in lib.consents.of(project.id).items() if not word.given}


def records(lib: Library, project: Project, names: Iterable[str]) -> list[dict[str, Any]]:
    """Name, accent, notes and consent (version, date, text) of speakers, to be kept beside an export."""
    wanted = set(names)
    consents = lib.consents.of(project.id)
    return [{"name": s.name, "accent": s.accent, "notes": s.notes, "consent": _record(consents.get(s.id))}
            for s in lib.speakers.of(project.id) if s.name in wanted]


def _record(consent: Consent | None) -> dict[str, Any] | None:
    if consent is None:
        return None
    return {"given": consent.given, "version": consent.version, "date": _date(consent.at),
            "text": consent.text}


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
