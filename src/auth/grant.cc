#include "auth/grant.h"

namespace ndcast::auth {

std::string_view to_string(Denial denial) {
  switch (denial) {
    case Denial::Required:
      return "auth.required";
    case Denial::Invalid:
      return "auth.invalid";
    case Denial::Expired:
      return "auth.expired";
  }
  return "auth.invalid";
}

}  // namespace ndcast::auth
