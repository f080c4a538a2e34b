"""python3-zarr 2. Its tutorial ("Parallel computing and synchronization", "Configuring Blosc"): blosc's own threads for
one reader; several readers in threads, with blosc's threads off, since decoders release the interpreter's lock."""

from concurrent.futures import ThreadPoolExecutor

import side

try:
    import numcodecs.blosc
    import numpy
    import zarr
except ImportError as error:
    side.absent(f"not installed ({error})")

folder, layout, threads, layers = side.task()
array = zarr.open(f"{folder}/{layout}", mode="r")
out = numpy.empty(array.shape, array.dtype)
numcodecs.blosc.set_nthreads(threads)


def whole():
    numcodecs.blosc.use_threads = threads > 1
    array.get_basic_selection(Ellipsis, out=out)


pool = ThreadPoolExecutor(threads)
layer = [slice(z, z + 64) for z in range(0, array.shape[0], 64)]


def read_rows(at):
    z, y = at
    # Straight into its place: a contiguous selection of whole chunks.
    out[z, y] = array[z, y]


def in_threads():
    numcodecs.blosc.use_threads = False
    list(pool.map(read_rows, [(z, slice(y, y + 64)) for z in layer for y in range(0, array.shape[1], 64)]))


def layers_in_threads():
    numcodecs.blosc.use_threads = False
    list(pool.map(lambda z: array.get_basic_selection(z, out=out[z]), layer))


ways = {"one selection": whole}
if threads > 1:
    ways |= {"selections of 8 chunks in threads": in_threads, "selections of 64 chunks in threads": layers_in_threads}
side.serve(ways, out)
