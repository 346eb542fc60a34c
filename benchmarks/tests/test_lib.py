"""Tests of what the commands conclude and read: python3 -m unittest discover -s benchmarks/tests"""
import os
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

from lib import (allocation, brokers, chaos, lines, processes, programs, project, syscalls, table,
                 turns, verdict)
from lib.lines import Sample


def judged(name, ours, peer=(), failure=None):
    row, state = verdict.judge(
        verdict.Outcome(lines.BY_NAME[name], list(ours), list(peer), failure))
    return state, row


class Verdicts(unittest.TestCase):
    def test_a_bound_holds_at_its_limit(self):
        state, row = judged('acks-1k', [Sample(9, 150)], [Sample(36, 100)])
        self.assertEqual(state, 'ok')
        self.assertEqual(row[-1], 'ok')

    def test_says_which_bound_is_missed(self):
        state, row = judged('acks-1k', [Sample(9.1, 149)], [Sample(36, 100)])
        self.assertEqual((state, row[-1]), ('missed', 'MISSED: cost, rate'))

    def test_compares_medians_of_all_pairs(self):
        ours = [Sample(cost, 200) for cost in (5, 100, 6)]
        peer = [Sample(cost, 100) for cost in (40, 1, 44)]
        _, row = judged('transient-12b', ours, peer)
        self.assertEqual(row[2:5], (6, 40, 0.15))

    def test_many_queues_has_no_bound_on_its_rate(self):
        state, _ = judged('many-queues', [Sample(40, 100)], [Sample(100, 5000)])
        self.assertEqual(state, 'ok')

    def test_a_ratio_without_the_peer_is_not_judged(self):
        self.assertEqual(judged('acks-1k', [Sample(9, 150)])[0], 'open')

    def test_a_value_is_judged_without_the_peer(self):
        self.assertEqual(judged('startup', [Sample(1.9)])[0], 'ok')
        self.assertEqual(judged('startup', [Sample(2)])[0], 'missed')
        self.assertEqual(judged('topology-bind', [Sample(rate=5000)])[0], 'ok')
        self.assertEqual(judged('topology-bind', [Sample(rate=4999)])[0], 'missed')

    def test_a_failure_is_no_verdict_on_a_bound(self):
        self.assertEqual(judged('startup', [], failure='gone')[0], 'failed')
        self.assertEqual(judged('acks-1k', [Sample(99, 1)], [Sample(1, 99)], 'gone')[0], 'failed')

    def test_noise_is_ratio_and_spread(self):
        outcome = verdict.Outcome(lines.BY_NAME['acks-1k'], [Sample(10, 100), Sample(12, 90)],
                                  [Sample(11, 110), Sample(11, 100)])
        row = verdict.noise(outcome)
        self.assertEqual(row[2:5], (11, 11, 1))
        self.assertAlmostEqual(row[5], 2 / 11 * 100)
        self.assertAlmostEqual(row[9], 20)


class Reading(unittest.TestCase):
    def test_straces_table(self):
        counts = syscalls.parse('''
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.10    0.601000          10     60100           write
 20.00    0.200000          20     10000       123 futex
 10.00    0.100000           5     20000           epoll_wait
------ ----------- ----------- --------- --------- ----------------
100.00    1.000000          11     90100       123 total
''')
        self.assertEqual(counts, {'write': 60100, 'futex': 10000, 'epoll_wait': 20000})

    def test_kinds_of_calls_add_up(self):
        kinds = syscalls.by_kind({'write': 1, 'writev': 2, 'readv': 4, 'mprotect': 8})
        self.assertEqual(kinds, [('read', 4), ('write', 3), ('mprotect', 8)])

    def test_allocation_is_the_slope_of_each_counter(self):
        def event(second, allocated, name='loop'):
            return {'values': {'startTime': f'2026-01-01T00:00:{second:02}.123456789Z',
                               'allocated': allocated,
                               'thread': {'javaName': name, 'javaThreadId': 1}}}

        rates = allocation.rates([event(3, 700), event(1, 100), event(2, 400),
                                  event(1, 0, 'JFR Periodic Tasks')])
        self.assertEqual(list(rates), ['loop'])
        self.assertAlmostEqual(rates['loop'], 300, 3)

    def test_one_counter_is_no_rate(self):
        with self.assertRaises(project.Failure):
            allocation.rates([])

    def test_a_result_of_a_program(self):
        name, values = programs.parse('topology-unbind bindings=100000 ratio=1.250 event_ms=12')
        self.assertEqual((name, values['ratio'], values['event_ms']),
                         ('topology-unbind', 1.25, 12))
        self.assertEqual(programs.parse('  topology-unbind pair 1: p99')[0], None)


