"""scenario.py PORT FOLDER: by TLS, with pika. FOLDER has ca.pem, other.pem, client.pem, client.key."""
import ssl
import sys

import pika

port, folder = int(sys.argv[1]), sys.argv[2]


def connect(authority, certificate=False, external=False):
    context = ssl.create_default_context(cafile=f"{folder}/{authority}.pem")
    if certificate:
        context.load_cert_chain(f"{folder}/client.pem", f"{folder}/client.key")
    credentials = (
        pika.credentials.ExternalCredentials()
        if external
        else pika.PlainCredentials("guest", "guest")
    )
    return pika.BlockingConnection(
        pika.ConnectionParameters(
            host="localhost",
            port=port,
            credentials=credentials,
            ssl_options=pika.SSLOptions(context, "localhost"),
        )
    )


def trip(connection):
    channel = connection.channel()
    queue = channel.queue_declare("", exclusive=True).method.queue
    channel.confirm_delivery()
    body = b"x" * 300_000
    channel.basic_publish("", queue, body, mandatory=True)
    got = channel.basic_get(queue, auto_ack=True)[2]
    connection.close()
    return "all of it" if got == body else "something else"


def refused(what, *how, **more):
    try:
        connect(*how, **more).close()
        print(f"{what}: let in")
    except Exception:
        print(f"{what}: refused")


print("server verified:", trip(connect("ca")))
print("with a certificate:", trip(connect("ca", certificate=True)))
print("by the certificate:", trip(connect("ca", certificate=True, external=True)))
refused("a server of somebody else's", "other")
refused("by no certificate", "ca", external=True)
