"""The Kafka side of a test: commands are produced, and results, dead letters and callbacks are read from their start and remembered."""

import collections
import threading
import time

import confluent_kafka

from contract import decode_receipt, decode_result

WATCHED = ("results.v1", "receipts.v1", "dlq.v1", "callbacks.v1")


class Record:
    def __init__(self, message):
        self.key = (message.key() or b"").decode(errors="replace")
        self.value = message.value() or b""
        self.headers = [(name, value) for name, value in message.headers() or []]
        self.partition, self.offset = message.partition(), message.offset()

    def header(self, name):
        return next((value.decode() for key, value in self.headers if key == name), "")

    def same_bytes(self, other):
        return (self.key, self.value, self.headers) == (other.key, other.value, other.headers)


class ResultRecord(Record):
    def __init__(self, message):
        super().__init__(message)
        self.result = decode_result(self.value, self.header("content-type"))
        self.version = self.result.version
        self.outcome = type(self.result).DESCRIPTOR.fields_by_name["outcome"].enum_type.values_by_number[
            self.result.outcome].name


class Topics:
    def __init__(self, bootstrap, prefix):
        self.prefix = prefix
        common = {"bootstrap.servers": bootstrap, "log_level": 2}  # a broker that ends is part of some tests
        self.producer = confluent_kafka.Producer({**common, "linger.ms": 1})
        self.consumer = confluent_kafka.Consumer({**common, "group.id": "not-used",
                                                  "enable.auto.commit": False, "fetch.wait.max.ms": 20})
        listed = self.consumer.list_topics(timeout=20).topics
        self.consumer.assign([confluent_kafka.TopicPartition(prefix + topic, partition, confluent_kafka.OFFSET_BEGINNING)
                              for topic in WATCHED for partition in listed[prefix + topic].partitions])
        self.results = collections.defaultdict(list)
        self.receipts = collections.defaultdict(list)
        self.values = collections.defaultdict(list)
        self.dead_letters, self.callbacks, self.fault = [], collections.Counter(), None
        self.changed = threading.Condition()
        self.over = False
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def close(self):
        self.over = True
        self.thread.join(10)
        self.consumer.close()

    def _read(self):
        while not self.over:
            message = self.consumer.poll(0.1)
            if message is None or message.error():
                continue
            with self.changed:
                try:
                    self._take(message)
                except Exception as fault:  # a result that a second implementation cannot read fails every wait
                    self.fault = f"{message.topic()} {message.partition()}@{message.offset()}: {fault!r}"
                self.changed.notify_all()

    def _take(self, message):
        topic = message.topic()[len(self.prefix):]
        self.values[topic].append(message.value() or b"")
        if topic == "results.v1":
            record = ResultRecord(message)
            assert record.key == record.result.id, "the key is the payment's id"
            self.results[record.result.id].append(record)
        elif topic == "receipts.v1":
            record = Record(message)
            record.told = decode_receipt(record.value, record.header("content-type"))
            assert record.key == record.told.receipt == record.header("ce_subject"), "the key is the receipt"
            self.receipts[record.key].append(record)
        elif topic == "dlq.v1":
            self.dead_letters.append(Record(message))
        else:
            self.callbacks[(message.key() or b"").decode()] += 1

    def raw(self, topic):
        """All values so far, as they are."""
        with self.changed:
            return list(self.values[topic])

    def send(self, key, value, headers=()):
        self.producer.produce(self.prefix + "commands.v1", key=key, value=value, headers=list(headers) or None)
        self.producer.poll(0)

    def flush(self):
        assert self.producer.flush(20) == 0, "Kafka took the commands"

    def wait(self, what, look, seconds=20.0):
        """The first true value of look(), which is tried whenever something was read."""
        until = time.monotonic() + seconds
        with self.changed:
            while True:
                assert self.fault is None, self.fault
                value = look()
                if value:
                    return value
                left = until - time.monotonic()
                assert left > 0, f"not within {seconds:g} s: {what}"
                self.changed.wait(min(left, 0.5))

    def outcomes(self, payment):
        """What was published about it, each version once, in the order in which they came."""
        return list(dict.fromkeys((record.version, record.outcome) for record in self.results[payment]))

    def newest(self, payment):
        return max(self.results[payment], key=lambda record: record.version, default=None)

    def await_outcome(self, payment, outcome, version=None, seconds=20.0):
        """The record whose version is the highest, once it says this."""
        def look():
            record = self.newest(payment)
            fits = record and record.outcome == outcome and (version is None or record.version == version)
            return record if fits else None
        try:
            return self.wait(f"{payment} {outcome}" + (f" version {version}" if version else ""), look, seconds)
        except AssertionError as fault:
            raise AssertionError(f"{fault}; published: {self.outcomes(payment)}") from None
