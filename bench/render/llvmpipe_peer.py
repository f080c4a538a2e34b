# A volume ray caster as a fragment shader, on Mesa's llvmpipe, with the same volume, camera, window and samples as ours,
# for bench/render.
#   python3 llvmpipe_peer.py VOLUME X,Y,Z DISTANCE WIDTH HEIGHT OPACITY     (uint8, x fastest)
# Speaks as vtk_peer.py does.
import math
import os
import sys
import time

os.environ.update(LIBGL_ALWAYS_SOFTWARE="1", GALLIUM_DRIVER="llvmpipe", LP_NUM_THREADS="2")
import moderngl  # noqa: E402
import numpy as np  # noqa: E402

path, size = sys.argv[1], [int(side) for side in sys.argv[2].split(",")]
distance, width, height, opacity = float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), float(sys.argv[6])
center = np.array(size) / 2
LOW, HIGH, ELEVATION, FIELD_OF_VIEW = 30, 230, 20, 35

VERTEX = """
#version 330
out vec2 at;
void main() {
  at = vec2(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1);
  gl_Position = vec4(at, 0, 1);
}
"""
# Rays run in voxels; voxel i has its centre at i, and the texture its border half a voxel outside of it.
FRAGMENT = """
#version 330
#define MODE_%s
uniform sampler3D volume;
uniform vec3 eye, forward, right, up, size;
uniform float low, high, opacity;
in vec2 at;
out vec4 color;
float value_at(vec3 place) { return textureLod(volume, place, 0.0).r; }
float window(float value) { return clamp((value - low) / (high - low), 0.0, 1.0); }
void main() {
  vec3 direction = normalize(forward + at.x * right + at.y * up);
  vec3 a = (vec3(-0.5) - eye) / direction, b = (size - 0.5 - eye) / direction;
  vec3 near = min(a, b), far = max(a, b);
  float enter = max(max(near.x, near.y), max(near.z, 0.0)), leave = min(far.x, min(far.y, far.z));
  color = vec4(0, 0, 0, 1);
  if (leave <= enter) return;
  // Whole steps, each sampled in its middle, and what is left over.
  int steps = int(leave - enter);
  float rest = leave - enter - float(steps);
  vec3 advance = direction / size, start = (eye + direction * enter + 0.5) / size;
  vec3 place = start + 0.5 * advance, end = start + (float(steps) + 0.5 * rest) * advance;
#if defined MODE_mip
  float seen = value_at(end);
  for (int i = 0; i < steps; ++i, place += advance) seen = max(seen, value_at(place));
  color.rgb = vec3(window(seen));
#elif defined MODE_minip
  float seen = value_at(end);
  for (int i = 0; i < steps; ++i, place += advance) seen = min(seen, value_at(place));
  color.rgb = vec3(window(seen));
#elif defined MODE_average
  float sum = rest * value_at(end);
  for (int i = 0; i < steps; ++i, place += advance) sum += value_at(place);
  color.rgb = vec3(window(sum / (leave - enter)));
#else
  float passes = 1.0, light = 0.0;
  for (int i = 0; i <= steps && passes > 0.002; ++i, place += advance) {
    float shown = window(value_at(i < steps ? place : end));
    float alpha = opacity * shown * (i < steps ? 1.0 : rest);
    light += passes * alpha * shown;
    passes *= 1.0 - alpha;
  }
  color.rgb = vec3(light);
#endif
}
"""

context = moderngl.create_context(standalone=True, backend="egl")
if "llvmpipe" not in context.info["GL_RENDERER"]:
    sys.exit(f"llvmpipe was asked for, this is {context.info['GL_RENDERER']}")
texture = context.texture3d(size, 1, np.fromfile(path, np.uint8).tobytes(), alignment=1)
texture.filter = (moderngl.LINEAR, moderngl.LINEAR)
texture.repeat_x = texture.repeat_y = texture.repeat_z = False
texture.use(0)
target = context.framebuffer([context.renderbuffer((width, height))])
target.use()


def make(mode):
    program = context.program(vertex_shader=VERTEX, fragment_shader=FRAGMENT % mode)
    uniforms = {"size": size, "low": LOW / 255, "high": HIGH / 255, "opacity": opacity}
    for name, value in uniforms.items():
        if name in program:
            program[name].value = tuple(value) if isinstance(value, list) else value
    return program, context.vertex_array(program, [])


def aim(program, azimuth):
    azimuth, elevation = math.radians(azimuth), math.radians(ELEVATION)
    away = np.array([math.sin(azimuth) * math.cos(elevation), -math.cos(azimuth) * math.cos(elevation), math.sin(elevation)])
    forward = -away
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    tangent = math.tan(math.radians(FIELD_OF_VIEW) / 2)
    vectors = {"eye": center + distance * away, "forward": forward, "right": right * tangent * width / height,
               "up": np.cross(right, forward) * tangent}
    for name, value in vectors.items():
        program[name].value = tuple(value)


scenes = {}
for line in sys.stdin:
    word, argument = line.split()
    if word == "save":
        pixels = np.frombuffer(target.read(components=3), np.uint8)
        pixels.reshape(height, width, 3)[::-1].tofile(argument)
        print("saved", flush=True)
        continue
    first = word not in scenes
    program, array = scenes.setdefault(word, make(word)) if first else scenes[word]
    aim(program, float(argument))
    if first:  # the first picture compiles
        array.render(moderngl.TRIANGLES, vertices=3)
        context.finish()
    before = time.process_time()
    array.render(moderngl.TRIANGLES, vertices=3)
    context.finish()
    print((time.process_time() - before) * 1e3, flush=True)
