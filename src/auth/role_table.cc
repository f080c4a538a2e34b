#include "auth/role_table.h"

namespace ndcast::auth {

std::string_view to_string(Reach reach) {
  switch (reach) {
    case Reach::Never:
      return "never";
    case Reach::OwnView:
      return "own view";
    case Reach::Always:
      return "always";
  }
  return "never";
}

}  // namespace ndcast::auth
