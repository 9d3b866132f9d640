"""``python -m mackinder``."""

from mackinder.cli import main

main()
