// Foreign archives: every entry of whatever directory can be read is read, whole and in part.

#include <span>

#include "base/check.h"
#include "image/memory_store.h"
#include "image/zip_directory.h"
#include "image/zip_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::image;
  const auto bytes = std::as_bytes(std::span(data, size));
  const auto memory = std::make_shared<MemoryStore>();
  memory->put("a.zip", Bytes(bytes.begin(), bytes.end()));
  const auto directory = ZipDirectory::read(*memory, "a.zip");
  const auto store = ZipStore::open(memory, "a.zip");
  ND_CHECK(directory.has_value() == store.has_value());
  if (!store) return 0;
  static_cast<void>((*store)->list(""));
  for (const ZipEntry& entry : directory->entries()) {
    const std::string name(entry.name);
    if (!check_key(name)) continue;
    const auto found = directory->find(name);
    ND_CHECK(found != nullptr);
    if (found->size > 1 << 20) continue;
    const auto part = (*store)->get(name, ByteRange::suffix(found->size / 2));
    const auto whole = (*store)->get(name);
    if (whole) ND_CHECK(whole->has_value() && (*whole)->size() == found->size);
    if (part) ND_CHECK(part->has_value() && (*part)->size() == found->size / 2);
  }
  return 0;
}
