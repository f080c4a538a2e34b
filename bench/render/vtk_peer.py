# VTK's volume ray caster with the same volume, camera, window and step as ours, for bench/render.
#   xvfb-run -a python3 vtk_peer.py VOLUME X,Y,Z DISTANCE WIDTH HEIGHT OPACITY     (uint8, x fastest)
# Reads lines "MODE AZIMUTH" from standard input, draws, and answers each with the processor milliseconds that the process
# took, all threads together; "save FILE" writes the last picture as raw RGB, top row first.
import math
import sys
import time

import numpy as np
import vtk
from vtk.util import numpy_support

path, size = sys.argv[1], [int(side) for side in sys.argv[2].split(",")]
distance, width, height, opacity = float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])
center = [side / 2 for side in size]
LOW, HIGH, ELEVATION = 30, 230, 20

image = vtk.vtkImageData()
image.SetDimensions(*size)
image.GetPointData().SetScalars(
    numpy_support.numpy_to_vtk(np.fromfile(path, np.uint8), deep=True, array_type=vtk.VTK_UNSIGNED_CHAR))

gray = vtk.vtkColorTransferFunction()
gray.AddRGBPoint(LOW, 0, 0, 0)
gray.AddRGBPoint(HIGH, 1, 1, 1)

window = vtk.vtkRenderWindow()
window.SetOffScreenRendering(1)
window.SetMultiSamples(0)
window.SetSize(width, height)


def make(mode):
    dense = vtk.vtkPiecewiseFunction()
    if mode in ("mip", "minip"):
        dense.AddPoint(0, 1)
    else:
        dense.AddPoint(LOW, 0)
        dense.AddPoint(HIGH, opacity)
    look = vtk.vtkVolumeProperty()
    look.SetColor(gray)
    look.SetScalarOpacity(dense)
    look.SetScalarOpacityUnitDistance(1)
    look.SetInterpolationTypeToLinear()
    look.ShadeOff()
    mapper = vtk.vtkFixedPointVolumeRayCastMapper()
    mapper.SetNumberOfThreads(2)
    mapper.SetAutoAdjustSampleDistances(0)
    mapper.SetImageSampleDistance(1)
    mapper.SetLockSampleDistanceToInputSpacing(0)
    mapper.SetSampleDistance(1)
    mapper.SetInteractiveSampleDistance(1)
    mapper.SetInputData(image)
    if mode == "mip":
        mapper.SetBlendModeToMaximumIntensity()
    elif mode == "minip":
        mapper.SetBlendModeToMinimumIntensity()
    else:
        mapper.SetBlendModeToComposite()
    volume = vtk.vtkVolume()
    volume.SetMapper(mapper)
    volume.SetProperty(look)
    renderer = vtk.vtkRenderer()
    renderer.AddVolume(volume)
    renderer.SetBackground(0, 0, 0)
    camera = renderer.GetActiveCamera()
    camera.SetViewAngle(35)
    camera.SetFocalPoint(*center)
    camera.SetViewUp(0, 0, 1)
    return renderer


scenes = {}
for line in sys.stdin:
    word, argument = line.split()
    if word == "save":
        grab = vtk.vtkWindowToImageFilter()
        grab.SetInput(window)
        grab.ReadFrontBufferOff()
        grab.Update()
        pixels = numpy_support.vtk_to_numpy(grab.GetOutput().GetPointData().GetScalars())
        pixels.reshape(height, width, 3)[::-1].tofile(argument)
        print("saved", flush=True)
        continue
    first = word not in scenes
    renderer = scenes.setdefault(word, make(word)) if first else scenes[word]
    for other in list(window.GetRenderers()):
        window.RemoveRenderer(other)
    window.AddRenderer(renderer)
    azimuth, elevation = math.radians(float(argument)), math.radians(ELEVATION)
    renderer.GetActiveCamera().SetPosition(
        center[0] + distance * math.sin(azimuth) * math.cos(elevation),
        center[1] - distance * math.cos(azimuth) * math.cos(elevation),
        center[2] + distance * math.sin(elevation))
    renderer.ResetCameraClippingRange()
    if first:  # tables and gradients of the first picture are not the frame's
        window.Render()
    before = time.process_time()
    window.Render()
    window.WaitForCompletion()
    print((time.process_time() - before) * 1e3, flush=True)
