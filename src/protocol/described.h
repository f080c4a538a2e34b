#pragma once
// C++ structs as JSON: one declaration gives a type its printer, its strict parser and its JSON Schema, so the three
// cannot disagree.
//
//   struct Actor { std::string name; std::optional<int> colour; };
//   NDCAST_DESCRIBE(Actor, (name, colour))                        // in Actor's namespace
//
//   Json json = described::print(Actor{"ada"});                   // {"name":"ada"}
//   Result<Actor> actor = described::parse<Actor>(json, "actor");
//   Json schema = described::schema<Actor>(definitions);          // {"$ref":"#/$defs/Actor"}
//
// Members may be bool, integers, double, string, Json (anything), enumerations with words, optional, vector, array,
// map from string, and other described structs. An optional member that is empty is left out, unless its struct says
// with NDCAST_NULL_WHEN_ABSENT that null is printed. Parsers refuse unknown members, unless NDCAST_OPEN.

#include "protocol/described_core.h"
#include "protocol/described_parse.h"
#include "protocol/described_print.h"
#include "protocol/described_schema.h"
