"""Tests of the durable lines: python3 -m unittest discover -s benchmarks/tests"""
import argparse
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import types
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.realpath(__file__))))

from lib import (amqp, disk, durable, features, generator, lines, memory, processes, programs,
                 project, restarts, sizes, unchanged, verdict)
from lib.terms import Sample


def outcome(name, ours, peer=(), **more):
    return verdict.Outcome(lines.BY_NAME[name], list(ours), list(peer), **more)


class Verdicts(unittest.TestCase):
    def test_lines_have_the_bounds_they_promise(self):
        bounds = {line.name: [str(bound) for bound in (line.cost_ratio, line.rate_ratio, line.cost,
                                                       line.rate) if bound]
                  for line in lines.LINES}
        self.assertEqual(bounds['durable-confirm-1k'], ['<= 0.25', '>= 2.5'])
        self.assertEqual(bounds['backlog-fill'] + bounds['backlog-drain'], ['<= 0.25'] * 2)
        self.assertEqual(bounds['latency-fixed'] + bounds['latency-fixed-p99'], ['<= 1'] * 2)
        self.assertEqual(bounds['many-queues-durable'], ['<= 0.5'])
        for name in features.NAMES:
            self.assertEqual(bounds[name], ['<= 0.25'])
        self.assertEqual(bounds['deep-queue'] + bounds['deep-queue-restart'], ['<= 600', '<= 3'])
        self.assertEqual(bounds['kill9-1m'], ['<= 1.5'])
        self.assertEqual(bounds['restart-10k'] + bounds['restart-10k-kill9'], ['<= 5'] * 2)
        self.assertEqual(bounds['declares-durable'], ['>= 2,000'])
        self.assertEqual(bounds['transient-12b-unchanged'] + bounds['acks-1k-unchanged'],
                         ['<= 2'] * 2)

    def test_every_line_has_one_name(self):
        self.assertEqual(len(lines.BY_NAME), len(lines.LINES))

    def test_what_is_lost_is_missed_not_unmeasured(self):
        row, state = verdict.judge(outcome('kill9-1m', [], failure='999,999', broken=True))
        self.assertEqual((state, row[-1]), ('missed', 'BROKEN'))

    def test_a_smaller_size_can_miss_a_bound_and_never_hold_it(self):
        held, missed = (verdict.judge(outcome('kill9-1m', [Sample(cost)], smaller=True))[1]
                        for cost in (0.5, 1.6))
        self.assertEqual((held, missed), ('open', 'missed'))

    def test_states_medians_of_both_sides(self):
        rows = list(verdict.stated(outcome(
            'backlog-fill', [Sample(1, 1, {'B': value}) for value in (1, 9, 2)],
            [Sample(1, 1, {'B': 4, 'C': 5})])))
        self.assertEqual(rows, [('backlog-fill', 'B', 2, 4, 0.5),
                                ('backlog-fill', 'C', None, 5, None)])

    def test_sizes(self):
        parser = argparse.ArgumentParser()
        sizes.add_options(parser)
        self.assertFalse(sizes.smaller(parser.parse_args([]), tuple(sizes.FULL)))
        chosen = parser.parse_args(['--restart-queues', '9999'])
        self.assertTrue(sizes.smaller(chosen, ('restart_queues', 'restart_messages')))
        self.assertFalse(sizes.smaller(chosen, ('deep_messages',)))


class Unchanged(unittest.TestCase):
    def test_the_excess_counts_in_noises(self):
        sample = unchanged.compare([3.15] * 3, [3.0] * 3, [3.0] * 3)
        self.assertAlmostEqual(sample.stated['noise %'], 5)
        self.assertAlmostEqual(sample.stated['new to old'], 1.025)
        self.assertAlmostEqual(sample.cost, 0.5)
        self.assertEqual(verdict.judge(outcome('acks-1k-unchanged', [sample]))[1], 'ok')

    def test_a_dearer_jar_is_seen(self):
        sample = unchanged.compare([3.3, 3.3, 3.3], [3.0, 3.0, 3.0], [3.4, 3.2, 3.3])
        self.assertEqual(verdict.judge(outcome('acks-1k-unchanged', [sample]))[1], 'missed')

    def test_a_cheaper_jar_is_not_dearer(self):
        self.assertLess(unchanged.compare([2.0], [3.0], [2.1]).cost, 0)

    def test_too_much_noise_is_no_verdict(self):
        with self.assertRaisesRegex(project.Failure, 'differs from itself by 20%'):
            unchanged.compare([3.0], [2.0], [2.5])

    def test_no_noise_at_all_is_no_division_by_nothing(self):
        self.assertEqual(unchanged.compare([3], [3], [3]).cost, 0)

    def test_a_launcher_of_another_jar(self):
        with tempfile.TemporaryDirectory() as folder:
            jar = os.path.join(folder, 'old.jar')
            open(jar, 'wb').close()
            launcher = project.launcher_of(jar, os.path.join(folder, 'project'))
            self.assertTrue(os.access(launcher, os.X_OK))
            beside = os.path.join(folder, 'project', 'broker', 'target', 'warren.jar')
            self.assertTrue(os.path.isfile(beside))
            with self.assertRaisesRegex(project.Failure, 'no such jar'):
                project.launcher_of(jar + '.not', folder)


