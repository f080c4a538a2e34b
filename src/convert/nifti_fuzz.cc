#include "convert/fuzz_file.h"
#include "convert/nifti.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ndcast::convert::look_at(ndcast::convert::open_nifti(ndcast::convert::fuzz_file(data, size)));
  return 0;
}
