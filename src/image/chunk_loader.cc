#include "image/chunk_loader.h"

#include <algorithm>
#include <cmath>
#include <condition_variable>
#include <deque>
#include <functional>
#include <limits>
#include <mutex>
#include <semaphore>
#include <set>
#include <stop_token>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "base/check.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/store_limits.h"
#include "base/thread_pool.h"

namespace ndcast::image {
namespace {

using OwnerId = ChunkLoader::OwnerId;

struct Urgency {
  LoadTier tier = LoadTier::Recent;
  float priority = 0;
  friend bool operator==(const Urgency&, const Urgency&) = default;
  /// Most urgent first.
  friend bool operator<(const Urgency& a, const Urgency& b) {
    return a.tier != b.tier ? a.tier < b.tier : a.priority > b.priority;
  }
};

Urgency urgency_of(const ChunkRequest& request) {
  // NaN would break the queue's order.
  const float priority = std::isnan(request.priority) ? -std::numeric_limits<float>::infinity() : request.priority;
  return {request.tier, priority};
}

struct Wish {
  OwnerId owner = 0;
  Urgency urgency;
};

/// A place in the queue; among equals the one that was wanted first.
struct Place {
  Urgency urgency;
  std::uint64_t sequence = 0;
  ChunkKey key;
  friend bool operator<(const Place& a, const Place& b) {
    if (a.urgency < b.urgency || b.urgency < a.urgency) return a.urgency < b.urgency;
    return a.sequence < b.sequence;
  }
};

/// Chunks that are read together: cut off when none of them is wanted any more.
struct Load {
  std::stop_source stop;
  std::size_t wanted = 0;  ///< jobs with a wish
};

/// A chunk that is wanted (in a queue) or loading (not in one).
struct Job {
  std::shared_ptr<const ZarrArray> array;
  std::vector<std::int64_t> chunk;
  std::vector<Wish> wishes;
  Place place;
  std::shared_ptr<Load> load;  ///< null while it is in the queue
  bool counted = false;        ///< in load->wanted

  bool remote() const { return array->concurrency() > 0; }
};

struct Owner {
  std::function<void()> on_progress;
  std::vector<ChunkKey> wanted;
  bool removed = false;
  bool notify_again = false;  ///< chunks arrived while on_progress was running
  std::thread::id running;    ///< the thread inside on_progress
};

ChunkKey key_of(const ZarrArray& array, std::span<const std::int64_t> chunk) {
  return {array.id(), linear_index(array.grid_shape(), chunk)};
}

const ChunkPtr& fill_chunk() {
  static const ChunkPtr chunk = std::make_shared<const DecodedChunk>(DecodedChunk{{}, true});
  return chunk;
}

}  // namespace

struct ChunkLoader::State {
  std::shared_ptr<ChunkCache> cache;
  std::vector<std::thread> threads;

  mutable std::mutex mutex;  ///< guards all below; never held while a chunk is read or on_progress runs
  std::condition_variable local_work;
  std::condition_variable remote_work;
  std::condition_variable notified;  ///< an on_progress returned
  std::unordered_map<ChunkKey, Job, ChunkKeyHash> jobs;
  std::set<Place> local_queue;
  std::set<Place> remote_queue;
  std::counting_semaphore<> decoders{1};  ///< one a local thread
  std::unordered_map<OwnerId, std::shared_ptr<Owner>> owners;
  std::unordered_set<ChunkKey, ChunkKeyHash> failed;
  std::deque<Failure> failures;
  Counters counters;
  OwnerId last_owner = 0;
  std::uint64_t last_sequence = 0;
  bool stopping = false;
  bool prefetches = true;
  bool remote_threads = false;  ///< started with the first remote chunk

