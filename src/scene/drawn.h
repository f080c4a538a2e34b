#pragma once
// The words of enumerations that the renderers draw. Every word of the protocol is kept, shared and versioned; of those
// not listed here capabilities say so, and pictures show the nearest word that is drawn. render/renderer_test.cc holds
// every renderer to this list.

#include <algorithm>
#include <array>

#include "scene/types.h"

namespace ndcast::scene {

inline constexpr std::array kDrawnInterpolation = {Interpolation::Nearest, Interpolation::Linear};
inline constexpr std::array kDrawnDepiction = {Depiction::Volume};
inline constexpr std::array kDrawnProjection = {ProjectionMode::None};

template <class Words, class Word>
constexpr bool is_among(const Words& words, Word word) {
  return std::ranges::find(words, word) != words.end();
}

constexpr bool is_drawn(Blending) { return true; }
constexpr bool is_drawn(Interpolation word) { return is_among(kDrawnInterpolation, word); }
constexpr bool is_drawn(Rendering) { return true; }
constexpr bool is_drawn(Depiction word) { return is_among(kDrawnDepiction, word); }
constexpr bool is_drawn(ProjectionMode word) { return is_among(kDrawnProjection, word); }
/// The server plays every loop itself.
constexpr bool is_drawn(PlayLoop) { return true; }

/// What a picture shows for a word: the word itself, or the drawn one that looks most like it.
constexpr Interpolation drawn_as(Interpolation word) { return is_drawn(word) ? word : Interpolation::Linear; }

}  // namespace ndcast::scene
