#pragma once
// Those who do wrong, one kind at a time, as hard as one processor can.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace ndcast::bench {

struct Target {
  std::uint16_t port = 0;
  std::string token;  ///< of an admin
};

/// Attacks until `stop`.
using AttackFunction = void (*)(const Target& target, const std::atomic<bool>& stop);

struct Attack {
  std::string name;
  AttackFunction begin = nullptr;  ///< null: nobody attacks
};

/// The one of nobody first.
const std::vector<Attack>& attacks();

/// Attacks while it lives, on a thread of its own.
class Attackers {
 public:
  Attackers(AttackFunction begin, const Target& target);
  ~Attackers();
  Attackers(const Attackers&) = delete;
  Attackers& operator=(const Attackers&) = delete;

 private:
  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

}  // namespace ndcast::bench
