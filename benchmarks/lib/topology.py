"""Costs of topology changes: the Java program in benchmarks.jar, and what it prints."""
import os
import re
import resource
import subprocess

from lib import project
from lib.project import Failure

NAMES = ('bind', 'unbind', 'drop')

# Files a process needs beside its connections.
SPARE_FILES = 500


def add_options(parser):
    """What `topology` and `check` both let one choose."""
    parser.add_argument('--bindings', type=int, default=100_000, help='(100000)')
    parser.add_argument('--connections', type=int, default=10_000,
                        help='dropped at once; fewer when the limit on files is low (10000)')
    parser.add_argument('--window', type=float, default=2, help='seconds, at least (2)')
    parser.add_argument('--rate', type=int, default=2_000,
                        help='messages per second of the other publishers together (2000)')


def possible_connections(wanted):
    """As many connections as the limit on open files allows, in the broker and in the client."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, soft - SPARE_FILES))


def measure(broker, names, options, show=lambda text: None, extra=()):
    """Runs the lines named; for each a dictionary of the values it printed."""
    connections = possible_connections(options.connections)
    if connections < options.connections and 'drop' in names:
        show(f'note: the limit on open files allows {connections} of {options.connections} '
             'connections')
    command = [os.path.join(project.java_home(), 'bin', 'java'), '-Xmx2g', '-XX:+UseParallelGC',
               '-cp', project.benchmarks_jar(),
               'org.warrenmq.benchmarks.topology.TopologyCosts', *names, '--port',
               str(broker.port), '--bindings', str(options.bindings), '--connections',
               str(connections), '--pairs', str(options.pairs), '--warm', str(options.warm),
               '--window', str(options.window), '--rate', str(options.rate), *extra]
    results, said = {}, []
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True) as process:
        try:
            for text in process.stdout:
                said.append(text.rstrip())
                show(text.rstrip())
                name, values = parse(text)
                if name:
                    results[name] = values
        except BaseException:
            process.kill()
            raise
    missing = [name for name in names if name not in results]
    if process.returncode != 0 or missing:
        raise Failure(f'topology on {broker.label} failed: ' + '\n'.join(said[-5:]))
    return results


def parse(text):
    """A result line, `topology-NAME key=value …`; anything else is no result."""
    found = re.match(r'topology-(\w+) ', text)
    if not found:
        return None, {}
    return found.group(1), {key: float(value)
                            for key, value in re.findall(r'(\w+)=(-?[\d.]+)', text)}
