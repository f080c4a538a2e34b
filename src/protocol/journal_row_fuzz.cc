// Rows and checkpoints of a journal: what is accepted prints to what reads back the same.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "protocol/journal_row.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::protocol;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto changes = changes_from_text(text)) {
    std::vector<JournalChangeView> views;
    for (const JournalChange& change : *changes) views.push_back({&change.id, &change.before, &change.after});
    const auto again = changes_from_text(changes_to_text(views));
    ND_CHECK(again && *again == *changes);
  }
  if (const auto registers = registers_from_text(text)) {
    const auto again = registers_from_text(registers_to_text(*registers));
    ND_CHECK(again && again->size() == registers->size());
  }
  return 0;
}
