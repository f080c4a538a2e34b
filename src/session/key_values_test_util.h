#pragma once
// A good value for every key of state.update, and what it becomes, over the scene of reduce/test_scene.h.

#include <array>
#include <string_view>

#include <gtest/gtest.h>

#include "base/json.h"

namespace ndcast::session::testing {

struct GoodValue {
  std::string_view scope;
  std::string_view key;
  std::string_view value;    ///< JSON
  std::string_view applied;  ///< JSON of the ack's applied_value
};

inline constexpr std::array kGoodValues = {
    GoodValue{"view", "ndisplay", "3", "3"},
    GoodValue{"view", "order", "[1,0,2,3]", "[1,0,2,3]"},
    GoodValue{"view", "canvas", R"({"width":641,"height":480})", R"({"width":640,"height":480,"dpr":1})"},
    GoodValue{"dims", "index", "7", "7"},
    GoodValue{"dims", "step", "1", "26"},
    GoodValue{"dims", "margin_left", "2.5", "2.5"},
    GoodValue{"dims", "margin_right", "2", "2"},
    GoodValue{"dims", "play", R"({"fps":12,"loop":" PingPong "})", R"({"fps":12,"loop":"pingpong"})"},
    GoodValue{"camera", "zoom", R"({"factor":0.5,"anchor_px":[1,2]})", R"({"factor":0.5,"anchor_px":[1,2]})"},
    GoodValue{"camera", "pan", R"({"dx_px":1,"dy_px":2})", R"({"dx_px":1,"dy_px":2})"},
    GoodValue{"camera", "orbit", R"({"d_az_deg":1,"d_el_deg":2})", R"({"d_az_deg":1,"d_el_deg":2})"},
    GoodValue{"camera", "reset", "null", R"({"reason":"state.update"})"},
    GoodValue{"camera", "set", R"({"center":[1,2]})", R"({"center":[1,2]})"},
    GoodValue{"layer", "name", R"(" nuclei ")", R"("nuclei")"},
    GoodValue{"layer", "order", "1", "1"},
    GoodValue{"layer", "visible", R"("off")", "false"},
    GoodValue{"layer", "opacity", "0.5", "0.5"},
    GoodValue{"layer", "blending", R"(" Additive ")", R"("additive")"},
    GoodValue{"layer", "interpolation", R"("bessel")", R"("cubic")"},
    GoodValue{"layer", "gamma", "2", "2"},
    GoodValue{"layer", "contrast_limits", R"({"lo":5,"hi":1})", "[1,5]"},
    GoodValue{"layer", "colormap", R"({"name":"Viridis"})", R"("viridis")"},
    GoodValue{"layer", "rendering", R"({"name":"ISO"})", R"("iso")"},
    GoodValue{"layer", "depiction", R"("Plane")", R"("plane")"},
    GoodValue{"layer", "attenuation", "0.2", "0.2"},
    GoodValue{"layer", "iso_threshold", "-100", "-100"},
    GoodValue{"layer", "projection_mode", R"("mean")", R"("mean")"},
    GoodValue{"layer", "plane", R"({"position":[1,2,3],"normal":[0,0,-2]})",
              R"({"position":[1,2,3],"normal":[0,0,-1]})"},
    GoodValue{"layer", "plane_thickness", "3", "3"},
    GoodValue{"layer", "sample_step", "0.5", "0.5"},
    GoodValue{"layer", "opacity_curve", "[[900,2],[100,0]]", "[[100,0],[900,1]]"},
    GoodValue{"layer", "scale", "[1,2,-0.5,0.25]", "[1,2,-0.5,0.25]"},
    GoodValue{"layer", "translate", "[0,10,0,0]", "[0,10,0,0]"},
    GoodValue{"layer", "clip_planes", R"([{"position":[1,2,3],"normal":[0,0,2],"enabled":true}])",
              R"([{"position":[1,2,3],"normal":[0,0,1],"enabled":true}])"},
    GoodValue{"layer", "contour", "2", "2"},
    GoodValue{"layer", "selected_label", "7", "7"},
    GoodValue{"layer", "show_selected_label", "true", "true"},
    GoodValue{"volume", "opacity", "0.5", "0.5"},
    GoodValue{"volume", "contrast_limits", "[5,1]", "[1,5]"},
    GoodValue{"volume", "colormap", R"("magma")", R"("magma")"},
    GoodValue{"volume", "rendering", R"("translucent")", R"("translucent")"},
    GoodValue{"volume", "sample_step", "2", "2"},
    GoodValue{"multiscale", "level", "1", "1"},
    GoodValue{"multiscale", "bias", "-1", "-1"},
    GoodValue{"settings", "fps_target", "24", "24"},
    GoodValue{"settings", "bitrate", "2000000", "2000000"},
    GoodValue{"settings", "quality", "0.5", "0.5"},
    GoodValue{"settings", "refine_still", "false", "false"},
};

inline Json good_value(std::string_view scope, std::string_view key) {
  for (const GoodValue& row : kGoodValues) {
    if (row.scope == scope && row.key == key) return *parse_json(row.value);
  }
  ADD_FAILURE() << "a key without a good value: " << scope << " " << key;
  return nullptr;
}

}  // namespace ndcast::session::testing
