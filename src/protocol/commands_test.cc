#include "protocol/commands.h"

#include <gtest/gtest.h>

#include "protocol/ack.h"

namespace ndcast::protocol {
namespace {

TEST(Commands, a_call_is_read_with_its_defaults) {
  const auto call = parse_call(*parse_json(R"({"command":"fs.listdir","kwargs":{"path":"/d"},"idempotency_key":"x"})"));
  ASSERT_TRUE(call);
  EXPECT_EQ(call->command, "fs.listdir");
  EXPECT_TRUE(call->args.empty());
  EXPECT_EQ(call->kwargs.find("path")->string(), "/d");
  const auto bare = parse_call(*parse_json(R"({"command":"x","args":[1],"kwargs":null,"origin":"menu"})"));
  ASSERT_TRUE(bare);
  EXPECT_TRUE(bare->kwargs.is_object());
  EXPECT_EQ(bare->args.size(), 1u);
  EXPECT_EQ(bare->origin, "menu");
}

TEST(Commands, calls_that_are_wrong) {
  const auto message = [](std::string_view text) { return parse_call(*parse_json(text)).error().message; };
  EXPECT_EQ(message("{}"), "payload.command is missing, expected a command's name");
  EXPECT_EQ(message(R"({"command":7})"), "payload.command: expected a name of 1 to 256 bytes, found number 7");
  EXPECT_EQ(message(R"({"command":""})"), "payload.command: expected a name of 1 to 256 bytes, found string \"\"");
  EXPECT_EQ(message(R"({"command":"x","args":{}})"), "payload.args: expected an array, found object");
  EXPECT_EQ(message(R"({"command":"x","kwargs":[1]})"), "payload.kwargs: expected an object, found array of 1");
  EXPECT_EQ(message(R"({"command":"x","origin":1})"),
            "payload.origin: expected a string of at most 256 bytes, found number 1");
}

TEST(Commands, answers) {
  EXPECT_EQ(to_string(reply_payload("cmd-1", std::nullopt)), R"({"in_reply_to":"cmd-1","status":"ok"})");
  EXPECT_EQ(to_string(reply_payload("cmd-1", Json::make_object({{"ok", true}}))),
            R"({"in_reply_to":"cmd-1","status":"ok","result":{"ok":true}})");
  EXPECT_EQ(to_string(error_payload("cmd-1", {CommandCode::NotFound, "unknown command 'x'", nullptr})),
            R"({"in_reply_to":"cmd-1","status":"error","code":"command.not_found","message":"unknown command 'x'"})");
  EXPECT_EQ(to_string(error_payload("c", {CommandCode::ZarrDisambiguate, "m", Json::make_object({{"path", "p"}})})),
            R"({"in_reply_to":"c","status":"error","code":"zarr.disambiguate","message":"m","details":{"path":"p"}})");
}

TEST(Commands, codes) {
  const char* const words[] = {"command.forbidden", "command.not_found", "command.invalid",
                               "command.retryable", "command.timeout",   "fs.not_found",
                               "fs.forbidden",      "zarr.invalid",      "zarr.disambiguate"};
  for (int i = 0; i < 9; ++i) EXPECT_EQ(to_string(static_cast<CommandCode>(i)), words[i]);
}

TEST(Ack, WP8_accepted_and_rejected) {
  EXPECT_EQ(to_string(accepted_payload("i", "s", 5, 7)),
            R"({"intent_id":"i","in_reply_to":"s","status":"accepted","applied_value":5,"version":7})");
  EXPECT_EQ(to_string(accepted_payload("i", "s", nullptr, 7)),
            R"({"intent_id":"i","in_reply_to":"s","status":"accepted","applied_value":null,"version":7})");
  EXPECT_EQ(to_string(rejected_payload("i", "s", {scene::StateCode::Invalid, "unsupported layer key foo"},
                                       Json::make_object({{"key", "foo"}}))),
            R"({"intent_id":"i","in_reply_to":"s","status":"rejected","error":{"code":"state.invalid",)"
            R"("message":"unsupported layer key foo","details":{"key":"foo"}}})");
  EXPECT_EQ(
      to_string(rejected_payload("i", "s", {scene::StateCode::RateLimited, "slow"})),
      R"({"intent_id":"i","in_reply_to":"s","status":"rejected","error":{"code":"rate.limited","message":"slow"}})");
}

}  // namespace
}  // namespace ndcast::protocol