  std::set<Place>& queue_of(const Job& job) { return job.remote() ? remote_queue : local_queue; }
  void start_threads(const char* name, std::size_t count, std::set<Place>& queue, std::condition_variable& work);
  void run(std::set<Place>& queue, std::condition_variable& work);
  std::vector<ChunkKey> take_group(std::set<Place>& queue);
  void load(std::unique_lock<std::mutex>& lock, const std::vector<ChunkKey>& keys);
  void finish(std::unique_lock<std::mutex>& lock, ChunkKey key, const Result<ChunkPtr>& chunk);
  void notify(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Owner>& owner);
  void want(OwnerId owner, ChunkRequest request, ChunkKey key);
  void forget_wishes(OwnerId owner, const std::vector<ChunkKey>& keys);
  void requeue(const std::vector<ChunkKey>& keys);
  void requeue(ChunkKey key, Job& job);
  void count(const Result<ChunkPtr>& chunk);
  void remember_failure(const Job& job, ChunkKey key, const Error& error);
};

void ChunkLoader::State::start_threads(const char* name, std::size_t count, std::set<Place>& queue,
                                       std::condition_variable& work) {
  for (std::size_t i = 0; i < count; ++i) {
    threads.emplace_back([this, i, name, &queue, &work] {
      set_thread_name(fmt::format("{}-{}", name, i + 1));
      yield_to_others();
      run(queue, work);
    });
  }
}

void ChunkLoader::State::run(std::set<Place>& queue, std::condition_variable& work) {
  std::unique_lock lock(mutex);
  for (;;) {
    work.wait(lock, [&] { return stopping || !queue.empty(); });
    if (stopping) return;
    load(lock, take_group(queue));
  }
}

/// The most urgent chunk and, over a network, others of its shard that are as urgent as their tier.
std::vector<ChunkKey> ChunkLoader::State::take_group(std::set<Place>& queue) {
  // Looked through under the lock: neighbours in a shard are near in the queue too.
  constexpr std::size_t kLookedAt = 256;
  constexpr std::size_t kGroup = 16;
  const Place first = *queue.begin();
  std::vector<ChunkKey> keys{first.key};
  queue.erase(queue.begin());
  const Job& job = jobs.at(first.key);
  if (!job.remote() || std::ranges::equal(job.array->object_shape(), job.array->chunk_shape())) return keys;
  const std::int64_t object = job.array->object_index(job.chunk);
  std::size_t looked_at = 0;
  for (auto it = queue.begin(); it != queue.end() && keys.size() < kGroup && ++looked_at < kLookedAt;) {
    const bool joins = it->urgency.tier == first.urgency.tier && it->key.array == first.key.array &&
                       job.array->object_index(jobs.at(it->key).chunk) == object;
    if (joins) keys.push_back(it->key);
    it = joins ? queue.erase(it) : std::next(it);
  }
  return keys;
}

void ChunkLoader::State::load(std::unique_lock<std::mutex>& lock, const std::vector<ChunkKey>& keys) {
  const auto reading = std::make_shared<Load>();
  std::vector<std::vector<std::int64_t>> positions;
  for (const ChunkKey key : keys) {
    Job& job = jobs.at(key);
    job.load = reading;
    job.counted = true;
    positions.push_back(job.chunk);
  }
  reading->wanted = keys.size();
  const auto array = jobs.at(keys.front()).array;
  const bool remote = array->concurrency() > 0;
  lock.unlock();
  ReadCost cost;
  const std::vector<Result<ChunkPtr>> chunks =
      array->read_chunks(positions, &cost, {reading->stop.get_token(), remote ? &decoders : nullptr});
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (chunks[i]) cache->insert(keys[i], *chunks[i]);
  }
  lock.lock();
  counters.bytes_read += cost.bytes_read;
  for (std::size_t i = 0; i < keys.size(); ++i) finish(lock, keys[i], chunks[i]);
}

void ChunkLoader::State::finish(std::unique_lock<std::mutex>& lock, ChunkKey key, const Result<ChunkPtr>& chunk) {
  if (!chunk && chunk.error().code == ErrorCode::Cancelled) {
    ++counters.chunks_cancelled;
    Job& job = jobs.at(key);
    job.load.reset();
    if (job.wishes.empty() || stopping) {
      jobs.erase(key);
      return;
    }
    // Somebody wants it after all.
    queue_of(job).insert(job.place);
    (job.remote() ? remote_work : local_work).notify_one();
    return;
  }
  count(chunk);
  const Job done = std::move(jobs.extract(key).mapped());
  if (!chunk) remember_failure(done, key, chunk.error());
  for (const Wish& wish : done.wishes) {
    if (wish.urgency.tier != LoadTier::Visible) continue;
    if (const auto it = owners.find(wish.owner); it != owners.end()) notify(lock, std::shared_ptr(it->second));
  }
}

