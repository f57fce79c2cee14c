"""The door: `python app.py` opens the page; the sub-commands do the same steps without a screen."""
from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from core.config import DEFAULT_DATA, DataRoot
from core.errors import BadInput, StudioError

app = typer.Typer(help="Voicewright: record speech, check it, teach a speech model with it. Everything stays "
                       "on this machine.",
                  no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False)
Data = Annotated[Path, typer.Option("--data", help="Data folder: library, recordings, runs.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Browser = Annotated[bool, typer.Option(help="Open the page in a browser.")]
Https = Annotated[bool, typer.Option("--https", help="Encrypt, with a certificate made here, so that "
                                                     "browsers elsewhere (phones too) give the microphone.")]
Certificate = Annotated[Path | None, typer.Option(help="Your own certificate (PEM), with --ssl-keyfile.")]
Key = Annotated[Path | None, typer.Option(help="The key of --ssl-certfile (PEM, no password).")]
Device = Annotated[str, typer.Option(help="auto, cpu, mps or cuda:N.")]


def library(data: Path) -> Any:
    """The library of a data folder, with all results taken in."""
    from core.library import Library
    from core.steps.ingest import ingest

    lib = Library(DataRoot(data.resolve()))
    ingest(lib)
    return lib


def say(value: Any, as_json: bool, text: str | None = None) -> None:
    """Print JSON, or the text for a person."""
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str) if as_json or text is None
               else text)


def tell(text: str) -> None:
    """A line of progress, on standard error so that --json stays clean."""
    typer.echo(text, err=True)


@app.callback(invoke_without_command=True)
def default(context: typer.Context, data: Data = DEFAULT_DATA, host: str = "127.0.0.1",
            port: int | None = None,
            browser: Browser = True, https: Https = False, ssl_certfile: Certificate = None,
            ssl_keyfile: Key = None) -> None:
    """Without a command: open the page."""
    if context.invoked_subcommand is None:
        serve(data, host, port, browser, https, ssl_certfile, ssl_keyfile)
        return
    for name in context.params:  # the command has an option of this name and would quietly take its default
        if getattr(context.get_parameter_source(name), "name", "") == "COMMANDLINE":
            option = f"--{name.replace('_', '-')}"
            raise typer.BadParameter(f"write {option} after “{context.invoked_subcommand}”, not before it.")


@app.command()
def serve(data: Data = DEFAULT_DATA,
          host: Annotated[str,
                          typer.Option(help="Other addresses need the token shown at start.")] = "127.0.0.1",
          port: Annotated[int | None, typer.Option(help="Default: the first free one from 7860.")] = None,
          browser: Browser = True, https: Https = False, ssl_certfile: Certificate = None,
          ssl_keyfile: Key = None) -> None:
    """Open the page."""
    from ui.server import Tls
    from ui.server import serve as open_page

    open_page(DataRoot(data.resolve()), host, port, browser, Tls(https, ssl_certfile, ssl_keyfile))


@app.command()
def demo(data: Data = DEFAULT_DATA,
         out: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file.")] = None
         ) -> None:
    """The whole story on the sample project: transcribe, convert, accept, train, verdict, merge."""
    from core.files import write_json
    from core.steps import story

    figures = story.demo(library(data), tell)
    if out:
        write_json(out, figures)
    say(figures, True)


