"""A project in which every tab has something to show: takes, decisions, marks, a dataset, runs, speakers."""
from __future__ import annotations

from core.evaluation import verdict
from core.evaluation.rates import score_item
from core.files import read_json, write_json
from core.library import Library, Project, WordTimes
from core.library.transcripts import Draft
from core.run_dir import RunDir
from core.steps import convert, dataset, importing, projects, prompts, review, speakers, spot_check
from core.types import Word

WHO = "page:test"
N_TAKES = 30
SPOKEN = "order number one two nine six eight zero three"
HEARD = "order number 1296803"


def furnished(lib: Library, name: str) -> Project:
    """The project, made anew."""
    project = projects.create(lib, name, "blank").project
    _takes(lib, project)
    _decisions(lib, project)
    dataset.make(lib, project)
    for status in ("done", "stopped", "failed"):
        _run(lib, project, status)
    _speakers(lib, project)
    return project


def _takes(lib: Library, project: Project) -> None:
    """Takes of the sample, what a model wrote of them, and prompts that are left to say."""
    items = [item for item in read_json(projects.SAMPLE / "sample.json") if item["role"] == "target"]
    texts = {item["file"]: item["prompt"] for item in items[:N_TAKES]}
    importing.import_files(lib, project, [projects.SAMPLE / file for file in texts], "Ann", WHO, texts)
    wrote = {"one": "1", "two": "to"}
    heard = [Draft(view.clip.id, " ".join(wrote.get(word, word) for word in (view.prompt or "").split()),
                   "model:starter", view.clip.transcript_id) for view in lib.clips.views(project.id)]
    lib.transcripts.append(project.id, heard, "run:heard")
    convert.convert_all(lib, project, WHO)
    for view in lib.clips.views(project.id):
        words = [Word(word, 0.2 * n, 0.2 * n + 0.15) for n, word in enumerate((view.text or "").split())]
        lib.word_times.put(WordTimes(view.clip.transcript_id or 0, "ctc:starter", tuple(words), None))
    lib.prompts.add(project.id, [(SPOKEN, "orders"), ("thank you", ""), ("the last one", "")])
    left = [prompt.id for prompt in lib.prompts.of(project.id) if not prompt.take_id]
    prompts.mark_must(lib, project, left[:1], True, WHO)
    prompts.skip(lib, project, left[1:2], "not needed", WHO)


def _decisions(lib: Library, project: Project) -> None:
    """Accepted, rejected, marked and trashed takes."""
    ids = [view.clip.id for view in lib.clips.views(project.id)]
    for number, clip in enumerate(ids[:14]):
        review.decide(lib, project, clip, "accepted" if number else "rejected", "todo", WHO)
    for clip, mark in zip(ids[15:18], ("right", "wrong", "skip"), strict=True):
        spot_check.mark(lib, project, clip, mark, "", WHO)
    review.trash(lib, project, ids[-1:], WHO)


def _run(lib: Library, project: Project, status: str) -> None:
    """A training run as a worker leaves it, with samples, a warning and a verdict."""
    order = {"project": project.slug, "preset": "Quick", "family": "ctc", "dataset_name": "first"}
    run = RunDir.create(lib.root.runs(project.slug), "train", order)
    for step in range(1, 6):
        run.event("step", step, loss=3.0 / step)
    run.event("warning", 2, sentence="One take was skipped: its loss was not finite.")
    for step in (1, 5):
        run.event("sample", step, id="a", reference=SPOKEN, prediction=HEARD if step == 1 else SPOKEN)
    run.log.write_text("a line of the log\n" * 50)
    base, tuned = ([score_item(str(n), SPOKEN, said) for n in range(12)] for said in (HEARD, SPOKEN))
    found = verdict.judge(base, tuned, tuned, base)
    items = [{"reference": SPOKEN, "base": HEARD, "tuned": SPOKEN}] * 12
    said = {"items": items, "regression_items": items}
    write_json(run.path / "verdict.json", {**verdict.to_json(found), **said})
    (run.checkpoints / "manifest.json").write_text('{"best": "step-000005", "last": "step-000005"}')
    run.write_status(status, f"It is {status}.")  # type: ignore[arg-type]


def _speakers(lib: Library, project: Project) -> None:
    """One who agreed and has a link, one who has neither."""
    ann = speakers.describe(lib, project, "Ann", "from the north", "speaks softly")
    version = speakers.ask_consent(lib, project, "You may use my voice to teach a model.", WHO)
    speakers.agree(lib, project, ann, version or 0, WHO)
    speakers.open_booth(lib, project, "Ann")
    speakers.describe(lib, project, "Ben")
