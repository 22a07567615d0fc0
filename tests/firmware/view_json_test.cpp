#include "firmware/view_json.hpp"

#include <string>

#include <nlohmann/json.hpp>

#include "tests/firmware/support/sample_views.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::firmware;

namespace {

nlohmann::ordered_json json_of(const std::string& sample) {
  for (const auto& view : tests::sample_views(sale::Language::kZhCn)) {
    if (view.name == sample) {
      return screen_json(view.view);
    }
  }
  FAIL("no such sample");
  return {};
}

}  // namespace

TEST_GROUP(ViewJson){};

TEST(ViewJson, Result_HasItsFigures) {
  const auto json = json_of("result-redeemed");
  CHECK(json["screen"] == "result");
  CHECK(json["result"] == "approved");
  CHECK(json["message"] == "approved");
  LONGS_EQUAL(12850, json["bill"].get<long>());
  LONGS_EQUAL(68, json["earned"].get<long>());
  LONGS_EQUAL(6000, json["redeemed"].get<long>());
  LONGS_EQUAL(6413, json["balance"].get<long>());
  CHECK(json["receipt"] == "101-1-42");
  CHECK(json["member"]["expiring_on"] == "2026-12-31");
}

TEST(ViewJson, WhatIsNotKnown_IsNull) {
  const auto json = json_of("member-offline");
  CHECK(json["balance"].is_null());
  CHECK(json["result"].is_null());
  CHECK(json["member"]["id"].is_null());
  CHECK(json["member"]["expiring_on"].is_null());
  CHECK(json_of("idle")["member"].is_null());
}

TEST(ViewJson, TextThatIsNotUtf8_IsReplaced) {
  sale::CheckoutView view;
  view.typed = "\xFF";
  CHECK(to_line(screen_json(view)).find("\uFFFD") != std::string::npos);
}

TEST(ViewJson, TimeOfDay_IsNoChange) {
  sale::CheckoutView a;
  sale::CheckoutView b;
  b.status.now.us = 5'000'000;
  b.status.oldest_unsynced_age_s = 3;
  CHECK(!differ_in_screen(a, b));
  CHECK(!differ_in_status(a.status, b.status));
}

TEST(ViewJson, LinkAndScreen_AreChanges) {
  sale::CheckoutView a;
  sale::CheckoutView b;
  b.status.link = sale::LinkState::kOnline;
  CHECK(!differ_in_screen(a, b));
  CHECK(differ_in_status(a.status, b.status));
  b.typed = "1";
  CHECK(differ_in_screen(a, b));
}
