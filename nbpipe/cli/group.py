"""The command line as click sees it: a group that imports a command only when it is asked for."""

# Click gives its callbacks a context and a parameter, wanted or not, and flags by position:
# ruff: noqa: ARG001, ARG002, FBT001

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem, shell_complete

from nbpipe.cli import console
from nbpipe.cli.commands import COMMANDS
from nbpipe.cli.options import DEBUG, QUIET
from nbpipe.config import KEYS
from nbpipe.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAM = "nbpipe"
COMPLETE = "_NBPIPE_COMPLETE"
WIDTH = 100


class LazyGroup(click.Group):
    """Knows its commands by the table; help and completion of their names import nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Give the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and give the command, with the options that all have."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"nbpipe.cli.{COMMANDS[cmd_name][0]}").command
        parts = command.commands.values() if isinstance(command, click.Group) else ()
        for part in (command, *parts):
            taken = {flag for parameter in part.params for flag in parameter.opts}
            part.params += [option for option in _common() if not taken.intersection(option.opts)]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is an error with the nearest name."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            ctx.fail(f"no such command: '{args[0]}'{did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete command names from the table."""
        names = [CompletionItem(name, help=text) for name, (_, text) in COMMANDS.items() if name.startswith(incomplete)]
        return names + click.Command.shell_complete(self, ctx, incomplete)


def _common() -> list[click.Option]:
    return [
        click.Option(list(QUIET.flags), is_flag=True, expose_value=False, help=QUIET.help, callback=_quiet),
        click.Option(list(DEBUG.flags), is_flag=True, expose_value=False, help=DEBUG.help, callback=_debug),
    ]


def _quiet(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    console.STATE.quiet |= value


def _debug(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    console.STATE.debug |= value


def _version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        from nbpipe import __version__

        console.echo(f"nbpipe {__version__}")
        ctx.exit()


def make_group() -> LazyGroup:
    """Give the command line."""

    @click.pass_context
    def show_help(ctx: click.Context) -> None:
        if ctx.invoked_subcommand is None:
            console.echo(ctx.get_help())

    version = click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
    )
    return LazyGroup(
        PROGRAM,
        callback=show_help,
        invoke_without_command=True,
        params=[version, *_common()],
        context_settings={"max_content_width": WIDTH},
        help="Take a notebook to production: check, run, verify, convert it, and run the pipeline.",
    )


def invoke(arguments: Sequence[str]) -> int:
    """Run a command line through click and give the exit code; a usage error is one line and 2."""
    group = make_group()
    if arguments[:1] and arguments[0] in COMMANDS and "--help" not in arguments:
        _refuse_misspelled(os.environ)
    if instruction := os.environ.get(COMPLETE):
        return shell_complete(group, {}, PROGRAM, COMPLETE, instruction)
    try:
        with group.make_context(PROGRAM, list(arguments), auto_envvar_prefix="NBPIPE") as context:
            code = group.invoke(context)
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        console.error(_in_one_line(error))
        return error.exit_code
    return code if isinstance(code, int) else 0


def _refuse_misspelled(environ: Mapping[str, str]) -> None:
    """Raise ConfigError for a variable whose name is nearly that of a key: it would say nothing."""
    prefix = f"{PROGRAM.upper()}_"
    known = {key.variable.removeprefix(prefix) for key in KEYS.values()}
    commands = tuple(f"{name.upper()}_" for name in COMMANDS)  # click's, for the other options
    for variable in sorted(environ):
        name = variable.removeprefix(prefix)
        if variable == name or name in known or name.startswith(commands):
            continue
        if near := did_you_mean(name, known):
            raise ConfigError(f"environment: unknown variable '{variable}'" + near.replace("'", f"'{prefix}", 1))


def _in_one_line(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        message = f"no such option: {error.option_name}{did_you_mean(error.option_name, error.possibilities or ())}"
    else:
        message = " ".join(error.format_message().split()).rstrip(".")
    context = error.ctx if isinstance(error, click.UsageError) else None
    return message if context is None else f"{message} (see {context.command_path} --help)"
