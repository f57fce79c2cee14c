"""The door: `python app.py` opens the page; the sub-commands do the same steps without a screen."""
from __future__ import annotations

import functools
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from core.commands import COMMANDS, Command
from core.commands.given import Data, library
from core.commands.told import Told
from core.config import DEFAULT_DATA, DataRoot
from core.errors import StudioError

app = typer.Typer(help="Voicewright: record speech, check it, teach a speech model with it. Everything stays "
                       "on this machine.",
                  no_args_is_help=False, add_completion=False, pretty_exceptions_enable=False)
Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Browser = Annotated[bool, typer.Option(help="Open the page in a browser.")]
Https = Annotated[bool, typer.Option("--https", help="Encrypt, with a certificate made here, so that "
                                                     "browsers elsewhere (phones too) give the microphone.")]
Certificate = Annotated[Path | None, typer.Option(help="Your own certificate (PEM), with --ssl-keyfile.")]
Key = Annotated[Path | None, typer.Option(help="The key of --ssl-certfile (PEM, no password).")]


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


def printed(command: Command) -> Callable[..., None]:
    """A command of core as Typer takes it: what it returns is printed, `tell` is given, `--json` is added."""
    wanted = inspect.signature(command, eval_str=True)
    progress = {"tell": tell} if "tell" in wanted.parameters else {}
    options = [option for option in wanted.parameters.values() if option.name != "tell"]
    if wanted.return_annotation is Told:  # a sentence has nothing for a program
        options.append(inspect.Parameter("as_json", inspect.Parameter.KEYWORD_ONLY, default=False,
                                         annotation=Json))

    @functools.wraps(command)
    def run(as_json: bool = False, **given: Any) -> None:
        back = command(**progress, **given)
        told = back if isinstance(back, Told) else Told(None, back)
        say(told.value, as_json, told.text)
        if told.code:
            raise typer.Exit(told.code)

    run.__signature__ = wanted.replace(parameters=options)  # type: ignore[attr-defined]
    return run


for name, command in COMMANDS.items():
    app.command(name)(printed(command))


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
