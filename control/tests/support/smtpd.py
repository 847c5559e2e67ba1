"""A mail server that keeps nothing: it prints each mail as a line of JSON. `smtpd.py PORT starttls|tls CERT KEY`."""

import email
import email.policy
import json
import ssl
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


def say(**line):
    print(json.dumps(line), flush=True)


class Mails:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "450 4.2.1 mailbox busy"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        say(
            sender=envelope.mail_from,
            to=envelope.rcpt_tos,
            tls=session.ssl is not None or sys.argv[2] == "tls",
            signed_in=session.authenticated,
            headers={name.lower(): str(value) for name, value in mail.items()},
            text=mail.get_body(("plain",)).get_content(),
            html=mail.get_body(("html",)).get_content(),
        )
        return "250 2.0.0 kept as 7"


def sign_in(server, session, envelope, mechanism, data):
    # Not handled: the server says itself that it was wrong.
    return AuthResult(success=(data.login, data.password) == (b"upguard", b"correct horse"), handled=False)


port, security, certificate, key = sys.argv[1:]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
secured = {"ssl_context": context} if security == "tls" else {"tls_context": context, "require_starttls": True}
# `auth_require_tls` looks for STARTTLS, which a connection that begins with TLS has not.
server = Controller(
    Mails(),
    hostname="127.0.0.1",
    port=int(port),
    authenticator=sign_in,
    auth_required=True,
    auth_require_tls=security == "starttls",
    **secured,
)
server.start()
say(ready=True)
threading.Event().wait()
