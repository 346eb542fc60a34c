"""The sizes of some lines: the ones the bounds are for, and smaller ones to try a line out."""

FULL = {'deep_messages': 5_000_000, 'kill9_messages': 1_000_000, 'restart_queues': 10_000,
        'restart_messages': 100, 'declares': 10_000, 'backlog': 1_000_000,
        'turns_messages': 1_000_000, 'chaos_seconds': 120, 'delayed_messages': 2_000_000,
        'ttl_messages': 5_000_000, 'mixed_ttl_messages': 1_000_000}
HELP = {'deep_messages': 'messages of 1 KiB, for deep-queue',
        'kill9_messages': 'messages for kill9-1m',
        'restart_queues': 'queues for restart-10k',
        'restart_messages': 'messages in each of them',
        'declares': 'queues in a round of declares-durable',
        'backlog': 'messages for backlog-fill and backlog-drain',
        'turns_messages': 'messages in the queue of turns-requeue and turns-purge',
        'chaos_seconds': 'seconds of hostile clients, for chaos',
        'delayed_messages': 'messages for delayed-2m and delayed-2m-kill9',
        'ttl_messages': 'messages for ttl-5m',
        'mixed_ttl_messages': 'messages for ttl-mixed-1m'}


def add_options(parser):
    """Smaller sizes can show that a bound is missed, never that it is held."""
    for name, size in FULL.items():
        parser.add_argument('--' + name.replace('_', '-'), type=int, default=size, metavar='N',
                            help=f'{HELP[name]} ({size})')


def smaller(options, names):
    """Whether one of these sizes is below what the bounds are for."""
    return any(getattr(options, name) < FULL[name] for name in names)
