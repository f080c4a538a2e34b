"""GDAL's zarr driver through its multidimensional API. Its page: AdviseRead() decodes chunks in NUM_THREADS threads into
the array's cache, from which Read() copies; GDAL_NUM_THREADS and GDAL_CACHEMAX bound the rest. Without AdviseRead() it
decodes in one thread."""

import side

try:
    import numpy
    from osgeo import gdal
except ImportError as error:
    side.absent(f"not installed ({error})")

gdal.UseExceptions()
folder, layout, threads, layers = side.task()
gdal.SetConfigOption("GDAL_NUM_THREADS", str(threads))
dataset = gdal.OpenEx(f'ZARR:"{folder}/{layout}"', gdal.OF_MULTIDIM_RASTER)
root = dataset.GetRootGroup()
array = root.OpenMDArray(root.GetMDArrayNames()[0])
shape = [d.GetSize() for d in array.GetDimensions()]
out = numpy.empty(shape, numpy.uint16)
CACHE = 1 << 28


def opened():
    """Anew: nothing that was decoded before is left in its cache."""
    fresh = gdal.OpenEx(f'ZARR:"{folder}/{layout}"', gdal.OF_MULTIDIM_RASTER)
    group = fresh.GetRootGroup()
    return fresh, group.OpenMDArray(group.GetMDArrayNames()[0])


def whole():
    fresh, mine = opened()
    mine.ReadAsArray(buf_obj=out)


def advised():
    fresh, mine = opened()
    for z in range(0, shape[0], 64):
        start, count = [z, 0, 0], [64, shape[1], shape[2]]
        mine.AdviseRead(start, count, [f"NUM_THREADS={threads}", f"CACHE_SIZE={CACHE}"])
        mine.ReadAsArray(start, count, buf_obj=out[z : z + 64])


def by_chunk():
    fresh, mine = opened()
    for z in range(0, shape[0], 64):
        for y in range(0, shape[1], 64):
            mine.ReadAsArray([z, y, 0], [64, 64, shape[2]], buf_obj=out[z : z + 64, y : y + 64])


ways = {"one read": whole, "reads of 8 chunks": by_chunk}
if threads > 1:
    ways["AdviseRead"] = advised
side.serve(ways, out)
