"""The command line starts without the scientific libraries (seconds are measured in benchmarks, not here)."""

import subprocess
import sys

import pytest

HEAVY = ["fastapi", "llvmlite", "matplotlib", "numba", "numpy", "pandas", "pyarrow", "SALib", "scipy", "uvicorn"]
REPORT = f"print('HEAVY', *sorted(set(sys.modules) & set({HEAVY})), file=sys.stderr)"

CALL = """
sys.argv = ["mackinder", *{arguments}]
try:
    from mackinder.cli import main
    main()
except SystemExit as end:
    assert not end.code
"""


@pytest.mark.parametrize(
    "statement",
    [
        "import mackinder",
        "import mackinder.cli",
        CALL.format(arguments=["--help"]),
        CALL.format(arguments=["run", "--help"]),
    ],
    ids=["package", "cli", "--help", "run --help"],
)
def test_nothing_heavy_is_loaded(statement):
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{statement}\n{REPORT}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "HEAVY"
