"""A workload that runs in the background, and when it is in its steady state."""
import contextlib
import os
import subprocess
import tempfile
import time

from lib import generator, processes
from lib.project import Failure

# The generator's own start: a JVM, its connections and queues.
CLIENT_SECONDS = 1.5
CLIENT_PROGRAMS = ('com.rabbitmq.perf.PerfTest', ' Tool ')


class Workload:
    """One run of the load generator; `row` is what it measured, once it has ended."""

    def __init__(self, broker, name, warm, seconds, folder):
        self.broker, self.name, self.warm, self.seconds = broker, name, warm, seconds
        self.results = os.path.join(folder, 'rows')
        self.output = os.path.join(folder, 'output')
        command = generator.arguments(broker, name, warm, seconds, 1,
                                      ('--results', self.results))
        with open(self.output, 'wb') as output:
            self.process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL,
                                            stdout=output, stderr=subprocess.STDOUT)

    def await_steady(self):
        """Returns when the warm-up is over, which is when the generator begins to measure."""
        while not self.client():
            if self.process.poll() is not None:
                raise Failure(f'{self.name}: the load generator ended early: {self.said()}')
            time.sleep(0.05)
        time.sleep(CLIENT_SECONDS + self.warm)
        if self.process.poll() is not None:
            raise Failure(f'{self.name}: the load generator ended early: {self.said()}')

    def client(self):
        """The generator's client process; at first use it builds itself, and there is none."""
        return any(program in processes.command_line(pid)
                   for pid in processes.tree(self.process.pid)[1:]
                   for program in CLIENT_PROGRAMS)

    def row(self):
        """Waits for the end; what was measured."""
        self.process.wait()
        rows = generator.read_rows(self.results)
        if not rows:
            raise Failure(f'{self.name}: the load generator failed: {self.said()}')
        return generator.checked(rows[-1], self.broker.label)

    def said(self):
        with open(self.output, encoding='utf-8', errors='replace') as output:
            return output.read()[-1000:].strip()


@contextlib.contextmanager
def workload(broker, name, warm, seconds):
    """Starts a workload; it has ended when the block has."""
    with tempfile.TemporaryDirectory(prefix='warren-benchmark.') as folder:
        running = Workload(broker, name, warm, seconds, folder)
        try:
            yield running
        finally:
            if running.process.poll() is None:
                processes.end(running.process.pid, 5)
                running.process.wait()