class Turns(unittest.TestCase):
    VALUES = programs.parse('turns-get-nack rounds=1 events=16 answers=506 p50_ms=1.0 p99_ms=24.0 '
                            'worst_ms=51.0 control_worst_ms=9.0 over_control_ms=42.0')[1]

    def test_both_bounds_are_judged(self):
        for p99, over, state, text in ((49.9, 50, 'ok', 'ok'), (50, 0, 'missed', 'MISSED: cost'),
                                       (1, 50.1, 'missed', 'MISSED: ' + turns.OVER_CONTROL)):
            sample = turns.sample({**self.VALUES, 'p99_ms': p99, 'over_control_ms': over}, {})
            found, row = judged('turns-get-nack', [sample])
            self.assertEqual((found, row[-1]), (state, text))

    def test_what_is_stated_names_its_bound(self):
        sample = turns.sample(self.VALUES, {'collections, case': 3})
        outcome = verdict.Outcome(lines.BY_NAME['turns-get-nack'], [sample], [])
        stated = {row[1]: row[2] for row in verdict.stated(outcome)}
        self.assertEqual(stated[turns.OVER_CONTROL + ' (<= 50)'], 42)
        self.assertEqual((stated['control worst ms'], stated['collections, case']), (9, 3))

    def test_collections_belong_to_their_window(self):
        with tempfile.NamedTemporaryFile('w') as log:
            def say(milliseconds):
                log.write(f'[1.234s][info][gc] GC(7) Pause Young (Allocation Failure) 20M->5M(48M) '
                          f'{milliseconds}ms\n')
                log.flush()

            collections = turns.Collections(log.name)
            say(100)
            for text, pause in (('case-start', 2.5), ('case-end', 50), ('case-start', 4),
                                ('case-end', 60), ('turns-fanout p99_ms=1', 70)):
                collections.see(text)
                say(pause)
            self.assertEqual(collections.stated(), {
                'collections, case': 2, 'collections, case, ms in all': 6.5,
                'longest collection, case, ms': 4})


class Chaos(unittest.TestCase):
    FOUND = programs.parse('chaos p50_ms=1.00 p99_ms=20.00 worst_ms=90.00 alarmed_p99_ms=0.00 '
                           'rss_mb=300.5 confirmed=1000')[1]

    def test_confirms_outside_alarms_are_judged(self):
        sample = chaos.sample(self.FOUND, 0, [])
        self.assertEqual((sample.cost, sample.stated['peak RSS MB']), (20, 300.5))
        self.assertEqual(judged('chaos', [sample])[0], 'ok')

    def test_a_test_that_failed_is_broken_and_one_that_did_not_run_is_not_measured(self):
        with self.assertRaises(project.Broken):
            chaos.sample(self.FOUND, 1, ['[ERROR] ChaosTest: faults'])
        for code in (0, 1):
            with self.assertRaises(project.Failure) as raised:
                chaos.sample(None, code, ['no compiler'])
            self.assertNotIsInstance(raised.exception, project.Broken)


class Table(unittest.TestCase):
    def test_columns_line_up(self):
        text = table.render(('line', 'n'), [('a', 1234), ('long', None)])
        self.assertEqual(text.split('\n'), ['line      n', '----  -----', 'a     1,234',
                                            'long      -'])


class Surroundings(unittest.TestCase):
    def setUp(self):
        self.before = dict(os.environ)

    def tearDown(self):
        os.environ.clear()
        os.environ.update(self.before)

    def test_says_what_is_not_there(self):
        os.environ['WARREN_BENCH'] = '/nowhere'
        with self.assertRaisesRegex(project.Failure, '/nowhere/bench is not there.*WARREN_BENCH'):
            project.bench_dir()
        os.environ.pop('WARREN_RABBIT', None)
        with self.assertRaisesRegex(project.Failure, 'set WARREN_RABBIT'):
            project.rabbit_dir()

    def test_freezes_and_ends_a_tree(self):
        with subprocess.Popen(['sh', '-c', 'sleep 100 & wait']) as shell:
            try:
                while len(processes.tree(shell.pid)) < 2:
                    pass
                pids = processes.tree(shell.pid)
                processes.freeze(shell.pid)
                self.assertTrue(all(processes.is_alive(pid) for pid in pids))
                processes.end(shell.pid, 1)
                self.assertFalse(any(processes.is_alive(pid) for pid in pids))
            finally:
                shell.kill()

    def test_a_dead_process_is_no_rabbit(self):
        rabbit = brokers.Rabbit.__new__(brokers.Rabbit)
        rabbit.pid_file = lambda: os.devnull
        self.assertIsNone(rabbit.running_pid())


if __name__ == '__main__':
    unittest.main()
