"""The webhook speaks TLS itself: two certificates side by side, new ones without a restart, client certificates by setting."""

import contextlib
import http.client
import os
import socket
import ssl
import subprocess
import warnings

import pytest

from contract import callback_path, new_id, stk
from load import new_phone
from mkondo_stack import BIN, Stack, eventually

CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
RSA = ("-newkey", "rsa:2048")


def certificate(folder, name, key, days=90, common="localhost"):
    """Self-signed, put into its place whole."""
    out = folder / name
    subprocess.run(["openssl", "req", "-x509", *key, "-nodes", "-days", str(days), "-subj", f"/CN={common}", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", f"{out}.key.new", "-out", f"{out}.pem.new"], check=True, capture_output=True, timeout=60)
    os.replace(f"{out}.key.new", f"{out}.key")
    os.replace(f"{out}.pem.new", f"{out}.pem")


def der(path):
    return ssl.PEM_cert_to_DER_cert(path.read_text())


class TlsStack(Stack):
    def _write_files(self):
        super()._write_files()
        self.keys = self.folder / "keys"
        for name, key in (("curve", CURVE), ("rsa", RSA), ("client", CURVE), ("stranger", CURVE)):
            certificate(self.keys, name, key)
        (self.keys / "both.pem").write_text((self.keys / "curve.pem").read_text() + (self.keys / "rsa.pem").read_text())

    def _environment(self):
        pairs = {"CERT_FILE": "curve.pem", "KEY_FILE": "curve.key", "CERT2_FILE": "rsa.pem", "KEY2_FILE": "rsa.key"}
        return {**super()._environment(), "MPESA_CALLBACK_BASE_URL": f"https://127.0.0.1:{self.webhook_port}",
                **{f"MKONDO_WEBHOOK_TLS_{name}": str(self.keys / file) for name, file in pairs.items()}}

    def _start_sim(self):
        self.sim_options = ("--callback-ca", str(self.keys / "both.pem"))
        super()._start_sim()


@pytest.fixture(scope="module")
def tls(cluster):
    stack = TlsStack(cluster, "tls", {})
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def stack(tls):
    tls.touched = []
    return tls


@contextlib.contextmanager
def connected(stack, ciphers=None, version=ssl.TLSVersion.TLSv1_3, shows=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    if ciphers:
        context.set_ciphers(ciphers)
    if shows:
        context.load_cert_chain(stack.keys / f"{shows}.pem", stack.keys / f"{shows}.key")
    with socket.create_connection(("127.0.0.1", stack.webhook_port), timeout=10) as plain, context.wrap_socket(plain, server_hostname="localhost") as link:
        yield link


def ask(link):
    """The status of a path that does not exist."""
    link.sendall(b"POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
    return link.recv(4096)


def tell(stack, link):
    """The status of a callback with our signature, after which a connection is kept."""
    path = callback_path(stack.callback_key, 7, 1, 1, new_id())
    link.sendall(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{{}}".encode())
    return link.recv(4096)


def shown(stack):
    with connected(stack) as link:
        return link.getpeercert(binary_form=True)


def test_callbacks_come_through_it(stack):
    payment = stack.send(stk(new_phone(), 60))
    stack.await_outcome(payment, "SUCCEEDED")
    assert stack.ledger(payment, "accepted")[0]["url"].startswith(f"https://127.0.0.1:{stack.webhook_port}/n/")
    assert [row[0] for row in stack.sql("select purpose from evidence where payment_id = %s", payment)], "it was called back"


def test_each_caller_gets_the_certificate_that_it_understands(stack):
    for ciphers, name in (("ECDHE-ECDSA-AES128-GCM-SHA256", "curve"), ("ECDHE-RSA-AES128-GCM-SHA256", "rsa")):
        with connected(stack, ciphers, ssl.TLSVersion.TLSv1_2) as link:
            assert link.getpeercert(binary_form=True) == der(stack.keys / f"{name}.pem")
            assert b" 404 " in ask(link)


def test_what_is_no_tls_is_not_answered_and_counted(stack):
    name = 'mkondo_webhook_connections_failed_total{why="tls"}'

    def failed():
        link = http.client.HTTPConnection("127.0.0.1", stack.admin["webhook"], timeout=5)
        link.request("GET", "/metrics")
        page = link.getresponse().read().decode()
        link.close()
        return sum(float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(name))
    before = failed()
    with socket.create_connection(("127.0.0.1", stack.webhook_port), timeout=10) as plain:
        answer = ask(plain)
    assert b"HTTP" not in answer
    eventually("it is counted", lambda: failed() > before)
    with connected(stack) as link:
        assert b" 404 " in ask(link)


def test_older_tls_is_refused(stack):
    with pytest.raises((ssl.SSLError, OSError)), connected(stack, "ALL:@SECLEVEL=0", ssl.TLSVersion.TLSv1_1):
        pass


def test_a_new_certificate_is_taken_without_a_restart(stack):
    pid, old = stack.programs["webhook"].process.pid, der(stack.keys / "curve.pem")
    with connected(stack) as kept:
        assert kept.getpeercert(binary_form=True) == old and b" 200 " in tell(stack, kept)
        certificate(stack.keys, "curve", CURVE, days=10)
        new = der(stack.keys / "curve.pem")
        assert new != old
        eventually("new connections have it", lambda: shown(stack) == new)
        assert b" 200 " in tell(stack, kept), "who is there stays"
    eventually("its end is told", lambda: '"event":"certificate.ends_soon","days":9' in stack.log("webhook"))
    assert stack.metric("webhook", "mkondo_webhook_certificate_days") == 9
    (stack.keys / "curve.pem").write_text("no certificate")
    eventually("what is of no use is an alarm", lambda: '"level":"alarm","service":"webhook","event":"certificate.not_reread"' in stack.log("webhook"))
    assert shown(stack) == new
    certificate(stack.keys, "curve", CURVE)
    eventually("a good one heals it", lambda: shown(stack) == der(stack.keys / "curve.pem"))
    assert stack.programs["webhook"].process.pid == pid


def test_clients_must_show_a_certificate_by_setting(stack):
    stack.restart("webhook", MKONDO_WEBHOOK_TLS_CLIENT_CA_FILE=str(stack.keys / "client.pem"))
    try:
        with connected(stack, shows="client") as link:
            assert b" 404 " in ask(link)
        for shows in (None, "stranger"):
            with pytest.raises((ssl.SSLError, OSError)), connected(stack, shows=shows) as link:
                if not ask(link):
                    raise ssl.SSLError("closed")
    finally:
        stack.restart("webhook")


@pytest.mark.parametrize("changes, words", [
    ({"MKONDO_WEBHOOK_TLS_KEY_FILE": None}, "MKONDO_WEBHOOK_TLS_KEY_FILE go together, and the second is not set"),
    ({"MKONDO_WEBHOOK_TLS_CERT_FILE": None}, "MKONDO_WEBHOOK_TLS_KEY_FILE go together, and the first is not set"),
    ({"MKONDO_WEBHOOK_TLS_CERT_FILE": None, "MKONDO_WEBHOOK_TLS_KEY_FILE": None}, "the other settings of TLS need it"),
    ({"MKONDO_WEBHOOK_TLS_KEY_FILE": "rsa.key"}, "rsa.key: is not the certificate's"),
    ({"MKONDO_WEBHOOK_TLS_CERT_FILE": "callback"}, "callback"),
])
def test_settings_that_do_not_fit_are_named(stack, changes, words):
    env = {**stack.env, "MKONDO_ADMIN_LISTEN": "127.0.0.1:0", "MKONDO_WEBHOOK_LISTEN": "127.0.0.1:0"}
    for name, value in changes.items():
        if value is None:
            env.pop(name)
        else:
            env[name] = str(stack.keys / value)
    done = subprocess.run([str(BIN / "mkondo-webhook")], env=env, text=True, check=False, capture_output=True, timeout=60)
    assert done.returncode == 78 and words in done.stderr, done.stderr
