"""`lifecycle completion`: a script that completes commands and options in a shell. Belongs here: printing it.
Does not belong here: the commands and options that it is written from (`arguments.py`)."""

from __future__ import annotations

import argparse

import shtab

from dagster_project.cli.arguments import command_line


def run(arguments: argparse.Namespace) -> int:
    """Prints the script for `bash` or `zsh`. Exit code 0."""
    print(shtab.complete(command_line(), shell=arguments.shell))
    return 0
