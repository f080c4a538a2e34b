// ndcast schema: the wire protocol as JSON Schema.

#include "protocol/schema.h"

#include <cstdio>

#include "server/commands.h"

namespace ndcast::server {

int run(const SchemaOptions&) {
  fmt::print("{}\n", to_pretty_string(protocol::schema_json()));
  return 0;
}

}  // namespace ndcast::server
