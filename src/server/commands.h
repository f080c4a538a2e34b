#pragma once
// What each command does. Each returns the exit status: 0 when all went well, 1 with a sentence on standard error.

#include "server/options.h"

namespace ndcast::server {

int run(const ServeOptions& options);
int run(const InfoOptions& options);
int run(const ValidateOptions& options);
int run(const RenderOptions& options);
int run(const SchemaOptions& options);
int run(const TokenCreateOptions& options);
int run(const TokenInspectOptions& options);
int run(const JournalOptions& options);
int run(const ImportCommandOptions& options);

}  // namespace ndcast::server
