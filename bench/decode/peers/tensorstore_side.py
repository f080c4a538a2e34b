"""tensorstore. Its page on contexts: data_copy_concurrency bounds decoding and copying, file_io_concurrency reading;
cache_pool 0 keeps nothing between reads. Read as one array, into an array that is there, or in pieces that are asked
for at once."""

import side

try:
    import numpy
    import tensorstore
except ImportError as error:
    side.absent(f"not installed ({error})")

folder, layout, threads, layers = side.task()
context = tensorstore.Context(
    {
        "cache_pool": {"total_bytes_limit": 0},
        "data_copy_concurrency": {"limit": threads},
        "file_io_concurrency": {"limit": threads},
    }
)
store = tensorstore.open(
    {"driver": "zarr" if layout == "v2" else "zarr3", "kvstore": {"driver": "file", "path": f"{folder}/{layout}/"}},
    context=context,
    read=True,
    open=True,
).result()
out = numpy.empty(store.shape, numpy.uint16)
try:
    target = tensorstore.array(out, context=context)
except Exception:  # an older release, or one that takes no writable array
    target = None


def whole():
    return store.read(order="C").result()


def into():
    target.write(store).result()


def layers_at_once():
    for future in [target[z : z + 64].write(store[z : z + 64]) for z in range(0, store.shape[0], 64)]:
        future.result()


def into_is_seen():
    """That the array can be written to, and is `out` itself, not a copy."""
    out[0, 0, 0] = 0
    try:
        target[0:1, 0:1, 0:1].write(numpy.full((1, 1, 1), 7, numpy.uint16)).result()
    except Exception:
        return False
    return out[0, 0, 0] == 7


ways = {"read()": whole}
if target is not None and into_is_seen():
    ways |= {"into an array": into, "into an array, layers at once": layers_at_once}
side.serve(ways, out)
