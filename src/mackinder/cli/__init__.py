"""The command line: each command parses, calls one function, and prints.

Results go to stdout, narration to stderr. No scientific package is imported before a command runs.
"""

from mackinder.cli.app import app, main

__all__ = ["app", "main"]
