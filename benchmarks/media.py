"""Files that lie and files that are sound, judged in the confined child: what passes, how long it takes, what it holds.

    python -m benchmarks.media [--json]

Aims: no file passes at `typed` that a full decoder refuses, at most 1 % of the sound ones are refused, and the child
holds at most 1 GiB and takes at most 20 s a file.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from spacefactory_validators import spacefactory_validators

from spacefactory import probe
from spacefactory.schema.status import Level
from tests.media_gallery import gallery, malformed, many_good, write

MOST_REFUSED = 0.01
MEMORY, SECONDS = 1 << 30, 20.0


def main() -> int:
    """Print the counts; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    validators = tuple(spacefactory_validators())
    specimens = [*gallery(), *malformed(), *many_good()]
    wrong: list[str] = []
    refused: list[str] = []
    count = {"good": 0, "untyped": 0}
    slowest = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for kind in ("image", "audio", "video", "text", "json"):
            some = [one for one in specimens if one.expect == kind and one.verdict in count]
            started = time.monotonic()
            judged = probe.judge_files(write(Path(folder) / kind, some), kind, validators, confined=True)
            slowest = max(slowest, (time.monotonic() - started) / max(1, len(some)))
            for one, found in zip(some, judged, strict=True):
                count[one.verdict] += 1
                if one.verdict == "untyped" and found.level is not Level.NONE:
                    wrong.append(one.name)
                if one.verdict == "good" and found.level is Level.NONE:
                    refused.append(one.name)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    facts = {**count, "passed": wrong, "refused": refused, "seconds_a_file": slowest, "memory_bytes": memory}
    if options.json:
        print(json.dumps(facts))
    else:
        print(f"{count['untyped']} files that lie or are broken: {len(wrong)} pass at typed {wrong}")
        print(f"{count['good']} sound files: {len(refused)} are refused {refused}")
        print(f"{slowest:.2f} s a file, of the slowest type; the child holds at most {memory / 2**20:.0f} MiB")
    return int(bool(wrong) or len(refused) > MOST_REFUSED * count["good"] or memory > MEMORY or slowest > SECONDS)


if __name__ == "__main__":
    sys.exit(main())
