#pragma once
// The rules of OME-NGFF by topic, each over one metadata object. They say everything that is wrong, where the reader
// stops at the first thing it cannot read.

#include "image/node.h"
#include "image/validate_report.h"

namespace ndcast::image {

/// "multiscales": axes, datasets, transformations.
void check_multiscales(const Json& list, Report& report);
/// "omero": channels and their windows.
void check_omero(const Json& omero, Report& report);
/// "labels" of a labels group, "image-label" of a label image.
void check_labels(const Json& labels, Report& report);
void check_image_label(const Json& label, Report& report);
/// "plate", "well", "bioformats2raw.layout".
void check_plate(const Json& plate, Report& report);
void check_well(const Json& well, Report& report);
void check_layout(const Json& layout, Report& report);

/// Everything above that `ome` holds.
void check_document(const Json& ome, Report& report);

/// The version whose rules hold for a node: its own if that is 0.4 or 0.5, else that of its zarr format. Reports a
/// version that is missing, not known or not that of the zarr format.
int check_version(const Node& node, Validation& out);

// --- what the rules share ---

/// The list, or null after having reported that it is none (or shorter than `least`).
const Json::Array* list_of(const Json* value, const std::string& key, std::size_t least, std::string_view section,
                           Report& report);
/// The string, or null after having reported that it is none. An absent one is reported too if `required`.
const std::string* string_of(const Json& object, std::string_view name, const std::string& key, bool required,
                             std::string_view section, Report& report);
/// An integer of at least `least`; what is absent, or null, is reported only if `required`.
std::optional<std::int64_t> integer_of(const Json& object, std::string_view name, const std::string& key,
                                       std::int64_t least, bool required, std::string_view section, Report& report);

}  // namespace ndcast::image
