"""Bounds of the analysis, measured in a process of its own: 2 s and 512 MiB for any card up to 256 KiB."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from tests.plugins.model_cards import profile
from tests.plugins.test_model_card_hostile import BROKEN, FRONT, HOSTILE

LARGE = 256 * 1024
SECONDS = 2.0
"""Of processor time, so that a busy machine does not matter."""
MIB = 512
UNITS = (
    "weights are not released coming soon requires 8x A100 80GB ",
    "from_pretrained(",
    "pip install a b c d e f ",
    "trigger word: `x` to trigger use the token `y` ",
    "7B parameters, 52B total, ",
    "trainable params: 294,144 of 605,228,320 ",
    "| 7B | params | a |\n",
    "vision-language model for text-to-image generation ",
    "\ncompatible with controlnet alongside summarization reasoning coding ",
    "is a large pretrained open vision ",
    "[text](address) ![image](address) <b>",
    "```python\nx = f(a, b=1)\n```\n",
    "```bash\npython run.py --prompt a --image b\n```\n",
    "# your insert prompt text \n",
    ">>> f('a b c')\n[{'label': 'x'}]\n",
    "---\n",
    "é\u4e2d\u202e\0",
    "    from x import y\n",
    "audio-driven driving video reference audio ",
)
"""Words that rules look for: repeated to 256 KiB, on one line, on many, and as a block of code."""


def cards() -> dict[str, str | bytes]:
    """All hostile and broken cards, and those that keep the rules busiest."""
    found: dict[str, str | bytes] = {**BROKEN, **HOSTILE}
    for unit in UNITS:
        text = unit * (LARGE // len(unit.encode()))
        found |= {f"repeated {unit!r}": FRONT + text, f"lines of {unit!r}": FRONT + text.replace(" ", "\n")}
        found[f"code of {unit!r}"] = f"{FRONT}```python\n{text}\n```\n"
    return found


def measure() -> dict[str, float]:
    """Processor seconds per card, and under an empty name the most memory that this process took, in MiB."""
    taken: dict[str, float] = {}
    for name, text in cards().items():
        begun = time.process_time()
        profile(text)
        taken[name] = time.process_time() - begun
    return {**taken, "": most_memory()}


def most_memory() -> float:
    """The most that this program held, in MiB; `getrusage` counts in what its parent held when it was started."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def test_any_card_takes_two_seconds_and_half_a_gibibyte_at_most() -> None:
    code = "import json; from tests.plugins.test_model_card_limits import measure; print(json.dumps(measure()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600)
    taken = json.loads(done.stdout)
    assert taken.pop("") < MIB
    assert len(taken) >= 60 + 3 * len(UNITS)
    slowest = max(taken, key=taken.__getitem__)
    assert taken[slowest] < SECONDS, f"{slowest}: {taken[slowest]:.2f} s"
