"""Just enough AMQP 0-9-1 to see whether a broker takes a connection, as a client would."""
import socket
import struct
import time

from lib.project import Failure

FRAME_METHOD, FRAME_END = 1, b'\xce'
CONNECTION, CHANNEL, QUEUE = 10, 20, 50
START, START_OK, TUNE, TUNE_OK, OPEN, OPEN_OK = 10, 11, 30, 31, 40, 41
DECLARE, DECLARE_OK, CLOSE, NOT_FOUND = 10, 11, 40, 404


def open_channel(port, timeout=5.0, user=b'guest', password=b'guest', vhost=b'/'):
    """A whole handshake up to an open channel, then the connection is dropped."""
    with socket.create_connection(('127.0.0.1', port), timeout) as peer:
        peer.settimeout(timeout)
        _open(peer, user, password, vhost)


def queue_count(port, queue, timeout=30.0):
    """The messages in a queue, by a passive declare; None if there is no such queue."""
    name = queue.encode()
    with socket.create_connection(('127.0.0.1', port), timeout) as peer:
        peer.settimeout(timeout)
        _open(peer, b'guest', b'guest', b'/')
        passive, no_arguments = 1, 0
        _send(peer, 1, QUEUE, DECLARE, struct.pack('>HB', 0, len(name)) + name
              + struct.pack('>BI', passive, no_arguments))
        try:
            answer = _expect(peer, QUEUE, DECLARE_OK)
        except Unexpected as other:
            if other.got == (CHANNEL, CLOSE) and other.code == NOT_FOUND:
                return None
            raise
        return struct.unpack_from('>I', answer, 1 + answer[0])[0]


class Unexpected(ConnectionError):
    """Another method than the one that was due; a close has a reply code."""

    def __init__(self, due, got, arguments):
        self.got = got
        self.code = struct.unpack_from('>H', arguments)[0] if len(arguments) >= 2 else None
        super().__init__(f'expected method {due[0]}.{due[1]}, got {got[0]}.{got[1]}')


def _open(peer, user, password, vhost):
    peer.sendall(b'AMQP\x00\x00\x09\x01')
    _expect(peer, CONNECTION, START)
    response = b'\0' + user + b'\0' + password
    _send(peer, 0, CONNECTION, START_OK, struct.pack('>I', 0) + b'\x05PLAIN'
          + struct.pack('>I', len(response)) + response + b'\x05en_US')
    tune = _expect(peer, CONNECTION, TUNE)
    _send(peer, 0, CONNECTION, TUNE_OK, tune[:8])
    _send(peer, 0, CONNECTION, OPEN, struct.pack('B', len(vhost)) + vhost + b'\0\0')
    _expect(peer, CONNECTION, OPEN_OK)
    _send(peer, 1, CHANNEL, 10, b'\0')
    _expect(peer, CHANNEL, 11)


def await_open(port, seconds, alive=lambda: True):
    """Tries until a channel opens; the monotonic time when it did."""
    deadline = time.monotonic() + seconds
    last = 'nothing listened'
    while time.monotonic() < deadline and alive():
        try:
            open_channel(port)
            return time.monotonic()
        except OSError as problem:
            last = str(problem)
            time.sleep(0.01)
    raise Failure(f'no AMQP connection on port {port} within {seconds:.0f} s: {last}')


def _send(peer, channel, class_id, method_id, arguments):
    payload = struct.pack('>HH', class_id, method_id) + arguments
    head = struct.pack('>BHI', FRAME_METHOD, channel, len(payload))
    peer.sendall(head + payload + FRAME_END)


def _expect(peer, class_id, method_id):
    """The arguments of the method that is due; other methods are an error."""
    while True:
        kind, _, size = struct.unpack('>BHI', _read(peer, 7))
        payload = _read(peer, size + 1)[:-1]
        if kind != FRAME_METHOD:
            continue
        got = struct.unpack('>HH', payload[:4])
        if got != (class_id, method_id):
            raise Unexpected((class_id, method_id), got, payload[4:])
        return payload[4:]


def _read(peer, count):
    data = b''
    while len(data) < count:
        part = peer.recv(count - len(data))
        if not part:
            raise ConnectionError('the broker closed the connection')
        data += part
    return data