@app.command()
def projects(data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """List the projects and where they stand."""
    from core.steps.projects import overview

    lib = library(data)
    rows = [{"project": p.slug, **asdict(overview(lib, p))} for p in lib.projects.all()]
    say(rows, as_json, "\n".join(f"{r['project']}: {r['n_clips']} takes, {r['n_accepted']} accepted. "
                                 f"{r['next_step']}" for r in rows) or "No projects yet.")


@app.command()
def new(name: str, template: Annotated[str, typer.Option(help="numbers, blank or file.")] = "blank",
        language: str = "en",
        prompts: Annotated[Path | None, typer.Option(help="A file with one prompt a line.")] = None,
        data: Data = DEFAULT_DATA) -> None:
    """Make a project."""
    from core.steps.projects import create

    script = _bytes(prompts) if prompts else None
    made = create(library(data), name, template, language, script, prompts.name if prompts else "")
    say(None, False, " ".join([f"Project {made.project.slug} with {made.n_prompts} prompts.", *made.notes]))


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise BadInput(f"{path} does not exist; check the path.")
    return path.read_bytes()


@app.command()
def prompts(project: str,
            generate: Annotated[str, typer.Option(help="Add orders, locations, phones, codes, dates or "
                                                       "amounts.")] = "",
            n: Annotated[int, typer.Option("--n", help="How many.")] = 20, seed: int = 1,
            set_: Annotated[list[str] | None, typer.Option("--set", help="Of what kind: name=value.")] = None,
            file: Annotated[Path | None, typer.Option("--import", help="Add those of a .txt, .csv, .tsv or "
                                                                       ".json file.")] = None,
            coverage: Annotated[bool, typer.Option("--coverage", help="Which digits stand where.")] = False,
            suggest: Annotated[int, typer.Option(help="Show so many that are worth adding.")] = 0,
            add: Annotated[bool, typer.Option("--add", help="Add what is suggested.")] = False,
            deduplicate: Annotated[bool, typer.Option("--deduplicate", help="Delete the doubles.")] = False,
            shuffle: Annotated[bool, typer.Option("--shuffle", help="Mix those without takes.")] = False,
            undo: Annotated[bool, typer.Option("--undo", help="Take back the newest of these.")] = False,
            export: Annotated[Path | None, typer.Option(help="Write all to a file.")] = None,
            data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """List the prompts of a project, add more, put them in order, see what they cover."""
    from core.files import write_atomic
    from core.steps import prompts as step

    if set_ and not generate:
        raise BadInput("--set says what to generate; name it with --generate too.")
    lib = library(data)
    chosen, who = lib.projects.get(project), "command"
    done = [step.undo(lib, chosen, who)] if undo else []
    if file:
        done.append(step.import_file(lib, chosen, _bytes(file), file.name, who).sentence)
    if generate:
        options = step.options(chosen, generate, **{"n": n, **_overrides(set_ or [])})
        done.append(step.generate(lib, chosen, generate, options, seed, who).sentence)
    if deduplicate:
        done.append(step.deduplicate(lib, chosen, who))
    if shuffle:
        done.append(step.shuffle(lib, chosen, seed, who))
    better = step.suggest(lib, chosen, suggest, seed) if suggest else []
    if add:
        done.append(step.add(lib, chosen, [each.draft for each in better], who).sentence)
    if export:
        write_atomic(export, step.export_file(lib, chosen, export.name))
        done.append(f"Written to {export}.")
    found = step.coverage(lib, chosen) if coverage else None
    rows = [] if done or coverage or suggest else step.listing(lib, chosen)
    said = [found.sentence, *(f"{g}: {c.sentence}" for g, c in found.groups.items())] if found else []
    said += [f"{each.draft.text}  ({each.sentence})" for each in better]
    say({"done": done, "coverage": found and {**asdict(found), "sentence": found.sentence},
         "suggestions": [asdict(each) for each in better], "prompts": [asdict(row) for row in rows]},
        as_json, "\n".join([*done, *said, *map(_prompt_line, rows)]) or "No prompts yet.")


def _prompt_line(prompt: Any) -> str:
    marks = ["must"] * prompt.must + [f"takes: {prompt.n_takes}"] * bool(prompt.n_takes)
    marks += [f"skipped: {prompt.skipped}"] * bool(prompt.skipped)
    return f"{prompt.text}  [{', '.join(marks)}]" if marks else prompt.text


@app.command()
def speakers(project: str,
             describe: Annotated[str, typer.Option(metavar="NAME", help="Keep --accent and --notes.")] = "",
             accent: str = "", notes: str = "",
             link: Annotated[str, typer.Option(metavar="NAME", help="Make a recording link.")] = "",
             close: Annotated[str, typer.Option(metavar="NAME", help="Close the recording link.")] = "",
             consent: Annotated[Path | None, typer.Option(help="A text file: ask speakers to agree.")] = None,
             data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """List the speakers of a project and what they agreed to; recording links for them."""
    from core.steps import speakers as step

    lib = library(data)
    chosen = lib.projects.get(project)
    if consent:
        step.ask_consent(lib, chosen, _bytes(consent).decode("utf-8", "replace"), "command")
    if describe:
        step.describe(lib, chosen, describe, accent, notes)
    if link:
        step.open_booth(lib, chosen, link)
    if close:
        step.close_booth(lib, chosen, close)
    rows = step.described(lib, chosen)
    links = [f", link /b/{row.token}/" if row.token else "" for row in rows]
    lines = [f"{row.speaker.name}: {row.n_takes} takes, {row.consented}{link}"
             for row, link in zip(rows, links, strict=True)]
    say([asdict(row) for row in rows], as_json, "\n".join(lines) or "Nobody has recorded yet.")


@app.command("import")
def import_(project: str, files: Annotated[list[Path], typer.Argument(help="Sounds, folders, tables.")],
            speaker: Annotated[str, typer.Option(help="Who speaks.")] = "",
            texts: Annotated[Path | None,
                             typer.Option(help="JSON: file -> what was said, or [{file, text}].")] = None,
            accept: Annotated[bool, typer.Option(help="What was said is the transcript: accept it.")] = False,
            background: Annotated[bool, typer.Option(help="Return at once (folders, tables).")] = False,
            data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Import recordings; a file NAME.txt, .json, .srt or .vtt beside each (or --texts) says what was said.

    Folders, tables (metadata.csv, manifests ...) and over 200 files are a run, which outlives this command.
    """
    from core.steps import importing

    lib = library(data)
    chosen = lib.projects.get(project)
    said = _texts(texts) if texts else {}
    if background or importing.is_many(files):
        run = importing.start_import(lib, chosen, files, speaker or "me", said, accept)
        _imported_run(lib, chosen, run, background, as_json)
        return
    result = importing.import_files(lib, chosen, files, speaker or "me", texts=said)
    if accept:
        from core.steps.review import use_prompts

        use_prompts(lib, chosen, [lib.clips.view(c.id) for c in result.clips], "command")
    _show_imported(len(result.clips), result.n_duplicates, result.refused, as_json)


def _imported_run(lib: Any, project: Any, run: Any, background: bool, as_json: bool) -> None:
    from core.steps import story
    from core.steps.importing import brought
    from core.steps.ingest import ingest

    if background:
        say({"run": run.id}, as_json, f"{run.id} goes on by itself; `app.py runs` tells how far it is.")
        return
    story.finished(run, tell)
    ingest(lib, project)
    came = brought(run)
    _show_imported(came.n_clips, came.n_duplicates, came.refused, as_json, run=run.id)


def _show_imported(n_clips: int, n_duplicates: int, refused: Any, as_json: bool, **more: str) -> None:
    for name, sentence in refused:
        tell(f"{name}: {sentence}" if name not in sentence else sentence)
    say({"imported": n_clips, "duplicates": n_duplicates, "refused": refused, **more}, as_json,
        f"{n_clips} takes imported, {n_duplicates} were there already, {len(refused)} refused.")
    if refused and not n_clips:
        raise typer.Exit(1)


def _texts(path: Path) -> dict[str, str]:
    from core.files import read_json

    if not path.is_file():
        raise BadInput(f"{path} does not exist; check the path.")
    raw = read_json(path)
    try:
        said = raw if isinstance(raw, dict) else {row["file"]: row["text"] for row in raw}
    except (KeyError, TypeError) as error:
        raise BadInput(f"{path.name} must be a JSON object file -> text, or [{{file, text}}].") from error
    if odd := [name for name, text in said.items() if not isinstance(text, str)]:
        raise BadInput(f"{path.name} gives no text for {odd[0]}: put what was said in quotes.")
    return said


@app.command("index")
def index_(folder: Path,
           out: Annotated[Path | None, typer.Option(help="Write {path, duration, ...} a line to it.")] = None,
           data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """How many sounds a folder holds, and how long they are; read once, remembered afterwards."""
    from core.steps.index import Ticker, index

    ticker = Ticker(tell)
    try:
        found = index(DataRoot(data.resolve()), folder, out, ticker)
    except KeyboardInterrupt:
        tell(f"Stopped by you after {ticker.n_looked:,} files; the same command goes on from there.")
        raise typer.Exit(130) from None
    for name, sentence in found.errors:
        tell(f"{name}: {sentence}" if name not in sentence else sentence)
    say(asdict(found), as_json, f"{found.files} files, {found.hours:.2f} hours; {len(found.errors)} are bad. "
                                f"It took {found.seconds:.1f} s.")
    if found.errors and not found.files:
        raise typer.Exit(1)


@app.command()
def transcribe(project: str, model: str = "starter", device: Device = "auto", precision: str = "auto",
               again: Annotated[bool, typer.Option(help="Also takes that were transcribed before.")] = False,
               data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Transcribe takes; numbers become words by themselves, as a new version."""
    from core.steps import story
    from core.steps import transcribe as step
    from core.steps.ingest import ingest

    lib = library(data)
    chosen = lib.projects.get(project)
    run = step.start(lib, chosen, model, device, precision, again)
    story.finished(run, tell)
    n = ingest(lib, chosen)
    say({"run": run.id, "transcribed": n}, as_json, f"{n} takes transcribed.")


@app.command()
def numbers(text: list[str], lang: str = "en",
            prompt: Annotated[str | None, typer.Option(help="What was asked for.")] = None,
            as_json: Json = False) -> None:
    """Say the numbers in TEXT in words."""
    from core.text.convert import to_words

    made = [to_words(t, language=lang, prompt=prompt) for t in text]
    say([{"text": m.text, "items": [asdict(i) for i in m.items]} for m in made], as_json,
        "\n".join(m.text for m in made))


@app.command()
def convert(project: str, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show.")] = False,
            data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Turn the numbers of all transcripts into words, and check that none is left."""
    from core.steps import convert as step

    lib = library(data)
    chosen = lib.projects.get(project)
    made = step.convert_all(lib, chosen, "command", dry_run)
    left = [] if dry_run else step.unclean(lib, chosen)
    lines = [f"{c.name}: {c.before} -> {c.after}" for c in made]
    lines += [f"{name}: still holds {', '.join(what)}" for name, what in left]
    lines.append(f"{len(made)} transcripts {'would be ' if dry_run else ''}converted.")
    say({"converted": [asdict(c) for c in made], "unclean": left}, as_json, "\n".join(lines))
    if left:
        raise typer.Exit(1)


@app.command()
def accept(project: str, data: Data = DEFAULT_DATA) -> None:
    """Accept all takes whose text says their prompt."""
    from core.steps.convert import accept_matching

    lib = library(data)
    say(None, False, f"{accept_matching(lib, lib.projects.get(project), 'command')} takes accepted.")


@app.command()
def dataset(project: str, name: str = "",
            hold_out: Annotated[list[str] | None,
                                typer.Option(help="Takes for the test part, * is any.")] = None,
            split_by: Annotated[str, typer.Option(help="auto, prompt or speaker.")] = "auto", seed: int = 1,
            export: Annotated[int | None,
                              typer.Option(help="Also write WAV files: 16000 or 24000 Hz.")] = None,
            data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Freeze the accepted takes, split in three."""
    from core.steps import dataset as step

    lib = library(data)
    chosen = lib.projects.get(project)
    made = step.make(lib, chosen, step.options(name=name, hold_out=tuple(hold_out or ()), split_by=split_by,
                                               seed=seed))
    folder = step.export(lib, chosen, made.dataset.name, export) if export else None
    parts = ", ".join(f"{made.counts[part]['clips']} {part}" for part in ("train", "val", "test"))
    lines = [f"Dataset {made.dataset.name}: {parts}.", *made.notes,
             *([f"Exported to {folder}."] if folder else [])]
    say({"name": made.dataset.name, "fingerprint": made.dataset.fingerprint, "counts": made.counts,
         "notes": made.notes, "export": folder}, as_json, "\n".join(lines))


def _overrides(settings: list[str]) -> dict[str, str]:
    pairs = [s.partition("=") for s in settings]
    if bad := [name for name, sign, _ in pairs if not sign]:
        raise BadInput(f"“{bad[0]}” is no setting; write --set name=value.")
    return {name: value for name, _, value in pairs}


@app.command()
def train(project: str, preset: str = "Quick", base: str = "starter", family: str = "ctc",
          dataset: Annotated[str | None, typer.Option(help="Default: the newest, or a new one.")] = None,
          set_: Annotated[list[str] | None, typer.Option("--set", help="An option: name=value.")] = None,
          device: Device = "auto", precision: str = "auto",
          background: Annotated[bool, typer.Option(help="Return at once.")] = False,
          data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Train an adapter and give the verdict."""
    from core.steps import story
    from core.steps import train as step

    lib = library(data)
    run = step.start(lib, lib.projects.get(project), family, base, preset, _overrides(set_ or []), dataset,
                     device, precision)
    if not background:
        story.finished(run, tell)
    _show_verdict(run, as_json)


def _show_verdict(run: Any, as_json: bool) -> None:
    from core.evaluation.verdict import to_json
    from core.steps.verdict import of_run

    shown = of_run(run)
    figures = to_json(shown.verdict) if shown else run.status().figures
    say({"run": run.id, "state": run.state(), "verdict": figures}, as_json,
        f"{run.id}: {shown.verdict.sentence if shown else run.status().message}")


@app.command()
def runs(project: Annotated[str | None, typer.Argument()] = None, data: Data = DEFAULT_DATA,
         as_json: Json = False) -> None:
    """List the runs, newest first."""
    from core.runs.listing import runs as listed

    lib = library(data)
    if project:
        lib.projects.get(project)
    cards = listed(DataRoot(data.resolve()), project)
    say([{"id": c.id, "project": c.project, "kind": c.kind, "state": c.state, "progress": c.progress,
          "message": c.message} for c in cards], as_json,
        "\n".join(f"{c.id}  {c.state:8} {c.progress:4.0%}  {c.message}" for c in cards) or "No runs yet.")


@app.command()
def stop(run: str, data: Data = DEFAULT_DATA) -> None:
    """Ask a run to stop and save."""
    from core.steps import train as step

    step.stop(library(data), run)
    say(None, False, f"{run} will stop at its next step; `app.py resume {run}` goes on from there.")


@app.command()
def resume(run: str, background: Annotated[bool, typer.Option(help="Return at once.")] = False,
           data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Go on with a stopped, failed or lost run."""
    from core.steps import story
    from core.steps import train as step

    resumed = step.resume(library(data), run)
    if not background:
        story.finished(resumed, tell)
    _show_verdict(resumed, as_json)


@app.command()
def evaluate(model: str,
             dataset: Annotated[str, typer.Option(help="PROJECT/DATASET, or PROJECT for its newest.")],
             data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Measure a model on the test part of a dataset."""
    from core.files import read_json
    from core.steps import story
    from core.steps import verdict as step

    run = story.finished(step.evaluate(library(data), model, dataset), tell)
    figures = read_json(run.path / "figures.json")
    say(figures, as_json, json.dumps(figures, ensure_ascii=False, indent=1))


@app.command()
def merge(run: str, dtype: Annotated[str, typer.Option(help="bf16 or fp32.")] = "bf16", name: str = "",
          data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """Base + adapter -> a standalone model, compared before it says done."""
    from core.steps import merge as step
    from core.steps import story

    done = story.finished(step.start(library(data), run, name, dtype), tell)
    out = done.order()["out"]
    say({"out": out, **done.status().figures}, as_json, f"{out}: {done.status().message}")


@app.command()
def recognise(model: str, audio: list[Path], data: Data = DEFAULT_DATA, as_json: Json = False) -> None:
    """What MODEL (a name, a run or a folder) hears in AUDIO."""
    from core.steps.recognise import recognise as step

    heard = step(library(data), model, audio)
    say([asdict(h) for h in heard], as_json, "\n".join(f"{h.name}: {h.text}" for h in heard))


def main(arguments: list[str] | None = None, run: Callable[..., Any] = app) -> int:
    """Exit code 0 when done, 1 for a StudioError (its sentence on standard error), 2 for wrong usage."""
    try:
        run(arguments, standalone_mode=True)
    except StudioError as error:
        typer.echo(f"{error}", err=True)
        return 1
    except SystemExit as end:
        return int(end.code or 0)
    return 0


if __name__ == "__main__":
    sys.exit(main())
