#pragma once
// A render thread ("render-cpu") and what it draws with: the renderer, the pool that assembles voxels, the pictures.
// Rooms reach it through a RenderWorker each. When one picture takes longer than anything should, the thread is left to
// itself and another one, with a new renderer, begins all scenes anew.
//
//   const auto device = std::make_shared<RenderDevice>(std::move(renderer), loader, clock, make_another);
//   RenderWorker one(device, …), other(device, …);

#include <chrono>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "image/chunk_loader.h"
#include "render/engine/render_worker.h"
#include "render/renderer.h"

namespace ndcast::render {

class RenderDevice {
 public:
  using MakeRenderer = std::function<Result<std::unique_ptr<Renderer>>()>;
  /// No picture that fits the limits takes so long on any machine that serves people.
  static constexpr std::chrono::milliseconds kHangAfter{20'000};

  /// `clock` outlives the device. Without `again` a renderer that hangs is waited for.
  RenderDevice(std::unique_ptr<Renderer> renderer, std::shared_ptr<image::ChunkLoader> loader, const Clock& clock,
               MakeRenderer again = {}, std::chrono::milliseconds hang_after = kHangAfter);
  /// Waits for the frame in progress, not for one that hung. Every worker is gone by then: they share the device.
  ~RenderDevice();
  RenderDevice(const RenderDevice&) = delete;
  RenderDevice& operator=(const RenderDevice&) = delete;

 private:
  friend class RenderWorker;
  friend class RenderEngine;
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace ndcast::render
