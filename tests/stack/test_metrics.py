"""What /metrics serves is what docs/metrics.md says: the names, the types, the labels and their values."""

import http.client
import re

from contract import b2c, stk
from mkondo_stack import ROOT, SERVICES

ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (?:`([\w,]+)`(?:: ([^|]*))?)? \| [^|]* \| ([^|]*) \|$")
SAMPLE = re.compile(r'^(\w+?)(?:_bucket|_sum|_count)?(?:\{(.*)\})? (\S+)$')
LABEL = re.compile(r'(\w+)="([^"]*)"')


def page():
    rows = [ROW.match(line) for line in (ROOT / "docs/metrics.md").read_text().splitlines() if line.startswith("| `")]
    assert rows and all(rows)
    return {row[1]: {"type": row[2], "labels": row[3].split(",") if row[3] else [], "values": row[4] and row[4].split(", "), "services": row[5].split(", ")}
            for row in rows}


def scrape(stack, service):
    link = http.client.HTTPConnection("127.0.0.1", stack.admin[service], timeout=5)
    link.request("GET", "/metrics")
    text = link.getresponse().read().decode()
    link.close()
    types = dict(line.split()[2:4] for line in text.splitlines() if line.startswith("# TYPE "))
    return types, [SAMPLE.match(line).groups() for line in text.splitlines() if line and line[0] != "#"]


def test_metrics_are_those_of_the_page(stack):
    for payment in (stack.send(stk("254790000071", 100)), stack.send(b2c("254790000072", 100))):
        stack.await_outcome(payment, "SUCCEEDED")
    known = page()
    for service in SERVICES:
        types, samples = scrape(stack, service)
        assert sorted(types) == sorted(name for name, row in known.items() if service in row["services"]), service
        counted = set()
        for name, labels, _ in samples:
            row = known[name]
            assert types[name] == row["type"], name
            labels = {label: value for label, value in LABEL.findall(labels or "") if label != "le"}
            assert list(labels) == row["labels"], name
            if row["values"]:
                assert set(labels.values()) <= set(row["values"]), f"{service}: {name} {labels}"
                counted |= {(name, value) for value in labels.values()}
        # What is counted is there from the start, each value of it.
        assert counted >= {(name, value) for name, row in known.items() for value in row["values"] or ()
                           if service in row["services"] and row["type"] != "gauge"}, service
