#!/usr/bin/python3
"""table.py SUMMARY: what gcovr's JSON summary says of each folder, and of common/core last."""

import collections
import json
import pathlib
import sys

KINDS = ("line", "function", "branch")
PURE = "common/core"


def share(counts, kind):
    covered, total = counts[kind + "_covered"], counts[kind + "_total"]
    return f"{100 * covered / total:5.1f} %  {covered:>5} of {total:<5}" if total else f"{'-':>7}  {'':14}"


def row(name, counts):
    return f"  {name:<20}" + "   ".join(share(counts, kind) for kind in KINDS).rstrip()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folders = collections.defaultdict(collections.Counter)
    for file in json.loads(pathlib.Path(sys.argv[1]).read_text())["files"]:
        counts = {f"{kind}_{part}": file[f"{kind}_{part}"] for kind in KINDS for part in ("covered", "total")}
        folders[str(pathlib.PurePath(file["filename"]).parent)].update(counts)
    print(f"\n  {'folder':<20}" + "   ".join(f"{kind + ('es' if kind == 'branch' else 's'):<23}" for kind in KINDS).rstrip())
    for name in sorted(folders):
        print(row(name, folders[name]))
    print("\n" + row(PURE, folders[PURE]))


if __name__ == "__main__":
    main()
