"""From samples to a row of the table: medians, ratios, and whether the bounds hold."""
import statistics
from dataclasses import dataclass
from typing import List, Optional

from lib import terms


@dataclass
class Outcome:
    """One line, measured: samples of ours and of the peer, or why there are none."""
    line: terms.Line
    ours: List[terms.Sample]
    peer: List[terms.Sample]
    failure: Optional[str] = None
    broken: bool = False  # the failure is the broker's: it lost or changed messages
    smaller: bool = False  # than what the bounds are for: it can miss them, not hold them


HEAD = ('line', 'unit', 'ours', 'RabbitMQ', 'ratio', 'bound', 'ours /s', 'RabbitMQ /s', 'ratio',
        'bound', 'verdict')
LEFT = (0, 1, 10)
STATED_HEAD = ('line', 'stated', 'ours', 'RabbitMQ', 'ratio')
STATED_LEFT = (0, 1)
AA_HEAD = ('line', 'unit', 'A', 'B', 'A/B', 'spread %', 'A /s', 'B /s', 'A/B', 'spread %',
           'verdict')


def median(samples, what):
    return _middle(getattr(sample, what) for sample in samples)


def _middle(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def ratio(a, b):
    return None if a is None or not b else a / b


def judge(outcome):
    """The row of a line, and 'ok', 'missed', 'open' or 'failed'."""
    line = outcome.line
    cost, rate = median(outcome.ours, 'cost'), median(outcome.ours, 'rate')
    peer_cost, peer_rate = median(outcome.peer, 'cost'), median(outcome.peer, 'rate')
    cost_ratio, rate_ratio = ratio(cost, peer_cost), ratio(rate, peer_rate)
    checks = [('cost', line.cost_ratio, cost_ratio), ('cost', line.cost, cost),
              ('rate', line.rate_ratio, rate_ratio), ('rate', line.rate, rate)]
    checks += [(what, bound, _middle(sample.stated.get(what) for sample in outcome.ours))
               for what, bound in line.beside.items()]
    missed, unknown = [], []
    for what, bound, value in checks:
        if bound is None:
            continue
        if value is None:
            unknown.append(what)
        elif not bound.holds(value):
            missed.append(what)
    if outcome.broken:
        state, text = 'missed', 'BROKEN'
    elif outcome.failure:
        state, text = 'failed', 'FAILED'
    elif missed:
        state, text = 'missed', 'MISSED: ' + ', '.join(missed)
    elif unknown:
        # Without RabbitMQ a bound on a ratio is neither kept nor missed.
        state, text = 'open', 'not judged'
    elif outcome.smaller:
        state, text = 'open', 'held, but smaller'
    else:
        state, text = 'ok', 'ok'
    row = (line.name, line.unit, cost, peer_cost, cost_ratio, _text(line.cost_ratio, line.cost),
           rate, peer_rate, rate_ratio, _text(line.rate_ratio, line.rate), text)
    return row, state


def _text(on_ratio, on_value):
    """A bound on the ratio stands alone, one on the value itself says so."""
    if on_ratio is not None:
        return f'{on_ratio} x'
    return None if on_value is None else str(on_value)


def stated(outcome):
    """The rows of what is stated: the median of each value, and its bound if there is one."""
    names = dict.fromkeys(name for sample in outcome.ours + outcome.peer for name in sample.stated)
    for name in names:
        ours, peer = (_middle(sample.stated.get(name) for sample in samples)
                      for samples in (outcome.ours, outcome.peer))
        bound = outcome.line.beside.get(name)
        text = f'{name} ({bound})' if bound else name
        yield outcome.line.name, text, ours, peer, ratio(ours, peer)


def noise(outcome):
    """The row of an A/A measurement: the same broker against itself."""
    cells = [outcome.line.name, outcome.line.unit]
    for what in ('cost', 'rate'):
        a, b = median(outcome.ours, what), median(outcome.peer, what)
        cells += [a, b, ratio(a, b), spread(outcome.ours + outcome.peer, what)]
    cells.append('FAILED' if outcome.failure else '')
    return tuple(cells)


def spread(samples, what):
    """From the lowest to the highest of all runs, in percent of their median."""
    values = [getattr(sample, what) for sample in samples]
    values = [value for value in values if value is not None]
    if not values or not statistics.median(values):
        return None
    return (max(values) - min(values)) / statistics.median(values) * 100
