// SPDX-License-Identifier: Apache-2.0
// The members of a record that tell of parts of pictures, of features and of embeddings, for scans
// and for whatever else prints a match or a signal.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "semblance/embedding.h"
#include "semblance/extract.h"
#include "semblance/features.h"
#include "semblance/match.h"
#include "semblance/probe.h"

namespace semblance::scanner {

/// The word of a kind of signal, of an embedding with its model: `embedding:gist`.
std::string kind_word(SignalKind kind, std::string_view model);

/// A figure as a record shows it, with four decimals at most: two runs compare equal.
double four_decimals(double value);

/// What part of a picture it is: `kind`, and `window`, [left, top, width, height] in parts of the
/// picture's sides.
nlohmann::ordered_json part_json(const Probe& part);

/// The hash of a part, as of a whole picture, and with `part`.
nlohmann::ordered_json probe_json(const ProbeSignal& signal);

/// What a record says of a set of features, whose places and values it does not hold.
nlohmann::ordered_json features_json(const FeatureSet& set);

/// An embedding, with its `value_b64` if it is `whole`: floats of 4 bytes, little-endian.
nlohmann::ordered_json embedding_json(const EmbeddingSignal& signal, bool whole);

/// Sets what says how near a match is, whatever its kind: `distance`, `max_distance` and
/// `transform`; of an embedding `cosine`, `least_cosine` and `transform`; of TMK and of features,
/// of which other members tell, nothing.
void set_nearness(nlohmann::ordered_json& json, const Match& match);

/// Sets what a match of pictures may have: `query_part`, `entry_part` and `geometry`.
void set_picture_fields(nlohmann::ordered_json& json, const Match& match);

}  // namespace semblance::scanner
