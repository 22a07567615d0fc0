#include "firmware/page.hpp"

#include <array>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "core/base/try.hpp"

#include "firmware/page_text.hpp"
#include "firmware/view_json.hpp"
#include "hal/png_writer.hpp"
#include "shell/process.hpp"

namespace tally::firmware {

using Json = nlohmann::ordered_json;
using transport::http::ErrorText;
using transport::http::Reply;
using transport::http::Request;
using transport::http::Response;
using transport::http::Routes;

namespace {

constexpr std::size_t kJsonBytesMax = 64 * 1024;

Response done() {
  Response response;
  response.status = 204;
  return response;
}

/// What a device's refusal looks like from outside.
Response refusal(const Error& error, bool of_picture) {
  switch (error.code) {
    case Errc::kUnavailable:
      return Response::error(409, page_text::kUnplugged);
    case Errc::kNotFound:
      return Response::error(422, page_text::kNoCode);
    case Errc::kCorrupt:
      return Response::error(422, page_text::kNotAPicture);
    case Errc::kExhausted:
      return of_picture ? Response::error(413, page_text::kTooLarge)
                        : Response::error(503, page_text::kBusy);
    case Errc::kInvalid:
      return of_picture ? Response::error(422, page_text::kNotAPicture)
                        : Response::error(400, page_text::kMalformed);
    default:
      return Response::error(503, page_text::kBusy);
  }
}

Response answer(const Status& status, bool of_picture = false) {
  return status ? done() : refusal(status.error(), of_picture);
}

/// A small JSON object, or none.
std::optional<Json> read_object(const Request& request) {
  if (request.body.size() > kJsonBytesMax) {
    return std::nullopt;
  }
  Json json = Json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) {
    return std::nullopt;
  }
  return json;
}

std::string_view media_type(const Request& request) {
  static thread_local std::string kept;
  kept = request.header("Content-Type").value_or("");
  return std::string_view(kept).substr(0, kept.find_first_of("; "));
}

/// A picture with its version; 304 when the asker has it.
Response picture(const Request& request, std::uint64_t version, const Result<Bytes>& png) {
  const std::string tag = "\"" + std::to_string(version) + "\"";
  Response response;
  response.headers = {{"ETag", tag}, {"Cache-Control", "no-store"}};
  if (request.header("If-None-Match") == tag) {
    response.status = 304;
    return response;
  }
  if (!png) {
    return Response::error(503, page_text::kBusy);
  }
  response.content_type = "image/png";
  response.body.assign(as_text(*png));
  return response;
}

}  // namespace

Page::Page(Options options, SimDevices& devices)
    : options_(std::move(options)),
      devices_(devices),
      events_({.momentary = {"sound"}}),
      state_(std::make_shared<const std::string>("{}")) {}

Page::~Page() {
  if (server_) {
    server_->stop();
  }
}

Result<std::unique_ptr<Page>> Page::start(Options options,
                                          SimDevices& devices,
                                          crypto::RandomSource& random,
                                          const shell::Metrics& metrics) {
  std::unique_ptr<Page> page(new Page(std::move(options), devices));
  shell::PageAccessOptions access;
  access.service = "terminal";
  access.node = "terminal " + std::to_string(page->options_.terminal.value) + "-" +
                std::to_string(page->options_.incarnation.value);
  access.software = page->options_.version;
  access.language = page->options_.language;
  access.is_demo = true;
  access.link_role = "technician";
  access.data_dir = page->options_.data_dir;
  TALLY_TRY_ASSIGN(page->access_,
                   shell::PageAccess::open(std::move(access), random, shell::system_now));
  Routes routes = page->make_routes(metrics);
  page->access_->add_to(routes);
  transport::http::Options server;
  server.address = page->options_.address;
  server.port = page->options_.port;
  server.static_dir = page->options_.files;
  server.body_bytes_max = hal::kPictureBytesMax;
  TALLY_TRY_ASSIGN(page->server_, transport::http::Server::start(server, std::move(routes)));
  TALLY_TRY_ASSIGN(page->link_, page->access_->first_link(page->server_->port()));
  page->on_device();
  return page;
}

Routes Page::make_routes(const shell::Metrics& metrics) {
  Routes routes;
  const auto get = [&](const char* path, auto handler) { routes.on("GET", path, handler); };
  const auto post = [&](const char* path, auto handler) { routes.on("POST", path, handler); };
  get("/api/info", [this](Request r, const Reply& reply) { get_info(std::move(r), reply); });
  get("/api/state", [this](Request r, const Reply& reply) { get_state(std::move(r), reply); });
  get("/api/display.png", [this](const Request& r, const Reply& reply) { get_display(r, reply); });
  get("/api/paper.png", [this](const Request& r, const Reply& reply) { get_paper(r, reply); });
  post("/api/key", [this](const Request& r, const Reply& reply) { post_key(r, reply); });
  post("/api/scan", [this](const Request& r, const Reply& reply) { post_scan(r, reply); });
  post("/api/tap", [this](const Request& r, const Reply& reply) { post_tap(r, reply); });
  post("/api/device", [this](const Request& r, const Reply& reply) { post_device(r, reply); });
  post("/api/paper/tear", [this](const Request&, const Reply& reply) { post_tear(reply); });
  post("/api/sync", [this](const Request&, const Reply& reply) {
    reply(answer(devices_.keys.press(hal::Key::kSync)));
  });
  routes.events("/api/events", events_);
  routes.on_public("GET", "/metrics", metrics.handler());
  return routes;
}

