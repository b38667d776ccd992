"""A mail provider for tests: SMTP with STARTTLS and AUTH by aiosmtpd, IMAP with IDLE by pymap, DKIM checked by dkimpy.

Prints what it is as one line of JSON, then one line for each mail that it was given. Each line that it reads is a
command: {"append": "<mail>"} puts a mail into the mailbox, {"answers": {"RCPT": "550 ...", "DATA": "cut"}} says how
the next mails are answered, {"tokens": ["..."]} which access tokens are good. Both servers sign in by password and by
XOAUTH2; a bad token is answered by a challenge before it is refused.
"""

import base64
import datetime
import email
import email.policy
import imaplib
import ipaddress
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import time

import dkim
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

USER, PASSWORD = "support@shop.example", "s3cret-mail-password"


REFUSED = b'{"status": "401", "schemes": "bearer", "scope": "mail"}'


def imap_server(tokens, arguments):
    """pymap reads XOAUTH2 and leaves it to others whether a token is good: here those are that the file names."""
    from pymap.main import main as pymap
    from pysasl import SASLAuth
    from pysasl.creds.plain import PlainCredentials
    from pysasl.mechanism import ServerChallenge
    from pysasl.mechanism.login import LoginMechanism
    from pysasl.mechanism.oauth import OAuth2Mechanism
    from pysasl.mechanism.plain import PlainMechanism

    class ByToken(OAuth2Mechanism):
        def server_attempt(self, responses):
            found, _ = super().server_attempt(responses)
            with open(tokens) as file:
                is_good = found._token in file.read().split()
            if not is_good and len(responses) < 2:
                raise ServerChallenge(REFUSED)
            if not is_good and responses[1].response:
                raise SystemExit("a challenge that says no is answered by an empty line")
            return PlainCredentials(found.authzid, PASSWORD if is_good else ""), None

    SASLAuth.defaults = classmethod(lambda cls: cls([PlainMechanism(), LoginMechanism(), ByToken()]))
    sys.argv = ["pymap", *arguments]
    pymap()


def say(**what):
    print(json.dumps(what), flush=True)


def pem(key):
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def certificate(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    shown = built.public_bytes(serialization.Encoding.PEM).decode()
    path = os.path.join(folder, "server.pem")
    with open(path, "w") as file:
        file.write(pem(key) + shown)
    return path, shown


class Handler:
    def __init__(self, public):
        self.answers = {}
        self.public = public
        self.tokens = []

    async def auth_XOAUTH2(self, server, args):
        user, bearer, *_ = base64.b64decode(args[1]).decode().split("\x01")
        if user == f"user={USER}" and bearer.removeprefix("auth=Bearer ") in self.tokens:
            return AuthResult(success=True)
        said = await server.challenge_auth(REFUSED)
        return AuthResult(success=False, handled=False, message=None if said == b"" else "501 5.5.2 What?")

    def txt(self, name, timeout=5):
        return b"v=DKIM1; k=rsa; p=" + self.public if name == b"s1._domainkey.shop.example." else None

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 2.1.0 OK")

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.answers.get("RCPT", "250 2.1.5 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.get("DATA", "250 2.0.0 queued as ABC")
        raw = envelope.original_content
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        body = lambda kind: (part := mail.get_body((kind,))) and part.get_content()
        files = [
            {"name": part.get_filename(), "type": part.get_content_type(),
             "bytes": base64.b64encode(part.get_payload(decode=True)).decode()}
            for part in mail.iter_attachments()
        ]
        say(
            sender=envelope.mail_from, recipients=envelope.rcpt_tos, tls=session.ssl is not None,
            headers={name.lower(): str(value) for name, value in mail.items()},
            text=body("plain"), html=body("html"), files=files, size=len(raw),
            dkim=dkim.verify(raw, dnsfunc=self.txt) if "dkim-signature" in mail else None,
            tampered=dkim.verify(raw.replace(b"ubject: ", b"ubject: x"), dnsfunc=self.txt),
        )
        if answer == "cut":
            server.transport.abort()
        return answer


def sign_in(server, session, envelope, mechanism, data):
    right = isinstance(data, LoginPassword) and data.login.decode() == USER and data.password.decode() == PASSWORD
    return AuthResult(success=right, handled=False)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def mailbox(port):
    for _ in range(100):
        try:
            box = imaplib.IMAP4("127.0.0.1", port)
            box.login(USER, PASSWORD)
            return box
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the IMAP server did not start")


def main():
    folder = tempfile.mkdtemp()
    path, shown = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    handler = Handler(base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, spki)))
    smtp = free_port()
    Controller(
        handler, hostname="127.0.0.1", port=smtp, tls_context=context, require_starttls=True, auth_required=True,
        authenticator=sign_in, data_size_limit=30 << 20, decode_data=False,
    ).start()
    imap = free_port()
    tokens = os.path.join(folder, "tokens")
    open(tokens, "w").close()
    server = subprocess.Popen(
        [sys.executable, __file__, "imap", tokens, "--no-tls", "--host", "127.0.0.1", "--port", str(imap), "dict", "--demo-user", USER,
         "--demo-password", PASSWORD],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    try:
        box = mailbox(imap)
        say(smtp=smtp, imap=imap, user=USER, password=PASSWORD, roots=shown, dkim_private_key=pem(key))
        for line in sys.stdin:
            command = json.loads(line)
            if "append" in command:
                box.append("INBOX", None, None, command["append"].encode())
            handler.answers = command.get("answers", handler.answers)
            if "tokens" in command:
                handler.tokens = command["tokens"]
                with open(tokens, "w") as file:
                    file.write("\n".join(command["tokens"]))
            say(done=True)
    finally:
        server.terminate()


if sys.argv[1:2] == ["imap"]:
    imap_server(sys.argv[2], sys.argv[3:])
else:
    main()
