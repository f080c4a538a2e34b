// ndcast schema: the wire protocol as JSON Schema; with --roles, who may do what; with --keys, the state keys as a
// table.

#include "protocol/schema.h"

#include <cstdio>

#include "protocol/key_forms.h"
#include "server/commands.h"
#include "server/role_listing.h"

namespace ndcast::server {

int run(const SchemaOptions& options) {
  switch (options.what) {
    case SchemaOptions::What::Protocol:
      fmt::print("{}\n", to_pretty_string(protocol::schema_json()));
      break;
    case SchemaOptions::What::RolesJson:
      fmt::print("{}\n", to_pretty_string(roles_json()));
      break;
    case SchemaOptions::What::RolesText:
      fmt::print("{}", roles_text());
      break;
    case SchemaOptions::What::Keys:
      fmt::print("{}", protocol::key_table_markdown());
      break;
  }
  return 0;
}

}  // namespace ndcast::server
