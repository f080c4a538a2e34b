"""What the Python sides of bench/decode share; side.h says what a side prints."""

import sys
import time

try:
    import numpy
except ImportError as error:
    print(f"absent not installed ({error})", flush=True)
    sys.exit(0)


def task():
    """FOLDER LAYOUT CODEC THREADS LAYERS"""
    folder, layout, _, threads, layers = sys.argv[1:6]
    return folder, layout, int(threads), int(layers)


def absent(why):
    print("absent", why, flush=True)
    sys.exit(0)


def check_of(volume):
    """Sum over z of (z + 1) times the sum of plane z."""
    planes = volume.sum(axis=(1, 2), dtype=numpy.uint64)
    return int((planes * numpy.arange(1, len(planes) + 1, dtype=numpy.uint64)).sum())


def seconds(way):
    begin = time.perf_counter()
    way()
    return time.perf_counter() - begin


def serve(ways, out):
    """`ways`: name -> function that decodes everything into the array `out` (or returns another array). Each is run twice;
    the fastest is the one that is timed."""
    best = None
    for name, way in ways.items():
        out[...] = 0
        got = way()
        found = check_of(out if got is None else got)
        del got
        if best and found != best[2]:
            sys.exit(f"{name} reads other voxels than {best[1]}")
        took = min(seconds(way), seconds(way))
        if not best or took < best[0]:
            best = (took, name, found)
    print("check", best[2], best[1], flush=True)
    for _ in sys.stdin:
        before = time.process_time()
        took = seconds(ways[best[1]])
        print(took, time.process_time() - before, flush=True)
