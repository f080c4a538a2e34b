#include "scene/intent.h"

namespace ndcast::scene {

std::string_view to_string(StateCode code) {
  switch (code) {
    case StateCode::Invalid:
      return "state.invalid";
    case StateCode::UnknownTarget:
      return "state.unknown_target";
    case StateCode::Stale:
      return "state.stale";
    case StateCode::Forbidden:
      return "state.forbidden";
    case StateCode::Unsupported:
      return "state.unsupported";
    case StateCode::RateLimited:
      return "rate.limited";
    case StateCode::Error:
      return "state.error";
  }
  return "state.error";
}

}  // namespace ndcast::scene