def quiet_broker(**more):
    """A broker that has nothing on its disk and does nothing."""
    return types.SimpleNamespace(data=os.devnull, written_bytes=lambda: 1000,
                                 cancelled_bytes=lambda: 0, **more)


class Disk(unittest.TestCase):
    def test_counts_blocks_below_a_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, 'sub'))
            with open(os.path.join(folder, 'sub', 'file'), 'wb') as file:
                file.write(os.urandom(100_000))
                file.flush()
                os.fsync(file.fileno())
            self.assertGreaterEqual(disk.used_bytes(folder), 100_000)
            self.assertLess(disk.used_bytes(folder), 200_000)

    def test_a_tree_s_writes_count(self):
        if disk.filesystem(tempfile.gettempdir()) in disk.IN_MEMORY:
            self.skipTest('writes to memory are no writes to a disk')
        script = 'read go; dd if=/dev/zero of="$0" bs=1M count=4 2>/dev/null; echo; read end'
        with tempfile.TemporaryDirectory() as folder, subprocess.Popen(
                ['sh', '-c', script, os.path.join(folder, 'file')], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE) as shell:
            before = processes.written_bytes(shell.pid)
            shell.stdin.write(b'\n')
            shell.stdin.flush()
            shell.stdout.readline()
            # What dd wrote counts for the shell that has reaped it.
            self.assertGreaterEqual(processes.written_bytes(shell.pid) - before, 4 << 20)
            shell.communicate(b'\n')

    def test_what_is_written_counts_per_message(self):
        broker = quiet_broker()
        writes = disk.Writes(broker)
        broker.written_bytes = lambda: 1000 + 50 * 300
        self.assertEqual(writes.stated(50, 100), {
            'written B/message': 300, 'written per B of body': 3,
            'of it deleted unwritten B/message': 0})

    def test_says_when_there_is_no_room(self):
        with self.assertRaisesRegex(project.Failure, 'TMPDIR'):
            disk.require(1 << 60)

    def test_the_innermost_mount_counts(self):
        self.assertEqual(disk.filesystem('/proc/self'), 'proc')


class Memory(unittest.TestCase):
    def test_watches_a_process_and_its_phases(self):
        broker = types.SimpleNamespace(pid=os.getpid())
        with memory.Watch(broker, 'filling') as watch:
            self.wait(lambda: watch.samples >= 2)
            watch.phase('draining')
            seen = watch.samples
            self.wait(lambda: watch.samples >= seen + 2)
            broker.pid = 1 << 30  # a broker that is down
            seen = watch.samples
            self.wait(lambda: watch.samples >= seen + 2)
        self.assertEqual(list(watch.peaks), ['filling', 'draining'])
        self.assertGreater(watch.peak(), 1e6)
        self.assertGreaterEqual(watch.highest_ever, watch.peak())

    def wait(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)


class Programs(unittest.TestCase):
    def test_results_are_names_and_numbers(self):
        self.assertEqual(programs.parse('fill-queues queues=9 rate=1.5'),
                         ('fill-queues', {'queues': 9, 'rate': 1.5}))
        for text in ('window-start', 'drain: java.io.IOException rate=1', 'Note: a=b',
                     '  topology-drop pair 1: p99 before 2.00 ms'):
            self.assertEqual(programs.parse(text), (None, {}))

    def test_a_window_is_between_its_marks(self):
        broker = quiet_broker(cpu_seconds=lambda: 5)
        window = durable._Window(broker)
        window.see('window-start')
        broker.cpu_seconds = lambda: 7
        window.see('window-end published=1000 confirmed=999 received=998 seconds=2.0')
        self.assertEqual((window.cpu, window.values['published']), (2, 1000))

    def test_what_a_feature_costs_is_per_million_published(self):
        broker = quiet_broker(cpu_seconds=lambda: 1)
        for refused, stated in ((0, {}), (1500, {'nacked %': 75})):
            window = programs.Window(broker)
            window.see('window-start')
            window.see(f'window-end published=2000 answered=2000 refused={refused} seconds=4.0')
            window.cpu = 0.5
            self.assertEqual(features.sample(window), Sample(250, 500, stated))


