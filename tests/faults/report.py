"""What a walk over the faults comes to, as a table."""


def tell(walk):
    points = [(name, point) for name, service in walk.services.items() for point in service.points.values()]
    # A hook with details is met under them alone.
    detailed = {(name, point.name.partition(":")[0]) for name, point in points if ":" in point.name}
    points = [(name, point) for name, point in points if (name, point.name) not in detailed]
    hooks = {point.name.partition(":")[0] for _, point in points}
    print(f"\n{'service':<11}{'hook':<58}{'runs':>5}{'hit':>5}  outcome")
    for name, point in sorted(points, key=lambda one: (one[1].name, one[0])):
        ends = "".join(f", ended with {code} {count} times" for code, count in sorted(point.ends.items()))
        missed = f", not hit: {', '.join(point.missed)}" if point.missed else ""
        print(f"{name:<11}{point.name:<58}{point.runs:>5}{point.played:>5}  {','.join(point.classes)}{ends}{missed}")
    unreached = sorted(hooks - {point.name.partition(":")[0] for _, point in points if point.played})
    print(f"\n{len(hooks)} hooks in {len(points)} places of the five services, {len(walk.done)} runs, "
          f"{sum(point.played for _, point in points)} hit, {len(walk.load.sent)} payments")
    print("outcomes: " + ", ".join(f"{name} {count}" for name, count in sorted(walk.outcomes.items())))
    print(f"not reached: {', '.join(unreached) or 'none'}")
    print(f"violations: {len(walk.violations)}")
    for one in walk.violations:
        print(f"  {one}")
