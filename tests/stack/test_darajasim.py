"""darajasim alone: every oddity that its README promises, over plain sockets and without a line of the services."""

import base64
import hashlib
import http.client
import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("MKONDO_BIN", ROOT / "build/release/bin")) / "darajasim"
SCALE = 0.05
SHORTCODE, PASSKEY, TIME = "600123", "a-passkey", "20261123101500"


class Receiver:
    """Takes callbacks and remembers them: path, body, address of the sender."""

    def __init__(self):
        self.got, self.answers = [], {}  # answers: by the end of the path, for those who read them
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.got.append((self.path, body, self.client_address[0]))
                answer = next((answer for end, answer in receiver.answers.items() if self.path.endswith(end)), "{}").encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

        self.server = Server(("127.0.0.1", 0), Handler)
        self.base = "http://127.0.0.1:%d/n" % self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def of(self, payment):
        return [(path, body, source) for path, body, source in self.got if payment in path]

    def wait(self, payment, count=1, seconds=5):
        until = time.monotonic() + seconds
        while time.monotonic() < until and len(self.of(payment)) < count:
            time.sleep(0.01)
        return self.of(payment)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Daraja:
    """The program under test and the calls that a client of Daraja makes."""

    count = 0

    def __init__(self, folder, receiver, scenario=None, *options, ledger="ledger.jsonl"):
        self.receiver, self.ledger_file = receiver, folder / ledger
        args = [str(BIN), "--listen", "127.0.0.1:0", "--ledger", str(self.ledger_file), "--time-scale", str(SCALE)]
        if scenario is not None:
            file = folder / "scenario.json"
            file.write_text(json.dumps(scenario))
            args += ["--scenario", str(file)]
        self.process = subprocess.Popen(args + list(options), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        ready = self.process.stdout.readline()
        assert ready, self.process.stderr.read().decode()
        self.port = json.loads(ready)["port"]
        self.token = None

    def stop(self, number=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.stdout.close()
        stderr = self.process.stderr.read().decode()
        self.process.stderr.close()
        return self.process.wait(20), stderr

    def raw(self, method, path, body=None, headers=None, timeout=10):
        """Status and text; None when the connection was closed without a whole answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except (http.client.HTTPException, ConnectionError):
            return None
        finally:
            connection.close()

    def make_token(self, key="key", secret="secret"):
        basic = base64.b64encode(("%s:%s" % (key, secret)).encode()).decode()
        status, body = self.raw("GET", "/oauth/v1/generate?grant_type=client_credentials", None,
                                {"Authorization": "Basic " + basic})
        assert status == 200, body
        return json.loads(body)["access_token"]

    def call(self, path, body, token=None, timeout=10):
        if token is None and self.token is None:
            self.token = self.make_token()
        headers = {"Authorization": "Bearer " + (token or self.token), "Content-Type": "application/json"}
        answer = self.raw("POST", path, json.dumps(body), headers, timeout)
        if answer is None:
            return None, None
        try:
            return answer[0], json.loads(answer[1])
        except ValueError:
            return answer

    def url(self, payment):
        return "%s/0102030405ff/%s/%032x" % (self.receiver.base, payment, 7)

    def next_payment(self):
        Daraja.count += 1
        return "%032x" % (0xabc000 + Daraja.count)

    def stk(self, phone="254700000001", amount=350, payment=None, **changes):
        payment = payment or self.next_payment()
        body = {"BusinessShortCode": SHORTCODE, "Password": password(), "Timestamp": TIME,
                "TransactionType": "CustomerPayBillOnline", "Amount": amount, "PartyA": phone, "PartyB": SHORTCODE,
                "PhoneNumber": phone, "CallBackURL": self.url(payment), "AccountReference": "INV-001",
                "TransactionDesc": "goods"}
        body.update(changes)
        body = {name: value for name, value in body.items() if value is not None}
        return (payment,) + tuple(self.call("/mpesa/stkpush/v1/processrequest", body))

    def query(self, checkout):
        return self.call("/mpesa/stkpushquery/v1/query", {"BusinessShortCode": SHORTCODE, "Password": password(),
                                                          "Timestamp": TIME, "CheckoutRequestID": checkout})

    def b2c(self, phone="254700000001", amount=2000, payment=None, key=None, path="/mpesa/b2c/v3/paymentrequest",
            **changes):
        payment = payment or self.next_payment()
        body = {"OriginatorConversationID": key or payment + "-1", "InitiatorName": "tester",
                "SecurityCredential": "c2VjcmV0", "CommandID": "BusinessPayment", "Amount": amount,
                "PartyA": SHORTCODE, "PartyB": phone, "Remarks": "wages", "QueueTimeOutURL": self.url(payment) + "t",
                "ResultURL": self.url(payment)}
        body.update(changes)
        body = {name: value for name, value in body.items() if value is not None}
        return (payment,) + tuple(self.call(path, body))

    def b2b(self, amount=2000, payment=None, path="/mpesa/b2b/v1/paymentrequest", **changes):
        payment = payment or self.next_payment()
        body = {"Initiator": "tester", "SecurityCredential": "c2VjcmV0", "CommandID": "BusinessPayBill",
                "SenderIdentifierType": "4", "RecieverIdentifierType": "4", "Amount": amount, "PartyA": SHORTCODE,
                "PartyB": "600584", "AccountReference": "INV-77", "Remarks": "flour",
                "QueueTimeOutURL": self.url(payment) + "t", "ResultURL": self.url(payment)}
        body.update(changes)
        body = {name: value for name, value in body.items() if value is not None}
        return (payment,) + tuple(self.call(path, body))

    def tax(self, **changes):
        return self.b2b(path="/mpesa/b2b/v1/remittax", **{"CommandID": "PayTaxToKRA", "PartyB": "572572", **changes})

    def reversal(self, receipt, amount=350, payment=None, **changes):
        payment = payment or self.next_payment()
        body = {"Initiator": "tester", "SecurityCredential": "c2VjcmV0", "CommandID": "TransactionReversal",
                "TransactionID": receipt, "Amount": amount, "ReceiverParty": SHORTCODE, "RecieverIdentifierType": "11",
                "Remarks": "twice", "QueueTimeOutURL": self.url(payment) + "t", "ResultURL": self.url(payment)}
        body.update(changes)
        body = {name: value for name, value in body.items() if value is not None}
        return (payment,) + tuple(self.call("/mpesa/reversal/v1/request", body))

    def status(self, payment=None, **asked):
        payment = payment or self.next_payment()
        body = {"Initiator": "tester", "SecurityCredential": "c2VjcmV0", "CommandID": "TransactionStatusQuery",
                "PartyA": SHORTCODE, "IdentifierType": "4", "ResultURL": self.url(payment),
                "QueueTimeOutURL": self.url(payment), "Remarks": "asked"}
        body.update(asked)
        return (payment,) + tuple(self.call("/mpesa/transactionstatus/v1/query", body))

    def sim(self, path, body=None):
        method = "GET" if body is None else "POST"
        status, text = self.raw(method, path, None if body is None else json.dumps(body))
        return status, json.loads(text)

    def use(self, *rules, **defaults):
        status, answer = self.sim("/sim/scenario", {"defaults": defaults, "rules": list(rules)})
        assert status == 200, answer

    def ledger(self, **wanted):
        status, lines = self.sim("/sim/ledger.json")
        assert status == 200
        return [line for line in lines if all(line.get(name) == value for name, value in wanted.items())]

    def payment(self, payment):
        return self.sim("/sim/payments/" + payment)[1]

    def settled(self, payment, seconds=5):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            deals = self.payment(payment)["deals"]
            if deals and deals[-1]["ended"]:
                return deals[-1]
            time.sleep(0.01)
        raise AssertionError("no outcome of " + payment)


def password(shortcode=SHORTCODE, passkey=PASSKEY, when=TIME):
    return base64.b64encode((shortcode + passkey + when).encode()).decode()


def stk_callback(received):
    return json.loads(received[1])["Body"]["stkCallback"]


def metadata(received):
    return {item["Name"]: item.get("Value") for item in stk_callback(received)["CallbackMetadata"]["Item"]}


def result(received):
    return json.loads(received[1])["Result"]


def parameters(received):
    items = result(received)["ResultParameters"]["ResultParameter"]
    items = items if isinstance(items, list) else [items]
    return {item["Key"]: item.get("Value") for item in items}


def rule(api="*", phone=None, nth=None, times=None, percent=None, amount=None, **do):
    made = {"api": api, "phone": phone, "do": do, "nth": nth}
    made.update({name: value for name, value in (("times", times), ("percent", percent), ("amount", amount)) if value})
    return made


@pytest.fixture(scope="module")
def receiver():
    made = Receiver()
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory, receiver):
    made = Daraja(tmp_path_factory.mktemp("sim"), receiver)
    yield made
    assert made.stop() == (0, "")


@pytest.fixture
def daraja(shared):
    shared.use()
    return shared


@pytest.fixture
def start(tmp_path, receiver):
    made = []

    def starter(scenario=None, *options, **more):
        made.append(Daraja(tmp_path, receiver, scenario, *options, **more))
        return made[-1]

    yield starter
    for one in made:
        if one.process.poll() is None:
            assert one.stop() == (0, "")


# ---- payments that go well

def test_a_paid_prompt_calls_back_with_receipt_and_numbers(daraja, receiver):
    payment, status, ack = daraja.stk(amount="350")
    assert status == 200 and ack["ResponseCode"] == "0" and ack["CheckoutRequestID"].startswith("ws_CO_")
    (got,) = receiver.wait(payment)
    told = stk_callback(got)
    assert told["ResultCode"] == 0 and told["CheckoutRequestID"] == ack["CheckoutRequestID"]
    assert told["MerchantRequestID"] == ack["MerchantRequestID"]
    items = metadata(got)
    assert items["Amount"] == 350 and items["PhoneNumber"] == 254700000001 and items["Balance"] is None
    assert len(items["MpesaReceiptNumber"]) == 10 and isinstance(items["TransactionDate"], int)
    (executed,) = daraja.ledger(kind="executed", payment=payment)
    assert executed["receipt"] == items["MpesaReceiptNumber"] and executed["shillings"] == 350
    assert daraja.payment(payment)["executions"] == 1
    assert daraja.query(ack["CheckoutRequestID"])[1]["ResultCode"] == "0"


def test_a_payout_calls_back_with_receipt_and_balances(daraja, receiver):
    before = daraja.sim("/sim/state")[1]["utility"]
    payment, status, ack = daraja.b2c()
    assert status == 200 and ack["OriginatorConversationID"] == payment + "-1"
    assert ack["ConversationID"].startswith("AG_")
    (got,) = receiver.wait(payment)
    told, items = result(got), parameters(got)
    assert told["ResultCode"] == 0 and told["ConversationID"] == ack["ConversationID"]
    assert told["TransactionID"] == items["TransactionReceipt"] and items["TransactionAmount"] == 2000
    assert items["B2CUtilityAccountAvailableFunds"] == before - 2000
    assert items["TransactionCompletedDateTime"].count(".") == 2


def test_every_receipt_is_another(daraja):
    payments = [daraja.b2c(phone="2547000020%02d" % i)[0] for i in range(30)]
    receipts = [daraja.settled(payment)["receipt"] for payment in payments]
    assert len(set(receipts)) == 30 and not any(receipt.endswith("0000000") for receipt in receipts)


def test_the_ledger_knows_each_thing_before_it_is_told(daraja, receiver):
    payment, _, _ = daraja.b2c()
    receiver.wait(payment)
    kinds = [line["kind"] for line in daraja.ledger(payment=payment)]
    assert kinds[:5] == ["request", "accepted", "answer", "executed", "callback"]
    numbers = [line["n"] for line in daraja.ledger()]
    assert numbers == list(range(1, len(numbers) + 1))


# ---- what Daraja refuses

@pytest.mark.parametrize("changes, named", [
    ({"Amount": 0}, "Amount"), ({"Amount": 250001}, "Amount"), ({"Amount": "10.50"}, "Amount"),
    ({"Amount": 10.5}, "Amount"), ({"PhoneNumber": "0700000001"}, "PhoneNumber"), ({"PartyA": "+254700000001"}, "PartyA"),
    ({"BusinessShortCode": "12"}, "BusinessShortCode"), ({"Timestamp": "2026"}, "Timestamp"),
    ({"TransactionType": "PayBill"}, "TransactionType"), ({"AccountReference": "a" * 13}, "AccountReference"),
    ({"CallBackURL": "http://localhost/x"}, "CallBackURL"), ({"CallBackURL": "https://host/MPESA/x"}, "CallBackURL"),
    ({"CallBackURL": "https://host/exec"}, "CallBackURL"), ({"CallBackURL": "https://host/a b"}, "CallBackURL"),
    ({"CallBackURL": "host/x"}, "CallBackURL"), ({"TransactionDesc": None}, "Remarks"),
])
def test_a_bad_field_of_a_prompt_is_named(daraja, changes, named):
    _, status, body = daraja.stk(**changes)
    assert (status, body["errorCode"], body["errorMessage"]) == (400, "400.002.02", "Bad Request - Invalid " + named)
    assert body["requestId"]


@pytest.mark.parametrize("changes, named", [
    ({"Amount": 9}, "Amount"), ({"OriginatorConversationID": None}, "OriginatorConversationID"),
    ({"InitiatorName": None}, "InitiatorName"), ({"SecurityCredential": ""}, "SecurityCredential"),
    ({"CommandID": "PayTaxToKRA"}, "CommandID"), ({"Remarks": "x"}, "Remarks"), ({"PartyB": "600000"}, "PartyB"),
    ({"ResultURL": "https://host/sql"}, "ResultURL"), ({"QueueTimeOutURL": None}, "QueueTimeOutURL"),
])
def test_a_bad_field_of_a_payout_is_named(daraja, changes, named):
    _, status, body = daraja.b2c(**changes)
    assert (status, body["errorMessage"]) == (400, "Bad Request - Invalid " + named)


def test_a_body_that_cannot_be_read_is_refused(daraja):
    token = {"Authorization": "Bearer " + (daraja.token or daraja.make_token())}
    daraja.token = token["Authorization"][7:]
    path = "/mpesa/stkpush/v1/processrequest"
    status, body = daraja.raw("POST", path, "{", dict(token, **{"Content-Type": "application/json"}))
    assert status == 400 and json.loads(body)["errorCode"] == "400.002.05"
    status, body = daraja.raw("POST", path, "{}", dict(token, **{"Content-Type": "text/plain"}))
    assert json.loads(body)["errorMessage"] == "Bad Request - Invalid BusinessShortCode"
    assert daraja.raw("GET", path, None, token)[0] == 404
    assert json.loads(daraja.raw("POST", "/mpesa/nothing", "{}", token)[1])["errorCode"] == "404.001.01"


def test_a_password_that_does_not_fit_its_timestamp_is_refused(daraja):
    for wrong in (password(when="20261123101501"), password(shortcode="600124"), password(passkey=""), "x"):
        _, status, body = daraja.stk(Password=wrong)
        assert (status, body["errorCode"], body["errorMessage"]) == (500, "500.001.1001", "Wrong credentials")


def test_a_set_passkey_is_the_only_one(start):
    daraja = start(None, "--passkey", "another")
    assert daraja.stk()[1] == 500
    assert daraja.stk(Password=password(passkey="another"))[1] == 200


def test_a_phone_holds_one_prompt_at_a_time(daraja, receiver):
    payment, _, _ = daraja.stk(phone="254700000300")
    _, status, body = daraja.stk(phone="254700000300")
    assert (status, body["errorCode"]) == (500, "500.001.1001")
    assert body["errorMessage"].startswith("Unable to lock subscriber")
    receiver.wait(payment)
    assert daraja.stk(phone="254700000300")[1] == 200


def test_an_originator_id_is_taken_once(daraja):
    payment, status, _ = daraja.b2c()
    assert status == 200
    _, status, body = daraja.b2c(payment=payment)
    assert (status, body["errorCode"]) == (500, "500.002.1001")
    assert body["errorMessage"] == "Duplicate OriginatorConversationID."
    daraja.settled(payment)
    known = daraja.payment(payment)
    assert (known["requests"], known["accepted"], known["executions"]) == (2, 1, 1)


def test_the_first_version_of_b2c_makes_the_id_itself(daraja):
    _, status, ack = daraja.b2c(path="/mpesa/b2c/v1/paymentrequest", OriginatorConversationID=None)
    assert status == 200 and ack["OriginatorConversationID"]
    _, status, ack = daraja.b2c(path="/mpesa/b2pochi/v1/paymentrequest", CommandID="BusinessPayToPochi")
    assert status == 200


def test_payouts_end_when_the_money_does(start, receiver):
    daraja = start({"defaults": {"utility_balance": 3000}})
    first, _, _ = daraja.b2c(amount=2000)
    daraja.settled(first)
    second, _, _ = daraja.b2c(amount=2000)
    told = result(receiver.wait(second)[0])
    assert told["ResultCode"] == 1 and "ResultParameters" not in told
    assert daraja.payment(second)["executions"] == 0


# ---- transfers and reversals

def test_a_transfer_calls_back_with_its_receipt_in_the_envelope(daraja, receiver):
    for send in daraja.b2b, daraja.tax:
        payment, status, ack = send()
        assert (status, ack["ResponseCode"]) == (200, "0") and ack["ConversationID"].startswith("AG_")
        (got,) = receiver.wait(payment)
        told, items = result(got), parameters(got)
        (executed,) = daraja.ledger(kind="executed", payment=payment)
        assert (told["TransactionID"], told["ResultCode"], items["Amount"]) == (executed["receipt"], "0", "2000.00")
        assert told["OriginatorConversationID"] == ack["OriginatorConversationID"] == executed["originator"]
        assert "TransactionReceipt" not in items and items["DebitAccountBalance"].startswith("{Amount={")


@pytest.mark.parametrize("changes, named", [
    ({"Initiator": None}, "Initiator"), ({"InitiatorName": "t", "Initiator": None}, "Initiator"),
    ({"SecurityCredential": None}, "SecurityCredential"), ({"CommandID": "PayTaxToKRA"}, "CommandID"),
    ({"SenderIdentifierType": "1"}, "SenderIdentifierType"), ({"RecieverIdentifierType": "11"}, "RecieverIdentifierType"),
    ({"RecieverIdentifierType": None, "ReceiverIdentifierType": "4"}, "RecieverIdentifierType"),
    ({"Amount": 0}, "Amount"), ({"PartyB": "254700000001"}, "PartyB"), ({"AccountReference": "a" * 14}, "AccountReference"),
    ({"AccountReference": None}, "AccountReference"), ({"Requester": "0700000001"}, "Requester"),
    ({"Remarks": "r" * 101}, "Remarks"), ({"Remarks": None}, "Remarks"), ({"QueueTimeOutURL": None}, "QueueTimeOutURL"),
    ({"QueueTimeOutURL": None, "QueueTimeoutURL": "https://host/x"}, "QueueTimeOutURL"),
    ({"ResultURL": "https://host/cmd"}, "ResultURL"), ({"Occassion": ""}, "Occassion"),
])
def test_a_bad_field_of_a_transfer_is_named(daraja, changes, named):
    _, status, body = daraja.b2b(**changes)
    assert (status, body["errorMessage"]) == (400, "Bad Request - Invalid " + named)


@pytest.mark.parametrize("changes, named", [
    ({"PartyB": "600584"}, "PartyB"), ({"CommandID": "BusinessPayBill"}, "CommandID"),
    ({"AccountReference": None}, "AccountReference"), ({"RecieverIdentifierType": "2"}, "RecieverIdentifierType"),
])
def test_a_bad_field_of_tax_is_named(daraja, changes, named):
    _, status, body = daraja.tax(**changes)
    assert (status, body["errorMessage"]) == (400, "Bad Request - Invalid " + named)


@pytest.mark.parametrize("changes, code", [
    ({"CommandID": "BusinessBuyGoods"}, "SFC_IC0003"), ({"RecieverIdentifierType": "2"}, "SFC_IC0003"),
    ({"CommandID": "BusinessTransferFromUtilityToMMF"}, 21),
    ({"CommandID": "BusinessBuyGoods", "RecieverIdentifierType": "2", "AccountReference": None}, "0"),
    ({"CommandID": "BusinessPayToBulk", "AccountReference": None}, "0"),
    *(({"CommandID": name, "AccountReference": None}, "0") for name in (
        "BusinessPayment", "DisburseFundsToBusiness", "BusinessToBusinessTransfer", "BusinessTransferFromMMFToUtility",
        "OrgRevenueSettlement", "MerchantTransferFromMerchantToWorking", "MerchantServicesMMFAccountTransfer", "AgencyFloatAdvance")),
    ({"CommandID": "MerchantToMerchantTransfer", "RecieverIdentifierType": "2"}, "0"),
    ({"CommandID": "MerchantToMerchantTransfer"}, "SFC_IC0003"),
])
def test_what_the_core_finds_wrong_is_told_by_the_result(daraja, receiver, changes, code):
    payment, status, _ = daraja.b2b(**changes)
    assert status == 200
    assert result(receiver.wait(payment)[0])["ResultCode"] == code
    assert daraja.payment(payment)["executions"] == (code == "0")


def test_a_prompts_money_goes_back_once(daraja, receiver):
    prompt, _, _ = daraja.stk(phone="254700000310")
    receipt = daraja.settled(prompt)["receipt"]
    first, status, ack = daraja.reversal(receipt)
    assert (status, ack["ResponseCode"]) == (200, "0")
    (got,) = receiver.wait(first)
    assert (parameters(got)["OriginalTransactionID"], parameters(got)["Amount"]) == (receipt, 350)
    assert result(got)["TransactionID"] not in ("", receipt)
    again, _, _ = daraja.reversal(receipt)
    assert result(receiver.wait(again)[0])["ResultCode"] == "R000001"
    assert daraja.payment(again)["executions"] == 0


def test_only_a_prompt_is_reversed_and_only_as_a_whole(daraja, receiver):
    prompt, _, _ = daraja.stk(phone="254700000311")
    receipt = daraja.settled(prompt)["receipt"]
    payout, _, _ = daraja.b2c()
    paid = daraja.settled(payout)["receipt"]
    for told, amount, code in (paid, 2000, "R000002"), ("UKN4A7QX2M", 350, "R000002"), (receipt, 349, 25):
        payment, _, _ = daraja.reversal(told, amount)
        assert result(receiver.wait(payment)[0])["ResultCode"] == code


@pytest.mark.parametrize("changes, named", [
    ({"RecieverIdentifierType": "4"}, "RecieverIdentifierType"), ({"ReceiverParty": None}, "ReceiverParty"),
    ({"TransactionID": "short"}, "TransactionID"), ({"Remarks": "r"}, "Remarks"), ({"Amount": 0}, "Amount"),
])
def test_a_bad_field_of_a_reversal_is_named(daraja, changes, named):
    _, status, body = daraja.reversal("UKN4A7QX2M", **changes)
    assert (status, body["errorMessage"]) == (400, "Bad Request - Invalid " + named)


# ---- credentials

def encrypted(key, password, *options):
    return base64.b64encode(subprocess.run(["openssl", "pkeyutl", "-encrypt", "-inkey", key, *options], input=password.encode(),
                                           capture_output=True, check=True).stdout).decode()


def test_a_wrong_credential_is_taken_and_told_by_the_result(start, receiver, tmp_path):
    key, other = str(tmp_path / "key"), str(tmp_path / "other")
    for name in key, other:
        subprocess.run(["openssl", "genrsa", "-out", name, "2048"], capture_output=True, check=True)
    daraja = start(None, "--initiator-key", key, "--initiator-password", "pass#1")
    right = encrypted(key, "pass#1")
    assert right != encrypted(key, "pass#1"), "its padding is made of chance"
    wrong = [encrypted(key, "pass#2"), encrypted(key, "pass#1\n"), encrypted(other, "pass#1"), right[4:], "c2VjcmV0", "?",
             encrypted(key, "pass#1", "-pkeyopt", "rsa_padding_mode:oaep"), base64.b64encode(b"pass#1").decode()]
    for send in daraja.b2c, daraja.b2b, daraja.tax, lambda **changes: daraja.reversal("UKN4A7QX2M", **changes):
        payment, status, _ = send(SecurityCredential=right)
        assert status == 200 and str(result(receiver.wait(payment)[0])["ResultCode"]) in ("0", "R000002")
        payment, status, _ = send(SecurityCredential=wrong[0])
        assert status == 200 and result(receiver.wait(payment)[0])["ResultCode"] == 2001
        assert daraja.payment(payment)["executions"] == 0
    for credential in wrong:
        payment, status, _ = daraja.b2c(SecurityCredential=credential)
        assert status == 200 and result(receiver.wait(payment)[0])["ResultCode"] == 2001
    payment, status, _ = daraja.status(OriginalConversationID="x", SecurityCredential=wrong[0])
    assert status == 200 and result(receiver.wait(payment)[0])["ResultCode"] == 2001


# ---- tokens

def refused_token(answer):
    return answer[1], answer[2]["errorCode"]


def test_each_product_refuses_a_bad_token_in_its_own_words(daraja):
    daraja.token = daraja.token or daraja.make_token()
    good, daraja.token = daraja.token, "nobodys-token"
    try:
        assert refused_token(daraja.stk()) == (404, "404.001.03")
        assert refused_token(daraja.b2c()) == (401, "401.002.01")
        assert daraja.b2c()[2]["errorMessage"].endswith("Invalid Access Token - nobodys-token")
        assert refused_token(daraja.status(OriginalConversationID="x")) == (400, "400.003.01")
        assert refused_token(daraja.b2b()) == refused_token(daraja.tax()) == (400, "400.003.01")
        assert refused_token(daraja.reversal("UKN4A7QX2M")) == (404, "404.001.03")
    finally:
        daraja.token = good


def test_a_new_token_kills_the_old_one(daraja):
    old, new = daraja.make_token(), daraja.make_token()
    daraja.token = old
    assert refused_token(daraja.stk()) == (404, "404.001.03")
    daraja.token = new
    assert daraja.stk(phone="254700000310")[1] == 200
    other = daraja.make_token("another-app")
    assert daraja.stk(phone="254700000311")[1] == 200 and other != new


def test_old_tokens_live_on_when_told_so_and_die_of_age(start):
    daraja = start(None, "--kill-old-tokens", "no", "--token-life", "1")
    daraja.token = daraja.make_token()
    daraja.make_token()
    assert daraja.stk()[1] == 200
    time.sleep(1.1)
    assert daraja.stk(phone="254700000312")[1] == 404


def test_the_token_call_has_its_own_refusals(start):
    daraja = start({"rules": [rule("oauth", nth=1, answer="empty200"), rule("oauth", nth=2, shape="strings")]},
                   "--consumer-key", "key", "--consumer-secret", "secret", "--token-life", "77")
    path = "/oauth/v1/generate?grant_type=client_credentials"
    basic = {"Authorization": "Basic " + base64.b64encode(b"key:secret").decode()}
    assert daraja.raw("GET", path, None, basic) == (200, "")
    assert json.loads(daraja.raw("GET", path, None, basic)[1])["expires_in"] in ("77", 77)
    assert json.loads(daraja.raw("GET", path)[1])["errorCode"] == "400.008.01"
    assert json.loads(daraja.raw("GET", "/oauth/v1/generate", None, basic)[1])["errorCode"] == "400.008.02"
    assert daraja.raw("POST", path, "", basic)[0] == 404
    wrong = {"Authorization": "Basic " + base64.b64encode(b"key:guess").decode()}
    assert daraja.raw("GET", path, None, wrong) == (400, "")


def test_a_secret_can_be_changed_and_its_token_lives_on(start):
    daraja = start({"rules": []})
    path = "/oauth/v1/generate?grant_type=client_credentials"
    first, second = ({"Authorization": "Basic " + base64.b64encode(pair).decode()} for pair in (b"key:one", b"key:two"))
    daraja.token = json.loads(daraja.raw("GET", path, None, first)[1])["access_token"]
    assert daraja.sim("/sim/secrets", {"key": "key", "secret": "two"})[0] == 200
    assert daraja.raw("GET", path, None, first) == (400, "")
    assert daraja.stk()[1] == 200
    assert daraja.raw("GET", path, None, second)[0] == 200
    assert daraja.stk()[1] == 404, "the new token ends the old one"
    assert daraja.sim("/sim/secrets", {"key": "key"})[0] == 400


def test_expires_in_is_text_and_number(start):
    daraja = start({"rules": [rule("oauth", nth=2, shape="object")]})
    basic = {"Authorization": "Basic " + base64.b64encode(b"a:b").decode()}
    lives = [json.loads(daraja.raw("GET", "/oauth/v1/generate?grant_type=client_credentials", None, basic)[1])
             ["expires_in"] for _ in range(2)]
    assert sorted(map(str, lives)) == ["3599", "3599"] and {type(life) for life in lives} == {int, str}


def test_tokens_can_be_killed_by_hand(daraja):
    daraja.token = daraja.make_token()
    assert daraja.sim("/sim/tokens/kill", {})[1]["killed"] >= 1
    assert daraja.stk()[1] == 404
    daraja.token = None


# ---- outcomes

@pytest.mark.parametrize("code", [1, 17, 1001, 1019, 1025, 1032, 1037, 2001, 9999, "SFC_IC0003", "E3008"])
def test_a_prompt_can_end_in_any_code(daraja, receiver, code):
    daraja.use(rule("stk_push", result=code))
    payment, _, ack = daraja.stk()
    told = stk_callback(receiver.wait(payment)[0])
    assert told["ResultCode"] == code and told["ResultDesc"] and "CallbackMetadata" not in told
    assert daraja.payment(payment)["executions"] == 0
    assert daraja.query(ack["CheckoutRequestID"])[1]["ResultCode"] == str(code)


def test_a_failed_payout_shows_a_placeholder_or_what_looks_real(daraja, receiver):
    daraja.use(rule("b2c", result=2001, desc="own words"))
    seen = set()
    for i in range(12):
        payment, _, _ = daraja.b2c(phone="2547000040%02d" % i)
        told = result(receiver.wait(payment)[0])
        assert told["ResultCode"] == 2001 and told["ResultDesc"] == "own words"
        assert "ResultParameters" not in told and len(told["TransactionID"]) == 10
        seen.add(told["TransactionID"].endswith("0000000"))
        assert daraja.payment(payment)["executions"] == 0
    assert seen == {True, False}


def test_daraja_may_lie_in_both_directions(daraja, receiver):
    daraja.use(rule("stk_push", "254700000411", result=1032, executed=True),
               rule("stk_push", "254700000412", result="paid", executed=False))
    paid, _, _ = daraja.stk(phone="254700000411")
    unpaid, _, _ = daraja.stk(phone="254700000412")
    assert stk_callback(receiver.wait(paid)[0])["ResultCode"] == 1032
    assert metadata(receiver.wait(unpaid)[0])["MpesaReceiptNumber"]
    assert daraja.payment(paid)["executions"] == 1 and daraja.payment(unpaid)["executions"] == 0


# ---- shapes

def test_the_same_callback_comes_in_every_shape(daraja, receiver):
    wanted = {"portal": (int, 5), "strings": (str, 5), "minimal": (int, 2), "object": (int, 5), "shuffled": (int, 5)}
    for shape, (kind, count) in wanted.items():
        daraja.use(shape=shape)
        payment, _, _ = daraja.stk(phone="254700000500")
        got = receiver.wait(payment)[0]
        told = stk_callback(got)
        assert type(told["ResultCode"]) is kind, shape
        assert len(told["CallbackMetadata"]["Item"]) == count, shape
        assert metadata(got)["MpesaReceiptNumber"] == daraja.settled(payment)["receipt"]
        assert float(metadata(got)["Amount"]) == 350


def test_a_result_comes_in_every_shape(daraja, receiver):
    for shape in ("portal", "strings", "minimal", "object", "shuffled"):
        daraja.use(rule("b2c", "254700000511", result=1), shape=shape)
        good, _, _ = daraja.b2c(phone="254700000510")
        bad, _, _ = daraja.b2c(phone="254700000511")
        told, failed = receiver.wait(good)[0], result(receiver.wait(bad)[0])
        assert parameters(told)["TransactionReceipt"] == daraja.settled(good)["receipt"], shape
        assert str(result(told)["ResultCode"]) == "0" and str(failed["ResultCode"]) == "1"
        if shape == "strings":
            assert result(told)["ResultType"] == "0" and failed["ResultCode"] == "1"
        if shape == "object":
            assert failed["ResultParameters"]["ResultParameter"]["Key"] == "BOCompletedTime"
        if shape == "minimal":
            assert "ReferenceData" not in result(told)
        if shape == "shuffled":
            assert isinstance(result(told)["ReferenceData"]["ReferenceItem"], list)
        if shape == "portal":
            assert result(told)["ReferenceData"]["ReferenceItem"]["Key"] == "QueueTimeoutURL"


# ---- callbacks that go astray

def test_a_lost_callback_is_in_the_ledger_only(daraja, receiver):
    daraja.use(callback="lost")
    payment, _, ack = daraja.stk()
    daraja.settled(payment)
    time.sleep(0.1)
    assert receiver.of(payment) == []
    assert [line["how"] for line in daraja.ledger(kind="callback", payment=payment)] == ["lost"]
    assert daraja.query(ack["CheckoutRequestID"])[1]["ResultCode"] == "0"


def test_a_doubled_callback_is_the_same_twice(daraja, receiver):
    daraja.use(callback="doubled")
    payment, _, _ = daraja.stk()
    first, second = receiver.wait(payment, 2)
    assert first == second and daraja.payment(payment)["executions"] == 1


def test_a_late_callback_is_late(daraja, receiver):
    daraja.use(callback="late", callback_after_ms=12000)
    payment, _, _ = daraja.stk()
    daraja.settled(payment)
    time.sleep(0.3)
    assert receiver.of(payment) == []
    assert len(receiver.wait(payment)) == 1


def test_a_callback_can_overtake_its_answer(daraja, receiver):
    daraja.use(callback="before_answer", answer_after_ms=2000)
    for send in (daraja.stk, daraja.b2c):
        payment, status, _ = send(phone="254700000600")
        assert status == 200 and len(receiver.of(payment)) == 1
        kinds = [line["kind"] for line in daraja.ledger(payment=payment)]
        assert kinds == ["request", "accepted", "executed", "callback", "callback_answer", "answer"]


def test_callbacks_can_contradict_each_other(daraja, receiver):
    daraja.use(rule("stk_push", "254700000610", callback="contradictory"),
               rule("stk_push", "254700000611", callback="lie_first"),
               rule("b2c", "254700000612", callback="contradictory", result=1))
    payment, _, _ = daraja.stk(phone="254700000610")
    assert [stk_callback(got)["ResultCode"] for got in receiver.wait(payment, 2)] == [0, 1032]
    payment, _, _ = daraja.stk(phone="254700000611")
    assert [stk_callback(got)["ResultCode"] for got in receiver.wait(payment, 2)] == [1032, 0]
    payment, _, _ = daraja.b2c(phone="254700000612")
    said = receiver.wait(payment, 2)
    assert [result(got)["ResultCode"] for got in said] == [1, 0]
    assert parameters(said[1])["TransactionReceipt"] and daraja.payment(payment)["executions"] == 0


def test_callbacks_can_be_wrong_or_incomplete(daraja, receiver):
    kinds = ("wrong_amount", "second_receipt", "no_receipt", "no_amount", "garbage")
    daraja.use(*[rule("stk_push", "25470000070%d" % i, callback=kind) for i, kind in enumerate(kinds)])
    payments = {kind: daraja.stk(phone="25470000070%d" % i)[0] for i, kind in enumerate(kinds)}
    assert metadata(receiver.wait(payments["wrong_amount"])[0])["Amount"] == 351
    receipts = [metadata(got)["MpesaReceiptNumber"] for got in receiver.wait(payments["second_receipt"], 2)]
    assert receipts[0] == daraja.settled(payments["second_receipt"])["receipt"] != receipts[1]
    assert "MpesaReceiptNumber" not in metadata(receiver.wait(payments["no_receipt"])[0])
    assert "Amount" not in metadata(receiver.wait(payments["no_amount"])[0])
    with pytest.raises(ValueError):
        stk_callback(receiver.wait(payments["garbage"])[0])
    assert all(daraja.payment(payment)["executions"] == 1 for payment in payments.values())


def test_a_queue_timeout_echoes_the_request_and_executes_nothing(daraja, receiver):
    daraja.use(callback="queue_timeout")
    payment, _, ack = daraja.b2c()
    ((path, body, _),) = receiver.wait(payment)
    assert path.endswith("t") and json.loads(body)["OriginatorConversationID"] == payment + "-1"
    assert json.loads(body)["SecurityCredential"] == "c2VjcmV0"
    assert daraja.payment(payment)["executions"] == 0
    daraja.use()
    asked, _, _ = daraja.status(OriginalConversationID=payment + "-1")
    assert result(receiver.wait(asked)[0])["ResultCode"] == 2033


def test_callbacks_can_come_from_any_address(start, receiver):
    daraja = start({"rules": [rule("b2c", source="127.0.0.9")]}, "--callback-source", "127.0.0.7")
    stk, _, _ = daraja.stk()
    b2c, _, _ = daraja.b2c()
    assert receiver.wait(stk)[0][2] == "127.0.0.7" and receiver.wait(b2c)[0][2] == "127.0.0.9"


def test_a_callback_that_nobody_takes_is_noted(daraja):
    daraja.use()
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    payment = daraja.next_payment()
    daraja.stk(payment=payment, CallBackURL="http://127.0.0.1:%d/n/000000000000/%s/%032x" % (port, payment, 1))
    daraja.settled(payment)
    until = time.monotonic() + 5
    while not daraja.ledger(kind="callback_answer", payment=payment) and time.monotonic() < until:
        time.sleep(0.02)
    (line,) = daraja.ledger(kind="callback_answer", payment=payment)
    assert line["http"] == 0 and line["trouble"]


# ---- answers that go astray

def test_an_answer_lost_before_means_that_nothing_happened(daraja, receiver):
    for answer in ("lost_before", "close_after_read"):
        daraja.use(rule(answer=answer))
        payment, status, _ = daraja.b2c()
        assert status is None
        time.sleep(0.15)
        assert daraja.payment(payment) == {"requests": 1, "accepted": 0, "executions": 0, "deals": []}
        assert receiver.of(payment) == []


def test_an_answer_lost_after_means_that_it_happened(daraja, receiver):
    for answer in ("lost_after", "truncated"):
        daraja.use(rule("b2c", answer=answer))
        payment, status, _ = daraja.b2c()
        assert status is None
        assert result(receiver.wait(payment)[0])["ResultCode"] == 0
        assert daraja.payment(payment)["executions"] == 1


def test_silence_lasts_until_the_client_gives_up(daraja):
    daraja.use(rule("stk_push", "254700000800", answer="hang"),
               rule("stk_push", "254700000801", answer="hang", executed=True, answer_after_ms=4000))
    with pytest.raises(socket.timeout):
        daraja.stk(phone="254700000800", payment="0" * 32)
    payment, status, _ = daraja.stk(phone="254700000801")
    assert status is None and daraja.settled(payment)["executed"]


@pytest.fixture(autouse=True)
def short_timeout(monkeypatch):
    """A hanging call must not hold the suite up."""
    plain = Daraja.call
    monkeypatch.setattr(Daraja, "call", lambda self, path, body, token=None: plain(self, path, body, token, 1.5))


def test_broken_answers_may_hide_either(daraja, receiver):
    for answer in ("html503", "empty200"):
        daraja.use(rule("b2c", answer=answer))
        payment, status, text = daraja.b2c()
        assert (status, text[:5]) == ((503, "<html") if answer == "html503" else (200, ""))
        assert daraja.payment(payment)["accepted"] == 0
        daraja.use(rule("b2c", answer=answer, executed=True))
        payment, status, text = daraja.b2c()
        assert status in (503, 200) and receiver.wait(payment)
        assert daraja.payment(payment)["executions"] == 1


def test_a_200_can_be_empty_of_ids_or_no_acceptance(daraja, receiver):
    daraja.use(rule("b2c", answer="empty_fields"))
    payment, status, body = daraja.b2c()
    assert status == 200 and set(body.values()) == {""} and receiver.wait(payment)
    daraja.use(rule("b2c", answer="refused200", error="traffic_blocked"))
    payment, status, body = daraja.b2c()
    assert (status, body["ResponseCode"]) == (200, "26") and daraja.payment(payment)["accepted"] == 0


def test_gateway_refusals_have_their_shapes(daraja):
    daraja.use(*[rule("stk_push", nth=i + 1, answer=answer) for i, answer in
                 enumerate(("spike_arrest", "spike_arrest_raw", "quota", "http429", "invalid_token"))],
               rule("stk_push", nth=6, answer="error", error="busy"),
               rule("stk_push", nth=7, answer="error", error={"http": 500, "code": "9.9", "message": "new"}),
               rule("stk_push", nth=8, answer="error", error="backend_failed"))
    answers = [daraja.stk()[1:] for _ in range(9)]
    assert answers[0][0] == 500 and "Spike Arrest" in answers[0][1]["errorMessage"]
    assert answers[1][0] == 429
    assert answers[1][1]["fault"]["detail"]["errorcode"] == "policies.ratelimit.SpikeArrestViolation"
    assert answers[2][1]["errorCode"] == "500.003.03" and answers[3][0] == 429
    assert answers[4][1]["errorCode"] == "404.001.03" and answers[5][1]["errorCode"] == "500.003.02"
    assert answers[6][1]["errorCode"] == "9.9"
    assert answers[7][1]["fault"]["detail"]["errorcode"].startswith("steps.")
    assert answers[8][0] == 200


def test_a_rate_is_held_per_product(start):
    daraja = start(None, "--rate", "5")
    answers = [daraja.b2c(phone="2547000090%02d" % i) for i in range(12)]
    refused = [body for _, status, body in answers if status != 200]
    assert len(refused) == 7 and len([1 for body in refused if "fault" in body]) not in (0, 7)
    assert daraja.stk()[1] == 200
    time.sleep(1.1)
    assert daraja.b2c()[1] == 200


# ---- questions

def test_a_query_says_pending_in_two_ways_and_knows_no_strangers(daraja):
    daraja.use(rule("stk_push", "254700000820", outcome_after_ms=8000),
               rule("stk_push", "254700000821", outcome_after_ms=8000, query="4999"),
               rule("stk_push", "254700000822", query="pending", pending_for_ms=600000),
               rule("stk_push", "254700000823", query="unknown"),
               rule("stk_push", "254700000824", query="1037"))
    checkouts = {}
    for i in range(820, 825):
        payment, _, ack = daraja.stk(phone="254700000%d" % i)
        checkouts[i] = (payment, ack["CheckoutRequestID"])
    status, body = daraja.query(checkouts[820][1])
    assert (status, body["errorCode"]) == (500, "500.001.1001") and "being processed" in body["errorMessage"]
    status, body = daraja.query(checkouts[821][1])
    assert (status, body["ResponseCode"], body["ResultCode"]) == (200, "0", "4999")
    for i in (820, 821, 822, 824):
        daraja.settled(checkouts[i][0])
    assert daraja.query(checkouts[820][1])[1]["ResultCode"] == "0"
    assert daraja.query(checkouts[821][1])[1]["ResultCode"] == "0"
    assert daraja.query(checkouts[822][1])[0] == 500
    assert daraja.query(checkouts[824][1])[1]["ResultCode"] == "1037"
    for unknown in (checkouts[823][1], "ws_CO_nobody"):
        status, body = daraja.query(unknown)
        assert (status, body["errorMessage"]) == (400, "Bad Request - Invalid CheckoutRequestID")


def ask(daraja, receiver, **asked):
    question, status, ack = daraja.status(**asked)
    assert status == 200 and ack["ResponseCode"] == "0"
    (got,) = receiver.wait(question)
    assert result(got)["ConversationID"] == ack["ConversationID"]
    return got


def test_status_is_found_by_id_and_by_receipt(daraja, receiver):
    payment, _, _ = daraja.b2c()
    receipt = daraja.settled(payment)["receipt"]
    for asked in ({"OriginalConversationID": payment + "-1"}, {"TransactionID": receipt}):
        got = ask(daraja, receiver, **asked)
        items = parameters(got)
        assert result(got)["ResultCode"] == 0 and items["TransactionStatus"] == "Completed"
        assert items["ReceiptNo"] == receipt and float(items["Amount"]) == 2000
        assert items["OriginatorConversationID"] == payment + "-1"
        assert result(got)["TransactionID"] != receipt
        keys = [item["Key"] for item in result(got)["ResultParameters"]["ResultParameter"]]
        assert keys.count("DebitPartyName") == 2


def test_status_tells_what_is_so(daraja, receiver):
    daraja.use(rule("b2c", "254700000830", result=1), rule("b2c", "254700000831", outcome_after_ms=60000),
               rule("b2c", "254700000832", status="Pending Authorized"), rule("b2c", "254700000833", status="not_found"))
    words = {}
    for i in range(830, 834):
        payment, _, _ = daraja.b2c(phone="254700000%d" % i)
        if i != 831:
            daraja.settled(payment)
        got = ask(daraja, receiver, OriginalConversationID=payment + "-1")
        words[i] = parameters(got)["TransactionStatus"] if "ResultParameters" in result(got) else result(got)["ResultCode"]
    assert words == {830: "Declined", 831: "Initiated", 832: "Pending Authorized", 833: 2033}
    assert result(ask(daraja, receiver, OriginalConversationID="nobody-1"))["ResultCode"] == 2033


def test_status_with_an_empty_receipt_is_answered_with_nothing(daraja, receiver):
    payment, _, _ = daraja.b2c()
    question, status, body = daraja.status(OriginalConversationID=payment + "-1", TransactionID="")
    assert status == 200 and set(body.values()) == {""}
    time.sleep(0.1)
    assert receiver.of(question) == []


def test_the_answer_to_a_question_goes_astray_like_any_callback(daraja, receiver):
    payment, _, _ = daraja.b2c()
    daraja.settled(payment)
    daraja.use(rule("transaction_status", nth=1, callback="lost"), rule("transaction_status", nth=2, callback="doubled"),
               rule("transaction_status", nth=3, callback="before_answer"),
               rule("transaction_status", nth=4, status="Declined"), rule("transaction_status", nth=5, callback="none"))
    asked = [daraja.status(OriginalConversationID=payment + "-1")[0] for _ in range(5)]
    assert len(receiver.wait(asked[1], 2)) == 2 and len(receiver.wait(asked[2])) == 1
    assert parameters(receiver.wait(asked[3])[0])["TransactionStatus"] == "Declined"
    assert receiver.of(asked[0]) == [] and receiver.of(asked[4]) == []
    assert len(daraja.ledger(kind="question", api="transaction_status")) >= 5


# ---- scenarios, seeds, the ledger over a restart

def test_rules_count_requests_and_uses(daraja):
    daraja.use(rule("b2c", "254700000840", nth={"every": 3}, answer="quota"),
               rule("b2c", "254700000841", times=2, answer="quota"),
               rule("b2c", amount=777, answer="quota"))
    by_third = [daraja.b2c(phone="254700000840")[1] for _ in range(6)]
    assert by_third == [200, 200, 500, 200, 200, 500]
    assert [daraja.b2c(phone="254700000841")[1] for _ in range(4)] == [500, 500, 200, 200]
    assert daraja.b2c(amount=777)[1] == 500 and daraja.b2c(amount=778)[1] == 200


def test_a_seed_is_a_run(start):
    scenario = {"defaults": {"shape": "any"}, "rules": [rule("b2c", percent=40, answer="quota")]}

    def run(seed, file):
        daraja = start(scenario, "--seed", str(seed), ledger=file)
        return [(status, body.get("ConversationID", "")[-16:]) for _, status, body in
                [daraja.b2c() for _ in range(30)]]

    first, again, other = run(5, "a"), run(5, "b"), run(6, "c")
    assert first == again != other
    assert 4 <= len([1 for status, _ in first if status == 500]) <= 20


@pytest.mark.parametrize("broken, says", [
    ({"rules": [{"api": "nothing"}]}, "rule 1"), ({"rules": [{"do": {"answer": "maybe"}}]}, "maybe"),
    ({"rules": [{"do": {}}, {"do": {"anwser": "ok"}}]}, "rule 2"), ({"what": 1}, "what"),
    ({"rules": [{"do": {"answer": "error"}}]}, "error"), ({"defaults": {"callback_after_ms": -1}}, "callback_after_ms"),
    ({"rules": [{"do": {"answer": "error", "error": "nobody"}}]}, "nobody"), ({"rules": [{"nth": 0}]}, "nth"),
])
def test_a_wrong_scenario_is_refused_and_changes_nothing(daraja, broken, says):
    daraja.use(rule("b2c", answer="quota"))
    status, body = daraja.sim("/sim/scenario", broken)
    assert status == 400 and says in body["error"]
    assert daraja.b2c()[1] == 500


def test_the_demo_scenario_is_sound(start):
    daraja = start(json.loads((ROOT / "examples/demo.scenario.json").read_text()))
    assert daraja.sim("/sim/state")[1]["rules"] >= 10
    answers = [daraja.stk(phone="254700000157")[1] for _ in range(3)]
    assert answers == [429, 500, 200]


def test_the_truth_survives_kill_9(start, receiver):
    first = start({"defaults": {"utility_balance": 10000}})
    done, _, _ = first.b2c(amount=2000)
    receipt = first.settled(done)["receipt"]
    receiver.wait(done)
    first.use(rule("b2c", outcome_after_ms=100000))
    under_way, status, _ = first.b2c(amount=3000)
    assert status == 200
    first.stop(signal.SIGKILL)
    with open(first.ledger_file, "a") as file:
        file.write('{"n":9999,"kind":"torn')
    second = start({"defaults": {"utility_balance": 10000}})
    assert second.b2c(payment=done)[1] == 500
    (got,) = receiver.wait(under_way)
    assert result(got)["ResultCode"] == 0 and len(receiver.of(done)) == 1
    assert parameters(got)["TransactionReceipt"] != receipt
    assert second.sim("/sim/state")[1]["utility"] == 5000
    assert parameters(ask(second, receiver, OriginalConversationID=done + "-1"))["ReceiptNo"] == receipt
    numbers = [line["n"] for line in second.ledger()]
    assert numbers == sorted(set(numbers))
    assert second.payment(done)["requests"] == 2


def test_a_reversal_survives_kill_9(start, receiver):
    first = start(None)
    prompts = [first.stk(phone=f"25470000032{i}")[0] for i in range(2)]
    receipts = [first.settled(prompt)["receipt"] for prompt in prompts]
    receiver.wait(first.reversal(receipts[0])[0])
    first.use(rule("reversal", outcome_after_ms=100000), rule("b2b", outcome_after_ms=100000))
    under_way, bill = first.reversal(receipts[1])[0], first.b2b(RecieverIdentifierType="2")[0]
    first.stop(signal.SIGKILL)
    second = start(None)
    assert parameters(receiver.wait(under_way)[0])["OriginalTransactionID"] == receipts[1]
    assert result(receiver.wait(bill)[0])["ResultCode"] == "SFC_IC0003", "what was wrong with it is not forgotten"
    for receipt in receipts:
        assert result(receiver.wait(second.reversal(receipt)[0])[0])["ResultCode"] == "R000001"


# ---- by hand

def test_a_callback_can_be_sent_again_by_hand(daraja, receiver):
    payment, _, _ = daraja.stk()
    original = receiver.wait(payment)[0]
    assert daraja.sim("/sim/callback", {"payment": payment})[0] == 202
    assert receiver.wait(payment, 2)[1] == original
    assert daraja.sim("/sim/callback", {"payment": payment, "kind": "contradict", "source": "127.0.0.8"})[0] == 202
    said = receiver.wait(payment, 3)[2]
    assert stk_callback(said)["ResultCode"] == 1032 and said[2] == "127.0.0.8"
    assert daraja.sim("/sim/callback", {"payment": payment, "body": {"forged": True}})[0] == 202
    assert json.loads(receiver.wait(payment, 4)[3][1]) == {"forged": True}
    assert daraja.sim("/sim/callback", {"payment": "f" * 32})[0] == 404
    assert daraja.sim("/sim/callback", {"payment": payment, "kind": "nonsense"})[0] == 400
    assert daraja.sim("/sim/nothing")[0] == 404


def test_the_command_line_refuses_what_it_does_not_know(tmp_path):
    for args in (["--nothing", "1"], ["--seed"], ["--time-scale", "2"], ["--listen", "nowhere"], ["--rate", "-1"]):
        assert subprocess.run([str(BIN)] + args, capture_output=True).returncode == 2
    done = subprocess.run([str(BIN), "--scenario", str(tmp_path / "missing")], capture_output=True, cwd=tmp_path)
    assert done.returncode == 75 and b"missing" in done.stderr
    assert b"--ledger" in subprocess.run([str(BIN), "--help"], capture_output=True).stdout


# ---- C2B

REGISTER, SIMULATE = "/mpesa/c2b/v2/registerurl", "/mpesa/c2b/v2/simulate"


def addresses(receiver, shortcode, **changes):
    base = f"{receiver.base}/c2b/{shortcode}"
    return {"ShortCode": shortcode, "ResponseType": "Completed", "ConfirmationURL": f"{base}/confirmation",
            "ValidationURL": f"{base}/validation", **changes}


def simulation(shortcode, **changes):
    return {"ShortCode": shortcode, "CommandID": "CustomerPayBillOnline", "Amount": 120, "Msisdn": "254700000149",
            "BillRefNumber": "INV-1", **changes}


def c2b_lines(daraja, kind, shortcode):
    return [line for line in map(json.loads, daraja.ledger_file.read_text().splitlines())
            if line["kind"] == kind and line.get("api") == "c2b" and line["shortcode"] == shortcode]


@pytest.mark.parametrize("changes, code, words", [
    ({"ConfirmationURL": "https://pay.example/mpesa/c"}, "400.003.02", "Invalid ConfirmationURL - URL has the word mpesa"),
    ({"ValidationURL": "https://pay.example/SQL/v"}, "400.003.02", "Invalid ValidationURL - URL has the word sql"),
    ({"ValidationURL": "https://localhost/v"}, "400.003.02", "Invalid ValidationURL"),
    ({"ResponseType": "completed"}, "400.002.02", "ResponseType"),
    ({"ResponseType": "Canceled"}, "400.002.02", "ResponseType"),
    ({"ShortCode": "12"}, "400.002.02", "ShortCode"),
    ({"ShortCode": "174379"}, "steps.servicecallout.ExecutionFailed", "AddURLVault"),
])
def test_addresses_are_refused_by_the_word(daraja, receiver, changes, code, words):
    status, answer = daraja.call(REGISTER, addresses(receiver, "600200", **changes))
    assert status in (400, 500) and code in json.dumps(answer) and words in json.dumps(answer)


@pytest.mark.parametrize("changes", [{"CommandID": "PayBill"}, {"Amount": 0}, {"Msisdn": "0700000149"}, {"BillRefNumber": ""},
                                     {"BillRefNumber": "x" * 21}, {"CommandID": "CustomerBuyGoodsOnline"}])
def test_a_bad_simulation_is_refused(daraja, changes):
    status, answer = daraja.call(SIMULATE, simulation("600200", **changes))
    assert status == 400 and answer["errorCode"] == "400.002.02"


def test_a_customer_is_validated_and_confirmed(daraja, receiver):
    receiver.answers["/c2b/600201/validation"] = '{"ResultCode":"0","ResultDesc":"Accepted","ThirdPartyTransID":"T-1"}'
    status, answer = daraja.call(REGISTER, addresses(receiver, "600201"))
    assert status == 200 and answer["ResponseCode"] == "0" and "OriginatorCoversationID" in answer
    status, answer = daraja.call(SIMULATE, simulation("600201"))
    assert status == 200 and answer["ResponseDescription"] == "Accept the service request successfully."
    (path, first, _), (then, second, _) = receiver.wait("/c2b/600201/", 2)
    assert path.endswith("/validation") and then.endswith("/confirmation")
    before, after = json.loads(first), json.loads(second)
    assert before["TransID"] == after["TransID"] and before["OrgAccountBalance"] == "" != after["OrgAccountBalance"]
    assert float(after["TransAmount"]) == 120 and after["BillRefNumber"] == "INV-1" and after["ThirdPartyTransID"] == "T-1"
    assert "254700000149" not in second
    assert [line["receipt"] for line in c2b_lines(daraja, "executed", "600201")] == [after["TransID"]]


def test_a_phone_is_a_hash_in_the_first_version(daraja, receiver):
    status, answer = daraja.call("/mpesa/c2b/v1/registerurl", addresses(receiver, "600202"))
    assert status == 200 and answer["ResponseDescription"] == "success"
    daraja.call("/mpesa/c2b/v1/simulate", simulation("600202"))
    (_, _, _), (_, body, _) = receiver.wait("/c2b/600202/", 2)
    assert json.loads(body)["MSISDN"] == hashlib.sha256(b"254700000149").hexdigest()


@pytest.mark.parametrize("shortcode, kind, answer, pays", [
    ("600203", "Completed", '{"ResultCode":"C2B00012","ResultDesc":"Rejected"}', False),
    ("600204", "Cancelled", '{"ResultCode":"0","ResultDesc":"Accepted"}', True),
    ("600205", "Completed", "no answer", True),
    ("600206", "Cancelled", "no answer", False),
])
def test_validation_decides_and_else_the_response_type(daraja, receiver, shortcode, kind, answer, pays):
    receiver.answers[f"/c2b/{shortcode}/validation"] = answer
    daraja.call(REGISTER, addresses(receiver, shortcode, ResponseType=kind))
    daraja.call(SIMULATE, simulation(shortcode))
    receiver.wait(f"/c2b/{shortcode}/", 2 if pays else 1)
    until = time.monotonic() + 5
    while time.monotonic() < until and not (c2b_lines(daraja, "executed", shortcode) or c2b_lines(daraja, "refused", shortcode)):
        time.sleep(0.01)
    assert len(c2b_lines(daraja, "executed", shortcode)) == pays
    assert len(c2b_lines(daraja, "refused", shortcode)) == (not pays)
    assert len(receiver.of(f"/c2b/{shortcode}/confirmation")) == pays


def test_production_registers_once_and_a_restart_knows_it(start, receiver):
    daraja = start()
    daraja.call(REGISTER, addresses(receiver, "600207"))
    daraja.raw("POST", "/sim/c2b", json.dumps({"once": True}))
    status, answer = daraja.call(REGISTER, addresses(receiver, "600207"))
    assert (status, answer["errorCode"]) == (500, "500.003.1001") and "already registered" in answer["errorMessage"]
    daraja.stop()
    again = start()
    status, _ = again.raw("POST", "/sim/c2b", json.dumps(
        {"shortcode": "600207", "phone": "254700000149", "shillings": 5, "only": "confirmation", "times": 2}))
    assert status == 202 and len(receiver.wait("/c2b/600207/", 2)) == 2
    assert len(c2b_lines(again, "executed", "600207")) == 1