/// Calls on_progress on this thread, unless another thread is inside it: then that one calls it once more.
void ChunkLoader::State::notify(std::unique_lock<std::mutex>& lock, const std::shared_ptr<Owner>& owner) {
  if (!owner->on_progress) return;
  owner->notify_again = true;
  if (owner->running != std::thread::id()) return;
  owner->running = std::this_thread::get_id();
  while (owner->notify_again && !owner->removed) {
    owner->notify_again = false;
    lock.unlock();
    owner->on_progress();
    lock.lock();
  }
  owner->running = {};
  notified.notify_all();
}

void ChunkLoader::State::count(const Result<ChunkPtr>& chunk) {
  if (!chunk) {
    ++counters.chunks_failed;
    return;
  }
  ++counters.chunks_loaded;
  counters.bytes_decoded += (*chunk)->data.size();
}

void ChunkLoader::State::remember_failure(const Job& job, ChunkKey key, const Error& error) {
  // Forgetting them all makes each fail, and be logged, once more; a set without end would be worse.
  if (failed.size() >= limits::kWantedChunks) failed.clear();
  failed.insert(key);
  log().warn("chunk [{}] of array \"{}\": {}", fmt::join(job.chunk, ", "), job.array->path(), error.message);
  failures.push_back({job.array->path(), job.chunk, error});
  if (failures.size() > limits::kLoadFailures) failures.pop_front();
}

/// Puts a job where its wishes say; drops or cuts off what nobody wants.
void ChunkLoader::State::requeue(ChunkKey key, Job& job) {
  if (job.load) {
    if (job.wishes.empty() && std::exchange(job.counted, false) && --job.load->wanted == 0) {
      job.load->stop.request_stop();
    }
    return;
  }
  queue_of(job).erase(job.place);
  if (job.wishes.empty()) {
    jobs.erase(key);
    return;
  }
  job.place.urgency = std::ranges::min_element(job.wishes, std::less<>(), &Wish::urgency)->urgency;
  queue_of(job).insert(job.place);
}

void ChunkLoader::State::requeue(const std::vector<ChunkKey>& keys) {
  for (const ChunkKey key : keys) {
    if (const auto it = jobs.find(key); it != jobs.end()) requeue(key, it->second);
  }
}

void ChunkLoader::State::want(OwnerId owner, ChunkRequest request, ChunkKey key) {
  const Urgency urgency = urgency_of(request);
  const auto [it, is_new] = jobs.try_emplace(key);
  Job& job = it->second;
  if (is_new) {
    job.array = std::move(request.array);
    job.chunk = std::move(request.chunk);
    job.place = {urgency, ++last_sequence, key};
    if (job.remote() && !remote_threads) {
      remote_threads = true;
      start_threads("fetch", limits::kRemoteReads, remote_queue, remote_work);
    }
  }
  job.wishes.push_back({owner, urgency});
  if (!job.load) return requeue(key, job);
  if (!std::exchange(job.counted, true)) ++job.load->wanted;
}

/// The jobs stay as they are until requeue().
void ChunkLoader::State::forget_wishes(OwnerId owner, const std::vector<ChunkKey>& keys) {
  for (const ChunkKey key : keys) {
    const auto it = jobs.find(key);
    if (it != jobs.end()) std::erase_if(it->second.wishes, [owner](const Wish& wish) { return wish.owner == owner; });
  }
}

ChunkLoader::ChunkLoader(std::shared_ptr<ChunkCache> cache, std::size_t threads) : state_(std::make_unique<State>()) {
  state_->cache = std::move(cache);
  const std::size_t count = std::max<std::size_t>(threads, 1);
  state_->decoders.release(static_cast<std::ptrdiff_t>(count) - 1);
  const std::lock_guard lock(state_->mutex);
  state_->start_threads("load", count, state_->local_queue, state_->local_work);
}

ChunkLoader::~ChunkLoader() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
    for (const auto& [key, job] : state_->jobs) {
      if (job.load) job.load->stop.request_stop();
    }
  }
  state_->local_work.notify_all();
  state_->remote_work.notify_all();
  for (std::thread& thread : state_->threads) thread.join();
}

ChunkLoader::OwnerId ChunkLoader::add_owner(std::function<void()> on_progress) {
  const std::lock_guard lock(state_->mutex);
  const OwnerId id = ++state_->last_owner;
  state_->owners[id] = std::make_shared<Owner>(Owner{.on_progress = std::move(on_progress)});
  return id;
}

