#pragma once
// As much of Yjs' update format, version 1, as a map of numbers needs: each slider is a key of the map "m", written by
// one client, whose n-th item replaces its (n-1)-th. Formats: yjs/src/utils/UpdateEncoder.js, structs/Item.js,
// lib0/encoding.js.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace ndcast::bench {

/// One writer's end of its own key.
class YjsWriter {
 public:
  /// `client` is a Yjs client id that nobody else has.
  explicit YjsWriter(std::uint32_t client) : client_(client) {}
  /// The update that sets `key` to `value`; always the same key.
  std::string set(std::string_view key, double value);

 private:
  const std::uint32_t client_;
  std::uint32_t clock_ = 0;
};

/// Applies updates and tells what they set. Throws std::runtime_error for what is no map of numbers.
class YjsReader {
 public:
  using OnSet = std::function<void(std::string_view key, double value)>;
  explicit YjsReader(OnSet on_set) : on_set_(std::move(on_set)) {}
  void apply(std::string_view update);

 private:
  struct Told {
    std::string key;
    double value = 0;
  };
  void read_item(class YjsBytes& bytes, std::uint64_t client, std::vector<Told>& told);

  const OnSet on_set_;
  std::map<std::uint64_t, std::string> key_of_client_;  ///< items after a client's first name their key by their origin
};

// lib0's variable-length integers and strings, for the messages around the updates.
void append_var_uint(std::string& out, std::uint64_t value);
void append_var_string(std::string& out, std::string_view text);

class YjsBytes {
 public:
  explicit YjsBytes(std::string_view bytes) : bytes_(bytes) {}
  unsigned char byte() { return static_cast<unsigned char>(take(1).front()); }
  std::uint64_t var_uint();
  std::int64_t var_int();
  std::string_view var_string() { return take(var_uint()); }
  std::string_view take(std::size_t size);
  bool empty() const { return bytes_.empty(); }

 private:
  std::string_view bytes_;
};

}  // namespace ndcast::bench
