#include "render/renderer.h"

#include "render/cpu/renderer.h"
#include "render/null_renderer.h"
#include "render/reference/renderer.h"

namespace ndcast::render {

Result<std::unique_ptr<Renderer>> make_renderer(std::string_view name, std::size_t threads) {
  if (name == "cpu") return std::make_unique<CpuRenderer>(threads);
  if (name == "reference") return std::make_unique<ReferenceRenderer>();
  if (name == "null") return std::make_unique<NullRenderer>();
  return fail(ErrorCode::NotFound, "no renderer \"{}\"; there are reference, cpu, null", name);
}

}  // namespace ndcast::render
