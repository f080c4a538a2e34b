// What people type behind "#" of a URI.

#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "image/address.h"
#include "image/store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::image;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto choice = parse_choice(text)) {
    ND_CHECK(choice->path.empty() || check_key(choice->path).has_value());
    ND_CHECK(choice->field.value_or(0) >= 0 && choice->series.value_or(0) >= 0);
  }
  return 0;
}