class Restarting(unittest.TestCase):
    def test_a_count_that_is_not_exact_is_broken(self):
        broker = types.SimpleNamespace(label='ours', port=1)
        count, amqp.queue_count = amqp.queue_count, lambda port, queue: 4
        try:
            restarts._expect_count(broker, 4)
            with self.assertRaisesRegex(project.Broken, 'has 4 messages; 5 were confirmed'):
                restarts._expect_count(broker, 5)
            amqp.queue_count = lambda port, queue: None
            with self.assertRaisesRegex(project.Broken, 'the queue is gone'):
                restarts._expect_count(broker, 5)
        finally:
            amqp.queue_count = count

    def test_kill_returns_when_the_tree_is_gone(self):
        with subprocess.Popen(['sh', '-c', 'trap "" TERM; sleep 100 & wait']) as shell:
            while len(processes.tree(shell.pid)) < 2:
                pass
            pids = processes.tree(shell.pid)
            processes.kill(shell.pid, 10)
            self.assertFalse(any(processes.is_alive(pid) for pid in pids))

    def test_a_process_that_had_to_be_killed_did_not_end(self):
        for ignored, willing in (('', True), ('trap "" TERM; ', False)):
            with subprocess.Popen(['sh', '-c', ignored + 'echo; while :; do sleep 0.1; done'],
                                  stdout=subprocess.PIPE) as shell:
                shell.stdout.readline()
                self.assertEqual(processes.end(shell.pid, 0.5), willing)

    def test_a_backlog_is_written_before_it_is_confirmed(self):
        broker = types.SimpleNamespace(label='ours')
        durable._expect_written(broker, {'written B/message': 30})
        with self.assertRaisesRegex(project.Broken, 'wrote nothing'):
            durable._expect_written(broker, {'written B/message': 0.1})

    def test_lost_messages_of_the_load_generator_break_the_line(self):
        row = {'lost': 3, 'pub_rate': 1, 'secs': 1, 'workload': 'latency-fixed'}
        run, generator.run_one = generator.run_one, lambda *_: row
        try:
            with self.assertRaisesRegex(project.Broken, '3 messages lost'):
                durable._latency(types.SimpleNamespace(label='ours'), 0,
                                 types.SimpleNamespace(seconds=1))
        finally:
            generator.run_one = run


class Amqp(unittest.TestCase):
    """A broker of three lines: what the passive declare sends, and what it makes of an answer."""

    def answer(self, class_id, method_id, arguments):
        with socket.create_server(('127.0.0.1', 0)) as server:
            asked = []

            def serve():
                with server.accept()[0] as peer:
                    peer.recv(8)
                    for answer in ((10, 10, b''), (10, 30, b'\0' * 8), (10, 41, b''),
                                   (20, 11, b'')):
                        amqp._send(peer, 0, *answer)
                        if answer[1] != 30:
                            amqp._read(peer, amqp_frame(peer))
                        else:
                            for _ in range(2):
                                amqp._read(peer, amqp_frame(peer))
                    asked.append(True)
                    amqp._send(peer, 1, class_id, method_id, arguments)
                    peer.recv(1)

            def amqp_frame(peer):
                return struct.unpack('>BHI', amqp._read(peer, 7))[2] + 1

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            try:
                return amqp.queue_count(server.getsockname()[1], 'q', 5)
            finally:
                thread.join(5)
                self.assertTrue(asked)

    def test_the_count_is_behind_the_name(self):
        self.assertEqual(self.answer(50, 11, b'\x01q' + struct.pack('>II', 4_999_999, 3)),
                         4_999_999)

    def test_no_queue_is_no_count(self):
        self.assertIsNone(self.answer(20, 40, struct.pack('>H', 404) + b'\x02no' + b'\0' * 4))

    def test_another_refusal_is_an_error(self):
        with self.assertRaises(ConnectionError):
            self.answer(20, 40, struct.pack('>H', 403) + b'\x02no' + b'\0' * 4)


if __name__ == '__main__':
    unittest.main()
