#pragma once
// A client of the original dialect: keeps what notify.* frames say as its own program would, checks their cursors, and
// comes back with resume tokens.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "base/json.h"
#include "tests/sim/violations.h"

namespace ndcast::sim {

class OriginalPlayer {
 public:
  OriginalPlayer(std::string name, Violations& violations) : name_(std::move(name)), violations_(violations) {}

  Json hello(bool resumes);
  void on_frame(const Json& frame);
  Json update(std::string_view scope, std::string_view target, std::string_view key, Json value);

  bool is_live() const { return live_; }
  const std::string& session() const { return session_; }
  std::size_t unanswered() const { return sent_.size(); }

  /// The newest payload of notify.dims and notify.level, and the newest pose of notify.camera.
  const Json& dims() const { return dims_; }
  const Json& level() const { return level_; }
  const Json& pose() const { return pose_; }
  /// layer_id → control → value, merged from baselines and deltas.
  const std::map<std::string, std::map<std::string, std::string>>& layers() const { return layers_; }

 private:
  void fail(const std::string& what) { violations_.add(name_ + ": " + what); }
  void on_welcome(const Json& frame);
  void on_ack(const Json& payload);
  void note_cursor(const std::string& topic, const Json& frame);
  void on_layers(const Json& payload);
  void on_camera(const Json& frame);

  const std::string name_;
  Violations& violations_;
  std::string session_;
  bool live_ = false;
  bool baseline_ = false;  ///< the frames that a connection, or a new scene, begins with are coming
  std::map<std::string, std::string> tokens_;
  std::map<std::string, std::int64_t> seqs_;
  std::map<std::string, std::string> sent_;
  Json dims_;
  Json level_;
  Json pose_;
  std::map<std::string, std::map<std::string, std::string>> layers_;
  std::uint64_t number_ = 0;
};

}  // namespace ndcast::sim
