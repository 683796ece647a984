"""Runs a supervisor over specs given as JSON, as a process of its own: `python -m tests.kernel.supervised DATA SPECS`."""

import json
import sys
from pathlib import Path

from linli.kernel.serve.processes import Spec
from linli.kernel.serve.supervisor import Supervisor

if __name__ == "__main__":
    specs = [Spec(name=name, command=tuple(command), grace=grace) for name, command, grace in json.loads(sys.argv[2])]
    Supervisor(specs, data=Path(sys.argv[1]), on_ready=lambda: print("ready", flush=True)).run()
    print("stopped", flush=True)
