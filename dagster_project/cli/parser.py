"""An argument parser that suggests what a mistyped word was meant to be. Belongs here: that, and how a shell
completes a value. Does not belong here: any command or option (`arguments.py`)."""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

# What completes a value, for each shell, by the functions of a script that shtab writes.
FOLDER = {"bash": "_shtab_compgen_dirs", "zsh": "_files -/"}
UNKNOWN_CHOICE = re.compile(r"invalid choice: '(.*?)' \(")


class Parser(argparse.ArgumentParser):
    """One command with its options; the parsers of its subcommands are of this class too."""

    def __init__(self, **options: Any) -> None:
        self.options: list[str] = []
        self.choices: list[Iterable[str]] = []
        self.words: list[str] = []
        super().__init__(**options)
        self.set_defaults(parser=self)

    def add_argument(
        self, *names: Any, completed_by: dict[str, str] | None = None, **options: Any
    ) -> argparse.Action:
        """As argparse does; `completed_by` is how each shell completes the value."""
        action = super().add_argument(*names, **options)
        self.options += action.option_strings
        self.choices.append(action.choices or ())
        if completed_by is not None:
            action.complete = completed_by  # type: ignore[attr-defined] # shtab looks for it there
        return action

    def add_subparsers(self, **options: Any) -> Any:
        """As argparse does; the names of subcommands are choices."""
        commands = super().add_subparsers(**options)
        self.choices.append(commands.choices)
        return commands

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does; keeps the words to look for a mistyped one."""
        self.words = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(self.words, namespace)

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse does, but the command that was given an unknown option reports it."""
        found, unknown = self.parse_known_args(args, namespace)
        command = vars(found).pop("parser")
        if unknown:
            command.error(f"unrecognized arguments: {' '.join(unknown)}")
        return found

    def error(self, message: str) -> NoReturn:
        """Leaves with exit code 2, the usage, what is wrong and what was probably meant."""
        self.print_usage(sys.stderr)
        meant = self.meant(message)
        hint = f"\n  did you mean {meant}?" if meant else ""
        self.exit(2, f"{self.prog}: error: {message}{hint}\n")

    def meant(self, message: str) -> str:
        """The command, choice or option that a mistyped word is nearest to; empty when there is none."""
        mistyped = UNKNOWN_CHOICE.search(message)
        if mistyped:
            return nearest(mistyped[1], [each for choices in self.choices for each in choices])
        for word in self.words:
            option = word.split("=")[0]
            if option.startswith("-") and option not in self.options:
                return nearest(option, self.options)
        return ""


def nearest(word: str, known: Sequence[str]) -> str:
    """The known word that `word` begins or nearly is; empty when none is near."""
    begun = [each for each in known if each.startswith(word)]
    return next(iter(begun or difflib.get_close_matches(word, known, n=1)), "")
