"""A broker's resident memory over a long measurement, its restarts included."""
import contextlib
import os
import threading
import time

from lib import processes

EVERY_SECONDS = 0.1
# Listing a tree reads all of /proc; which processes a broker consists of changes seldom.
TREE_SECONDS = 1
# Broker and load take all cores; a thread that samples seldom and shortly may go first.
PRIORITY = -10


class Watch(threading.Thread):
    """Samples VmRSS of a broker's process tree until the `with` block ends: the highest sample of
    each phase, how the samples were spread, and what the kernel recorded between them. A broker
    that is down has no memory."""

    def __init__(self, broker, phase):
        super().__init__(daemon=True)
        self.broker = broker
        self.current = phase
        self.peaks = {}
        self.samples = 0
        self.longest_gap = 0
        self.highest_ever = 0
        self.stopped = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.join()

    def phase(self, name):
        self.current = name

    def run(self):
        with contextlib.suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), PRIORITY)
        root, pids, listed, last = 0, [], 0, None
        while True:
            began = time.monotonic()
            if root != self.broker.pid or began - listed >= TREE_SECONDS:
                root, listed = self.broker.pid, began
                pids = processes.tree(root)
            self.take(*processes.resident_and_highest(pids))
            self.longest_gap = max(self.longest_gap, began - (last or began))
            last = began
            if self.stopped.wait(max(0.0, began + EVERY_SECONDS - time.monotonic())):
                return

    def take(self, resident, highest):
        self.samples += 1
        self.peaks[self.current] = max(self.peaks.get(self.current, 0), resident)
        self.highest_ever = max(self.highest_ever, highest)

    def peak(self):
        """The highest sample, or the kernel's record if that is higher."""
        return max([self.highest_ever, *self.peaks.values()])

    def stated(self):
        """What the table states beside the peak."""
        found = {f'RSS while {phase}, MB': peak / 1e6 for phase, peak in self.peaks.items()}
        found['VmHWM, MB'] = self.highest_ever / 1e6
        found['RSS samples'] = self.samples
        found['longest gap between them, s'] = self.longest_gap
        return found
