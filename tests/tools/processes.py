# SPDX-License-Identifier: Apache-2.0
"""What the processes of one run held at most, each kind apart.

The kernel keeps the peak of a process (VmHWM) for as long as it lives, so it is read again and
again until the end. Other than the peak that a parent is told of its children, it does not mix
the engine, the program that decodes and its workers.
"""
import os
import subprocess
import tempfile
import time
from pathlib import Path

from harness import Ran, command

POLL_S = 0.02
SCRATCH_BYTES = 2 << 30


def _peak_kib(pid):
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:  # it has ended
        pass
    return 0


def children_of(pid):
    """The processes that any thread of this one started and that were not waited for."""
    children = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += [int(word) for word in (task / "children").read_text().split()]
    except OSError:
        pass
    return children


def can_be_told():
    """Whether this kernel says which children a process has."""
    return Path(f"/proc/self/task/{os.getpid()}/children").exists()


def run_measured(*arguments, store=None, timeout_s=240):
    """Runs the command. Returns what it gave, and the peaks in KiB of semblance, of
    semblance-extract, and of the largest of its workers, in this order."""
    words, env = command(*arguments, store=store)
    peaks = [0, 0, 0]
    until = time.monotonic() + timeout_s
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with subprocess.Popen(words, env=env, stdin=subprocess.DEVNULL, stdout=out,
                              stderr=err) as program:
            while program.poll() is None:
                generation = [program.pid]
                for depth in range(len(peaks)):
                    peaks[depth] = max([peaks[depth], *map(_peak_kib, generation)])
                    generation = [child for pid in generation for child in children_of(pid)]
                if time.monotonic() > until:
                    program.kill()
                    raise TimeoutError(f"{words}: not done after {timeout_s} s")
                time.sleep(POLL_S)
        out.seek(0)
        err.seek(0)
        return Ran(program.returncode, out.read(), err.read()), peaks


def roomy_parent():
    """A folder in memory where there is room for very many small files; else the usual one."""
    memory = Path("/dev/shm")
    try:
        room = os.statvfs(memory)
        if room.f_bavail * room.f_frsize >= SCRATCH_BYTES and os.access(memory, os.W_OK):
            return str(memory)
    except OSError:
        pass
    return tempfile.gettempdir()
