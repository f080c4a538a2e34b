#include "bench/decode/side.h"

#include <cstdlib>
#include <ctime>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ndcast::bench {

namespace {

double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

}  // namespace

void serve_side(Side& side) {
  fmt::print("check {} \n", side.check());
  side.pass();
  std::fflush(stdout);
  char line[64];
  while (std::fgets(line, sizeof line, stdin)) {
    const double before = processor_seconds();
    const double seconds = side.pass();
    fmt::print("{} {}\n", seconds, processor_seconds() - before);
    std::fflush(stdout);
  }
}

SideProcess::SideProcess(const std::vector<std::string>& command, const SideTask& task) : name_(command.back()) {
  std::vector<std::string> words = command;
  words.insert(words.end(), {task.folder.string(), task.layout, std::string(name_of(task.codec)),
                             std::to_string(task.threads), std::to_string(task.layers)});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(in[0], 0);
    ::dup2(out[1], 1);
    ::execvp(arguments[0], arguments.data());
    fmt::print("absent {} cannot be started\n", arguments[0]);
    std::fflush(stdout);
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  to_ = ::fdopen(in[1], "w");
  from_ = ::fdopen(out[0], "r");
  const std::string line = read_line();
  if (line.starts_with("absent ")) {
    absent_ = line.substr(7);
  } else if (line.starts_with("check ")) {
    std::size_t end = 0;
    check_ = std::stoull(line.substr(6), &end);
    way_ = line.size() > 7 + end ? line.substr(7 + end) : "";
  } else {
    throw std::runtime_error(fmt::format("{} said \"{}\"; expected \"check\" or \"absent\"", name_, line));
  }
}

SideProcess::~SideProcess() {
  if (to_) std::fclose(to_);
  if (from_) std::fclose(from_);
  ::waitpid(child_, nullptr, 0);
}

Pass SideProcess::pass() {
  std::fputs("go\n", to_);
  std::fflush(to_);
  const std::string line = read_line();
  std::size_t end = 0;
  const double seconds = std::stod(line, &end);
  return {seconds, std::stod(line.substr(end))};
}

std::string SideProcess::read_line() {
  char line[4096];
  if (!std::fgets(line, sizeof line, from_)) throw std::runtime_error(name_ + " broke off");
  std::string out(line);
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

}  // namespace ndcast::bench
