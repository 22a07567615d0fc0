// What the commands of a script do, and the events they and the terminal cause.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include <nlohmann/json.hpp>

#include "firmware/names.hpp"
#include "firmware/process_memory.hpp"
#include "firmware/script_runner.hpp"
#include "firmware/view_json.hpp"
#include "hal/linux/linux_clock.hpp"
#include "hal/png_writer.hpp"

namespace tally::firmware {

using Json = nlohmann::ordered_json;

namespace {

/// The name of a refusal in scan events and errors.
const char* name_of_refusal(Errc code) {
  switch (code) {
    case Errc::kUnavailable:
      return "unplugged";
    case Errc::kExhausted:
      return "too_large";
    case Errc::kNotFound:
      return "no_code";
    case Errc::kCorrupt:
      return "not_a_picture";
    default:
      return "malformed";
  }
}

bool is_about_picture(Errc code) {
  return code == Errc::kNotFound || code == Errc::kCorrupt || code == Errc::kInvalid ||
         code == Errc::kExhausted;
}

Result<Bytes> read_file(const std::string& path) {
  std::error_code missing;
  const std::uintmax_t size = std::filesystem::file_size(path, missing);
  if (missing) {
    return make_error(Errc::kUnavailable, "the file cannot be read", missing.value());
  }
  if (size > hal::kPictureBytesMax) {
    return make_error(Errc::kExhausted, "the picture's file is too large");
  }
  std::ifstream file(path, std::ios::binary);
  Bytes bytes(size);
  file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
  if (!file) {
    return make_error(Errc::kUnavailable, "the file cannot be read");
  }
  return bytes;
}

}  // namespace

void ScriptRunner::carry_out(const script::PressKeys& command) {
  for (const hal::Key key : command.keys) {
    if (const Status pressed = devices_.keys.press(key); !pressed) {
      fail("device", pressed.error().what);
      return;
    }
    terminal_->pump_devices();
  }
}

void ScriptRunner::carry_out(const script::ScanText& command) {
  const std::int64_t t_us = hal::monotonic_us();
  tell_scan("text", t_us, devices_.scanner.scan_text(command.text));
}

void ScriptRunner::carry_out(const script::ScanPicture& command) {
  const Result<Bytes> file = read_file(command.path);
  if (!file && file.error().code == Errc::kUnavailable) {
    fail("file", std::string(file.error().what) + ": " + command.path);
    return;
  }
  const std::int64_t t_us = hal::monotonic_us();
  tell_scan(
      "picture", t_us, file ? devices_.scanner.scan_picture(*file) : Status(Error(file.error())));
}

void ScriptRunner::carry_out(const script::Tap& command) {
  const std::int64_t t_us = hal::monotonic_us();
  tell_scan("tap", t_us, devices_.nfc.tap(command.text));
}

void ScriptRunner::tell_scan(const char* source, std::int64_t t_us, const Status& status) {
  emit("scan",
       t_us,
       {{"source", source},
        {"ok", status.has_value()},
        {"error", status ? Json(nullptr) : Json(name_of_refusal(status.error().code))}});
  if (!status) {
    const bool picture =
        source == std::string_view("picture") && is_about_picture(status.error().code);
    fail(picture ? "picture" : "device", status.error().what);
    return;
  }
  terminal_->pump_devices();
}

void ScriptRunner::carry_out(const script::WaitScreen& command) {
  begin_wait(
      "wait",
      command.timeout,
      [this, screen = command.screen] { return terminal_->view().screen == screen; },
      [this, screen = command.screen] {
        return "wanted screen '" + std::string(name_of(screen)) + "', it is '" +
               std::string(name_of(terminal_->view().screen)) + "' with message '" +
               std::string(name_of(terminal_->view().message)) + "'";
      });
}

void ScriptRunner::carry_out(const script::WaitLink& command) {
  begin_wait(
      "wait-link",
      command.timeout,
      [this, state = command.state] { return terminal_->view().status.link == state; },
      [this, state = command.state] {
        return "wanted link '" + std::string(name_of(state)) + "', it is '" +
               std::string(name_of(terminal_->view().status.link)) + "'";
      });
}

void ScriptRunner::carry_out(const script::WaitSynced& command) {
  begin_wait(
      "wait-synced",
      command.timeout,
      [this] { return terminal_->node().received() == terminal_->node().synced_head(); },
      [this] {
        return "the gateway has received up to " +
               std::to_string(terminal_->node().received().seq.value) + " of " +
               std::to_string(terminal_->node().synced_head().seq.value);
      });
}

void ScriptRunner::carry_out(const script::WaitApplied& command) {
  begin_wait(
      "wait-applied",
      command.timeout,
      [this] { return terminal_->node().applied() == terminal_->node().synced_head(); },
      [this] {
        return "the OA has applied up to " + std::to_string(terminal_->node().applied().seq.value) +
               " of " + std::to_string(terminal_->node().synced_head().seq.value);
      });
}

void ScriptRunner::carry_out(const script::SetDevice& command) {
  Status done;
  switch (command.part) {
    case script::Part::kScanner:
      done = devices_.scanner.set_plugged(command.good);
      break;
    case script::Part::kPaper:
      done = devices_.printer.set_paper(command.good);
      break;
    case script::Part::kCover:
      done = devices_.printer.set_cover_open(!command.good);
      break;
    case script::Part::kPrinter:
      done = devices_.printer.set_plugged(command.good);
      break;
  }
  if (!done) {
    fail("device", done.error().what);
  }
  terminal_->pump_devices();
}

void ScriptRunner::carry_out(const script::Sleep& command) {
  begin_wait(
      "sleep", command.time, [] { return false; }, [] { return std::string(); }, true);
}

void ScriptRunner::carry_out(const script::TellState&) {
  Json fields = screen_json(terminal_->view());
  fields.update(status_fields());
  const node::TerminalNode& node = terminal_->node();
  const ProcessMemory memory = process_memory();
  fields.update(Json{{"records", node.synced_head().seq.value},
                     {"received_seq", node.received().seq.value},
                     {"applied_seq", node.applied().seq.value},
                     {"rss_bytes", memory.rss_bytes},
                     {"rss_peak_bytes", memory.rss_peak_bytes}});
  emit("state", hal::monotonic_us(), fields);
}

void ScriptRunner::carry_out(const script::SavePicture& command) {
  save(command.path, hal::write_png(devices_.display.frame()));
}

void ScriptRunner::carry_out(const script::SavePaper& command) {
  save(command.path, hal::write_png(devices_.printer.paper()));
}

void ScriptRunner::save(const std::string& path, const Result<Bytes>& png) {
  if (!png) {
    fail("picture", png.error().what);
    return;
  }
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(png->data()), static_cast<std::streamsize>(png->size()));
  file.close();
  if (!file) {
    fail("file", "the picture cannot be written: " + path);
  }
}

