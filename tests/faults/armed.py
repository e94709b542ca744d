"""The hooks of one service, as its admin port tells of them, and what is armed there."""

import collections
import contextlib
import http.client
import time

# starting: hit while the service starts. alone: nothing else is armed beside it.
Task = collections.namedtuple("Task", "point cls nth starting alone")
IN_HAND = 3


class Point:
    """One hook, or one detail of one, in one program."""

    def __init__(self, name, classes):
        self.name, self.classes = name, classes
        self.at_start, self.hits, self.runs, self.played, self.ends = 0, 0, 0, 0, collections.Counter()
        self.missed, self.tried, self.planned = [], set(), False


class Service:
    """One of the five and its list of tasks."""

    def __init__(self, stack, name, only):
        self.stack, self.name, self.only = stack, name, only
        self.points, self.tasks, self.hand = {}, collections.deque(), {}  # hand: {task: since when}
        self.free_at = 0.0
        self.start_at, self.starting, self.person = None, False, False
        self.rare, self.armed, self.armed_in = {}, {}, None

    @property
    def program(self):
        return self.stack.programs[self.name]

    def call(self, method, body=None):
        """The admin port's answer, None when it does not come: it has faults, too."""
        link = http.client.HTTPConnection("127.0.0.1", self.stack.admin[self.name], timeout=1)
        with contextlib.closing(link), contextlib.suppress(OSError, http.client.HTTPException):
            link.request(method, "/faults", body, {"Connection": "close"})
            answer = link.getresponse()
            text = answer.read().decode()
            assert answer.status in (200, 503), f"{self.name}: {answer.status} {text}"
            assert answer.status == 200 or method == "GET", f"{self.name} does not know {body}"
            return text
        return None

    def look(self):
        """{point: (hits, played)} as it is now."""
        text = self.call("GET")
        if text is None:
            return None
        rows = [line.split(" ") for line in text.splitlines()]
        for name, classes, _, _ in rows:
            if name.startswith(self.only) and name not in self.points:
                self.points[name] = Point(name, classes.split(","))
        return {name: (int(hits), int(played)) for name, _, hits, played in rows}

    def watch_rare(self, seen, classes_of):
        """What the payments alone do not reach is armed all the time: other faults lead there. {what was played}"""
        if self.armed_in != self.program.process.pid:
            self.armed_in, self.armed = self.program.process.pid, {}
        for name, point in self.points.items():
            if not point.planned and name not in self.rare:
                self.rare[name] = collections.deque(classes_of(point))
        played = [(name, cls) for name, cls in self.armed.items() if seen.get(name, (0, 0))[1] > 0]
        for name, _ in played:
            self.rare[name].popleft()
            del self.armed[name]
        for name, left in self.rare.items():
            if left and name not in self.armed and self.arm(Task(self.points[name], left[0], 1, False, False)):
                self.armed[name] = left[0]
        return played

    def arm(self, task, times=1):
        told = self.call("POST", f"{task.point.name} {task.cls} {task.nth} {times}")
        # The admin port's own faults may be played by the answer to the order.
        return told is not None or task.point.name.endswith(":admin")