void Page::get_info(Request, const Reply& reply) const {
  Json keys = Json::array();
  for (int i = 0; i < hal::kKeyCount; ++i) {
    keys.push_back(hal::name_of(static_cast<hal::Key>(i)));
  }
  reply(Response::json(to_line({{"terminal", options_.terminal.value},
                                {"width", devices_.display.width()},
                                {"height", devices_.display.height()},
                                {"paper_width", devices_.printer.dots_per_line()},
                                {"version", options_.version},
                                {"keys", keys},
                                {"devices", Json::parse(devices_json())}})));
}

void Page::get_state(Request, const Reply& reply) const {
  reply(Response::json(*state_.load()));
}

void Page::get_display(const Request& request, const Reply& reply) const {
  // The count first: a frame drawn in between is newer than its tag, never older.
  const std::uint64_t count = devices_.display.frame_count();
  reply(picture(request, count, hal::write_png(devices_.display.frame())));
}

void Page::get_paper(const Request& request, const Reply& reply) const {
  const std::uint64_t count = devices_.printer.job_count();
  const hal::PaperPicture paper = devices_.printer.paper();
  if (paper.height == 0) {
    reply(Response::error(404, page_text::kNoPaper));
    return;
  }
  reply(picture(request, count, hal::write_png(paper)));
}

void Page::post_key(const Request& request, const Reply& reply) {
  const auto json = read_object(request);
  std::optional<hal::Key> key;
  if (json && json->size() == 1 && json->contains("key") && (*json)["key"].is_string()) {
    key = hal::key_of((*json)["key"].get_ref<const std::string&>());
  }
  if (!key) {
    reply(Response::error(400, page_text::kMalformed));
    return;
  }
  reply(answer(devices_.keys.press(*key)));
}

void Page::post_scan(const Request& request, const Reply& reply) {
  const std::string_view type = media_type(request);
  if (type == "image/png") {
    reply(answer(devices_.scanner.scan_picture(as_bytes(request.body)), true));
  } else if (type == "text/plain" && request.body.size() > hal::kCodeBytesMax) {
    reply(Response::error(413, page_text::kTooLarge));
  } else if (type == "text/plain") {
    reply(answer(devices_.scanner.scan_text(request.body)));
  } else {
    reply(Response::error(415, page_text::kContentType));
  }
}

void Page::post_tap(const Request& request, const Reply& reply) {
  if (media_type(request) != "text/plain") {
    reply(Response::error(415, page_text::kContentType));
  } else if (request.body.size() > hal::kCardTextBytesMax) {
    reply(Response::error(413, page_text::kTooLarge));
  } else {
    reply(answer(devices_.nfc.tap(request.body)));
  }
}

void Page::post_device(const Request& request, const Reply& reply) {
  struct Switch {
    std::string_view key;
    std::string_view good;
    std::string_view bad;
    std::function<Status(bool)> set;
  };
  const std::array<Switch, 4> switches = {{
      {"scanner", "plugged", "unplugged", [&](bool v) { return devices_.scanner.set_plugged(v); }},
      {"paper", "ok", "out", [&](bool v) { return devices_.printer.set_paper(v); }},
      {"cover", "closed", "open", [&](bool v) { return devices_.printer.set_cover_open(!v); }},
      {"printer", "plugged", "unplugged", [&](bool v) { return devices_.printer.set_plugged(v); }},
  }};
  const auto json = read_object(request);
  if (!json || json->empty()) {
    reply(Response::error(400, page_text::kMalformed));
    return;
  }
  // All of it is checked before any of it is done.
  std::vector<std::pair<const Switch*, bool>> wanted;
  for (const auto& [key, value] : json->items()) {
    for (const Switch& device : switches) {
      if (device.key == key && (value == device.good || value == device.bad)) {
        wanted.emplace_back(&device, value == device.good);
      }
    }
  }
  if (wanted.size() != json->size()) {
    reply(Response::error(400, page_text::kMalformed));
    return;
  }
  Status status;
  for (const auto& [device, good] : wanted) {
    if (status) {
      status = device->set(good);
    }
  }
  on_device();
  reply(answer(status));
}

void Page::post_tear(const Reply& reply) {
  devices_.printer.tear_off();
  reply(done());
}

std::string Page::devices_json() const {
  const hal::SimPrinter::Conditions printer = devices_.printer.conditions();
  return to_line({{"scanner", devices_.scanner.plugged() ? "plugged" : "unplugged"},
                  {"paper", printer.paper_present ? "ok" : "out"},
                  {"cover", printer.cover_open ? "open" : "closed"},
                  {"printer", printer.plugged ? "plugged" : "unplugged"}});
}

void Page::on_view(const sale::CheckoutView& before,
                   const sale::CheckoutView& now,
                   std::int64_t t_us) {
  events_.publish("frame", to_line({{"frame", devices_.display.frame_count()}}));
  const bool first = *state_.load() == "{}";
  if (!first && !differ_in_screen(before, now) && !differ_in_status(before.status, now.status)) {
    return;
  }
  Json state = screen_json(now);
  state["t_us"] = t_us;
  state["status"] = status_json(now.status, devices_.printer.status());
  const auto text = std::make_shared<const std::string>(to_line(state));
  state_.store(text);
  events_.publish("state", *text);
}

void Page::on_printed(const std::string& receipt_number,
                      const std::vector<std::string>& record_codes,
                      std::size_t) {
  events_.publish("printed",
                  to_line({{"count", devices_.printer.job_count()},
                           {"receipt", receipt_number},
                           {"qr", record_codes.empty() ? "" : record_codes.front()}}));
}

void Page::on_sound(hal::Sound sound) {
  events_.publish("sound", to_line({{"sound", hal::name_of(sound)}}));
}

void Page::on_device() {
  events_.publish("device", devices_json());
}

}  // namespace tally::firmware