void ScriptRunner::carry_out(const script::Note& command) {
  emit("note", hal::monotonic_us(), {{"text", command.text}});
}

void ScriptRunner::carry_out(const script::Quit&) {
  end();
}

void ScriptRunner::on_view(const sale::CheckoutView& before,
                           const sale::CheckoutView& now,
                           std::int64_t t_us) {
  if (!running_) {
    return;
  }
  if (differ_in_screen(before, now)) {
    emit("screen", t_us, screen_json(now));
  }
  if (differ_in_status(before.status, now.status)) {
    tell_status(t_us);
  }
}

void ScriptRunner::on_printed(const std::string& receipt_number,
                              const std::vector<std::string>& record_codes,
                              std::size_t job_bytes) {
  emit("printed",
       hal::monotonic_us(),
       {{"receipt", receipt_number},
        {"qr", record_codes.empty() ? Json(nullptr) : Json(record_codes.front())},
        {"qr_all", record_codes},
        {"bytes", job_bytes}});
}

void ScriptRunner::on_sound(hal::Sound sound) {
  emit("sound", hal::monotonic_us(), {{"sound", hal::name_of(sound)}});
}

void ScriptRunner::on_device() {
  if (running_) {
    tell_status(hal::monotonic_us());
  }
}

void ScriptRunner::tell_status(std::int64_t t_us) {
  Json fields = status_fields();
  std::string text = to_line(fields);
  if (text != told_status_) {
    told_status_ = std::move(text);
    emit("status", t_us, std::move(fields));
  }
}

Json ScriptRunner::status_fields() const {
  return status_json(terminal_->view().status, devices_.printer.status());
}

}  // namespace tally::firmware
