// Payloads of state.update, scene files and register values.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "protocol/original.h"
#include "protocol/scene_file.h"
#include "protocol/state_update.h"
#include "protocol/test_scene.h"
#include "protocol/values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast;
  static const protocol::testing::TestScene scene;
  const auto snapshot = scene.snapshot();
  const auto json = parse_json({reinterpret_cast<const char*>(data), size}, {.max_bytes = 65536, .max_depth = 16});
  if (!json) return 0;
  if (const auto update = protocol::parse_state_update(*json, *snapshot, scene::kMainView)) {
    (void)to_string(update->echo);
    (void)protocol::from_original(update->intent, *snapshot, update->view);
  }
  (void)to_string(protocol::refusal_details(*json));
  if (const auto file = protocol::scene_from_json(*json)) {
    for (const auto& [id, value] : *file) (void)to_string(protocol::to_json(value));
  }
  for (const scene::KeySpec& spec : scene::key_table()) {
    const auto value = protocol::value_from_json(spec.type, *json);
    if (value) ND_CHECK(protocol::value_from_json(spec.type, protocol::to_json(*value)) == *value);
  }
  return 0;
}
