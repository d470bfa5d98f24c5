"""aiosmtpd on two loopback ports (plain, STARTTLS), with the misbehaviours that the tests name by recipient."""

import email
import json
import ssl
import subprocess
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

folder = sys.argv[1]
taken = []
lost = set()


closed = threading.Event()


def close(transport):
    transport.close()
    closed.set()


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if address.startswith("banned@"):
            return "550 5.7.1 sender not allowed"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("gone@"):
            return f"550 5.1.1 <{address}>: user gone is unknown"
        if address.startswith("full@"):
            return "451 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        to = envelope.rcpt_tos[0]
        if to.startswith("spam@"):
            return "554 5.7.1 not wanted"
        taken.append(email.message_from_bytes(envelope.content)["Message-ID"])
        if to.startswith("lost-answer@") and to not in lost:
            lost.add(to)
            server.transport.abort()
            return "250 never heard"
        if to.startswith("close-after@"):
            server.loop.call_later(0.05, close, server.transport)
        return "250 OK"


subprocess.run(
    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
     "-keyout", f"{folder}/key.pem", "-out", f"{folder}/cert.pem", "-subj", "/CN=localhost",
     "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"],
    check=True, capture_output=True,
)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")


class Free(Controller):
    """A port that the system chose."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


plain = Free(Handler(), hostname="127.0.0.1", port=0)
private = Free(Handler(), hostname="127.0.0.1", port=0, tls_context=context, require_starttls=True)
plain.start()
private.start()
print(plain.port, private.port, flush=True)
for line in sys.stdin:
    if line.startswith("closed"):
        closed.wait(20)
    print(json.dumps(taken), flush=True)
plain.stop()
private.stop()