void ChunkLoader::remove_owner(OwnerId owner) {
  std::unique_lock lock(state_->mutex);
  const auto it = state_->owners.find(owner);
  if (it == state_->owners.end()) return;
  const std::shared_ptr<Owner> removed = std::move(it->second);
  state_->owners.erase(it);
  removed->removed = true;
  state_->forget_wishes(owner, removed->wanted);
  state_->requeue(removed->wanted);
  ND_CHECK(removed->running != std::this_thread::get_id(), "an owner removed inside its own on_progress");
  state_->notified.wait(lock, [&] { return removed->running == std::thread::id(); });
}

std::size_t ChunkLoader::set_wanted(OwnerId owner, std::vector<ChunkRequest> requests) {
  const auto more_urgent = [](const ChunkRequest& a, const ChunkRequest& b) { return urgency_of(a) < urgency_of(b); };
  if (requests.size() > limits::kWantedChunks) {
    const auto end = requests.begin() + static_cast<std::ptrdiff_t>(limits::kWantedChunks);
    std::ranges::nth_element(requests, end, more_urgent);
    requests.erase(end, requests.end());
  }
  std::size_t available = 0;
  {
    const std::lock_guard lock(state_->mutex);
    const auto it = state_->owners.find(owner);
    if (it == state_->owners.end()) return 0;
    // First all new wishes, then what is left without one: a load that is still wanted goes on.
    const std::vector<ChunkKey> before = std::exchange(it->second->wanted, {});
    state_->forget_wishes(owner, before);
    std::unordered_set<ChunkKey, ChunkKeyHash> seen;
    for (ChunkRequest& request : requests) {
      if (request.tier == LoadTier::Prefetch && !state_->prefetches) continue;
      const ChunkKey key = key_of(*request.array, request.chunk);
      if (!seen.insert(key).second) continue;
      if (state_->failed.contains(key) || state_->cache->touch(key)) {
        if (request.tier == LoadTier::Visible) ++available;
        continue;
      }
      state_->want(owner, std::move(request), key);
      it->second->wanted.push_back(key);
    }
    state_->requeue(before);
  }
  state_->local_work.notify_all();
  state_->remote_work.notify_all();
  return available;
}

ChunkPtr ChunkLoader::find(const ZarrArray& array, std::span<const std::int64_t> chunk) {
  const ChunkKey key = key_of(array, chunk);
  if (ChunkPtr found = state_->cache->find(key)) return found;
  const std::lock_guard lock(state_->mutex);
  return state_->failed.contains(key) ? fill_chunk() : nullptr;
}

void ChunkLoader::set_prefetching(bool on) {
  const std::lock_guard lock(state_->mutex);
  state_->prefetches = on;
}

void ChunkLoader::retry_failed() {
  const std::lock_guard lock(state_->mutex);
  state_->failed.clear();
}

Result<ChunkPtr> ChunkLoader::load_now(const ZarrArray& array, std::span<const std::int64_t> chunk) {
  // Checked here too: read_chunk() refuses a position that key_of() may not see.
  const auto grid = array.grid_shape();
  if (!std::ranges::equal(chunk, grid, [](std::int64_t at, std::int64_t count) { return at >= 0 && at < count; })) {
    return array.read_chunk(chunk);
  }
  const ChunkKey key = key_of(array, chunk);
  if (ChunkPtr found = state_->cache->find(key)) return found;
  ReadCost cost;
  Result<ChunkPtr> loaded = array.read_chunk(chunk, &cost);
  if (loaded) state_->cache->insert(key, *loaded);
  const std::lock_guard lock(state_->mutex);
  state_->counters.bytes_read += cost.bytes_read;
  state_->count(loaded);
  if (loaded) state_->failed.erase(key);
  return loaded;
}

std::vector<ChunkLoader::Failure> ChunkLoader::failures() const {
  const std::lock_guard lock(state_->mutex);
  return {state_->failures.begin(), state_->failures.end()};
}

const ChunkCache& ChunkLoader::cache() const { return *state_->cache; }

ChunkLoader::Counters ChunkLoader::counters() const {
  const std::lock_guard lock(state_->mutex);
  Counters out = state_->counters;
  out.pending = state_->local_queue.size() + state_->remote_queue.size();
  return out;
}

}  // namespace ndcast::image
