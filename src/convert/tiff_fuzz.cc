#include "convert/fuzz_file.h"
#include "convert/ome_xml.h"
#include "convert/tiff_source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ndcast::convert;
  // What begins as text is a description, so that the fuzzer finds into OME-XML without the TIFF around it.
  if (size > 0 && data[0] == '<') {
    static_cast<void>(parse_ome_xml({reinterpret_cast<const char*>(data), size}, 0, "fuzz"));
    return 0;
  }
  look_at(open_tiff(fuzz_file(data, size)));
  return 0;
}
