"""Whether messages cost what they cost with an older jar: new, old and new again, in turn. The two
new ones show the noise."""
import contextlib
import statistics
import tempfile

from lib import brokers, generator, project
from lib.project import Failure
from lib.terms import Bound, Line, Sample, alone

# A difference of so many times the noise is one.
LIMIT = 2
# With more of it, twice the noise would let anything pass.
MOST_NOISE = 0.1
# Costs are read with three digits: less cannot be seen.
LEAST_NOISE = 0.002


def _compared(workload):
    line = Line(workload + '-unchanged', 'x noise', cost=Bound('<=', LIMIT))

    def run(_, warm, options):
        with tempfile.TemporaryDirectory(prefix='warren-benchmark.') as folder:
            launcher = project.launcher_of(options.against, folder)
            contenders = [brokers.Warren('new'), brokers.Warren('old', launcher=launcher),
                          brokers.Warren('new again')]
            return compare(*_costs(contenders, workload, warm, options))

    return alone(line, 'own', run, make=contextlib.nullcontext, needs=('bench', 'against'))


def _costs(contenders, workload, warm, options):
    """CPU s/M of each contender in every round. The one that begins changes from round to round."""
    costs = {broker.label: [] for broker in contenders}
    with contextlib.ExitStack() as stack:
        for broker in contenders:
            stack.enter_context(broker)
            broker.freeze()
        for i in range(options.pairs):
            first = i % len(contenders)
            for broker in contenders[first:] + contenders[:first]:
                broker.thaw()
                row = generator.run_one(broker, workload, warm if i == 0 else options.warm_next,
                                        options.seconds)
                broker.freeze()
                costs[broker.label].append(row['cpu_per_m_pub'])
                print(f'  {workload} {broker.label}: {row["cpu_per_m_pub"]} CPU s/M, '
                      f'{row["pub_rate"]:,}/s', flush=True)
    return tuple(costs.values())


def compare(new, old, again):
    """How much dearer the new jar is, in multiples of the noise. In each round the two new ones
    differ by the noise, and their mean is set against the old one; medians of the rounds count."""
    ratio = statistics.median((a + b) / 2 / c for a, b, c in zip(new, again, old))
    noise = statistics.median(abs(a / b - 1) for a, b in zip(new, again))
    if noise > MOST_NOISE:
        raise Failure(f'the new jar differs from itself by {noise:.0%}, and from the old one by '
                      f'{ratio - 1:+.0%}: nothing follows from that. It takes a quieter machine, '
                      'longer runs or more pairs.')
    noise = max(noise, LEAST_NOISE)
    return Sample((ratio - 1) / noise, None,
                  {'new to old': ratio, 'noise %': noise * 100,
                   'new CPU s/M': statistics.median(new + again),
                   'old CPU s/M': statistics.median(old)})


SOURCES = tuple(_compared(workload) for workload in (
    'transient-12b', 'acks-1k', 'durable-confirm-1k', 'fanout-10'))
