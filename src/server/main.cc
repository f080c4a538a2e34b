// ndcast: one binary, one command a job.

#include "base/allocator.h"
#include "server/commands.h"
#include "server/options.h"

int main(int argc, char** argv) {
  ndcast::give_large_blocks_back();
  const auto parsed = ndcast::server::parse_command_line(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  return std::visit([](const auto& options) { return ndcast::server::run(options); },
                    std::get<ndcast::server::Command>(parsed));
}
