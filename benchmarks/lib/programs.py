"""The Java programs in benchmarks.jar: how they are run, and the result lines they print."""
import os
import re
import subprocess

from lib import project
from lib.project import Broken, Failure

PACKAGE = 'org.warrenmq.benchmarks.'
DURABLE = 'durable.DurablePaths'

# What a program exits with when the broker lost or changed something.
EXIT_BROKEN = 3


def run(what, main_class, words, on_line=lambda text: None, heap='2g'):
    """Runs a program to its end: its result lines, by name."""
    command = [os.path.join(project.java_home(), 'bin', 'java'), '-Xmx' + heap,
               '-XX:+UseParallelGC', '-XX:-UsePerfData', '-cp', project.benchmarks_jar(),
               PACKAGE + main_class, *map(str, words)]
    results, said = {}, []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        try:
            for text in process.stdout:
                said.append(text.rstrip())
                on_line(text.rstrip())
                name, values = parse(text)
                if name:
                    results[name] = values
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        kind = Broken if process.returncode == EXIT_BROKEN else Failure
        raise kind(f'{what}: ' + ('\n'.join(said[-5:]) or f'exit code {process.returncode}'))
    return results


def durable(broker, command, *words, on_line=lambda text: None):
    """One of the programs on durable paths: the values of its last result."""
    what = f'{command} on {broker.label}'
    results = run(what, DURABLE, (command, '--port', broker.port, *words), on_line, heap='1g')
    if command not in results:
        raise Failure(f'{what} printed no result')
    return results[command]


def parse(text):
    """A result line, `NAME key=value …`; anything else is no result."""
    found = re.match(r'([a-z][\w-]*)( \w+=-?[\d.]+)+\s*$', text)
    if not found:
        return None, {}
    return found.group(1), {key: float(value)
                            for key, value in re.findall(r'(\w+)=(-?[\d.]+)', text)}


class Window:
    """The broker's CPU seconds in the window that a program announces by `window-start` and
    `window-end`, and what it counted there."""

    def __init__(self, broker):
        self.broker = broker
        self.cpu = 0
        self.values = {}

    def see(self, text):
        if text == 'window-start':
            self.cpu = self.broker.cpu_seconds()
            return
        name, values = parse(text)
        if name == 'window-end':
            self.cpu, self.values = self.broker.cpu_seconds() - self.cpu, values
