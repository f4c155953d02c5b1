"""The other side of bench/eigen.mjs: reads commands from standard input, answers each with one JSON line.

    load FILE N   a symmetric matrix, float64, row-major
    run           numpy.linalg.eigh of it; seconds, and seconds of processor time
    values FILE   the eigenvalues found last, ascending, float64
"""
import json
import sys
import time
import numpy as np


def openblas():
    with open("/proc/self/maps") as maps:
        return sorted({line.split("/")[-1].strip() for line in maps if "openblas" in line})


np.linalg.eigh(np.eye(3))
print(json.dumps({"numpy": np.__version__, "blas": openblas()}), flush=True)
for line in sys.stdin:
    command, *rest = line.split()
    if command == "load":
        matrix = np.fromfile(rest[0]).reshape(int(rest[1]), -1)
        answer = {}
    elif command == "run":
        start, used = time.perf_counter(), time.process_time()
        values, vectors = np.linalg.eigh(matrix)
        answer = {"seconds": time.perf_counter() - start, "processor": time.process_time() - used}
    else:
        values.tofile(rest[0])
        answer = {}
    print(json.dumps(answer), flush=True)
