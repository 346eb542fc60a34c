"""Costs of topology changes: the Java program in benchmarks.jar, and what it prints."""
import resource

from lib import programs
from lib.project import Failure

NAMES = ('bind', 'unbind', 'drop', 'policy', 'traffic')

# Files a process needs beside its connections.
SPARE_FILES = 500


def add_options(parser):
    """What `topology` and `check` both let one choose."""
    parser.add_argument('--bindings', type=int, default=100_000, help='(100000)')
    parser.add_argument('--connections', type=int, default=10_000,
                        help='dropped at once; fewer when the limit on files is low (10000)')
    parser.add_argument('--deletions', type=int, default=9,
                        help='of a queue with all the bindings (9)')
    parser.add_argument('--drops', type=int, default=5,
                        help='times that the connections drop, ours and those of a sink (5)')
    parser.add_argument('--reset', action='store_true',
                        help='the connections drop with a reset, as of a client that is behind')
    parser.add_argument('--window', type=float, default=2, help='seconds, at least (2)')
    parser.add_argument('--rate', type=int, default=2_000,
                        help='messages per second of the other publishers together (2000)')


def possible_connections(wanted):
    """As many connections as the limit on open files allows, in the broker and in the client."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return wanted
    return max(1, min(wanted, soft - SPARE_FILES))


def measure(broker, names, options, show=lambda text: None):
    """Runs the lines named; for each a dictionary of the values it printed."""
    connections = possible_connections(options.connections)
    if connections < options.connections and not {'drop', 'traffic'}.isdisjoint(names):
        show(f'note: the limit on open files allows {connections} of {options.connections} '
             'connections')
    words = (*names, '--port', broker.port, '--bindings', options.bindings, '--connections',
             connections, '--deletions', options.deletions, '--warm', options.warm, '--window',
             options.window, '--rate', options.rate, '--drops', options.drops, '--pid', broker.pid or 0,
             *(['--reset'] if options.reset else []),
             *(['--data', broker.data] if broker.data else []))
    what = f'topology on {broker.label}'
    printed = programs.run(what, 'topology.TopologyCosts', words, show, heap='3g')
    results = {name: printed.get('topology-' + name) for name in names}
    missing = [name for name in names if not results[name]]
    if missing:
        raise Failure(f'{what} printed no result for {", ".join(missing)}')
    return results
