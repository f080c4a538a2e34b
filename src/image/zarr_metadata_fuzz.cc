// Foreign metadata: the same bytes as zarr.json, .zarray and .zattrs, through everything that opens or lists images.

#include <cstdint>

#include "base/log.h"
#include "image/image.h"
#include "image/info.h"
#include "image/memory_store.h"
#include "image/validate.h"

namespace {

constexpr std::string_view kPlane = R"({"zarr_format":2,"shape":[8,8],"chunks":[8,8],"dtype":"|u1","fill_value":0,
  "order":"C","compressor":null,"filters":null})";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast;
  using namespace ndcast::image;
  static const bool quiet = set_log_level("off").has_value();
  static_cast<void>(quiet);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto v3 = std::make_shared<MemoryStore>();
  v3->put("zarr.json", text);
  v3->put("0/zarr.json", text);
  const auto v2 = std::make_shared<MemoryStore>();
  v2->put(".zattrs", text);
  v2->put("0/.zarray", text);
  v2->put(".zmetadata", text);
  v2->put("labels/.zattrs", text);
  v2->put("A/1/.zattrs", text);
  v2->put("A/1/0/.zattrs", text);
  v2->put("A/1/0/0/.zarray", kPlane);
  for (const std::shared_ptr<const Store>& store :
       {std::shared_ptr<const Store>(v3), std::shared_ptr<const Store>(v2)}) {
    static_cast<void>(info_json(store, "", false));
    for (const auto& found : {validate(store, ""), validate(store, "0")}) {
      if (found) static_cast<void>(to_string(validation_json(*found)));
    }
    for (const char* path : {"", "0"}) {
      const auto image = open_image(store, path, "fuzz");
      if (!image) continue;
      for (const ImageLevel& level : (*image)->levels) {
        const std::vector<std::int64_t> first(level.array->shape().size(), 0);
        static_cast<void>(level.array->read_chunk(first));
      }
    }
  }
  return 0;
}
