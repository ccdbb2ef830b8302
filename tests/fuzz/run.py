"""Runs a target under the fuzzer: `python tests/fuzz/run.py records FOLDER -max_total_time=60`.

What follows the target are folders of inputs and options of libFuzzer.
"""

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent.parent))
with atheris.instrument_imports(include=["feedpub", "markdown_it"]):
    from fuzz.targets import TARGETS

name, *arguments = sys.argv[1:]
target, _ = TARGETS[name]
atheris.Setup([name, *arguments], target)
atheris.Fuzz()
