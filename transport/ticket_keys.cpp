#include "transport/ticket_keys.hpp"

#include <algorithm>

#include "core/base/crc32c.hpp"
#include "core/base/try.hpp"

#include "transport/secret_file.hpp"

namespace tally::transport {

namespace {

// File: "TTK1" | entry | entry | CRC-32C. Entry: id (4) | made at, µs (8) | key (32); a missing
// one is zero. Ticket: key id (4) | nonce (12) | AES-256-GCM(content), the binding associated.
constexpr std::string_view kMagic = "TTK1";
constexpr std::size_t kEntryBytes = 4 + 8 + 32;
constexpr std::size_t kFileBytes = 4 + 2 * kEntryBytes + 4;
constexpr std::size_t kTicketHeadBytes = 4 + 12;

bool is_within(WallTime made_at, WallTime now, std::int64_t ms) {
  return now >= made_at && (now.us - made_at.us) / 1000 < ms;
}

}  // namespace

TicketKeys::TicketKeys(std::filesystem::path file,
                       const crypto::Digest& binding,
                       crypto::RandomSource& random)
    : file_(std::move(file)), binding_(binding), random_(&random) {}

Result<TicketKeys> TicketKeys::load(std::filesystem::path file,
                                    const crypto::Digest& binding,
                                    crypto::RandomSource& random) {
  TicketKeys keys{std::move(file), binding, random};
  if (keys.file_.empty()) {
    return keys;
  }
  const auto text = read_secret_file(keys.file_);
  if (!text && text.error().code == Errc::kDenied) {
    return Error{text.error()};
  }
  if (text && !keys.read(*text)) {
    keys.current_.reset();
    keys.previous_.reset();
  }
  return keys;
}

bool TicketKeys::read(std::string_view text) {
  const ByteView bytes = as_bytes(text);
  if (bytes.size() != kFileBytes || !text.starts_with(kMagic) ||
      crc32c(bytes.first(kFileBytes - 4)) !=
          load_be<std::uint32_t>(bytes.data() + kFileBytes - 4)) {
    return false;
  }
  const std::uint8_t* in = bytes.data() + kMagic.size();
  for (auto* entry : {&current_, &previous_}) {
    Entry read;
    read.id = load_be<std::uint32_t>(in);
    read.made_at.us = static_cast<std::int64_t>(load_be<std::uint64_t>(in + 4));
    std::copy_n(in + 12, read.key.size(), read.key.begin());
    if (read.id != 0) {
      *entry = read;
    }
    in += kEntryBytes;
  }
  return true;
}

void TicketKeys::rotate(WallTime now) {
  previous_ = current_;
  Entry fresh;
  fresh.made_at = now;
  random_->fill(fresh.key);
  ByteArray<4> id;
  do {
    random_->fill(id);
    fresh.id = load_be<std::uint32_t>(id.data());
  } while (fresh.id == 0 || (previous_ && previous_->id == fresh.id));
  current_ = fresh;
  if (file_.empty()) {
    return;
  }
  Bytes bytes(kFileBytes);
  std::copy(kMagic.begin(), kMagic.end(), bytes.begin());
  std::uint8_t* out = bytes.data() + kMagic.size();
  for (const auto* entry : {&current_, &previous_}) {
    if (*entry) {
      store_be((*entry)->id, out);
      store_be(static_cast<std::uint64_t>((*entry)->made_at.us), out + 4);
      std::copy((*entry)->key.begin(), (*entry)->key.end(), out + 12);
    }
    out += kEntryBytes;
  }
  store_be(crc32c(ByteView{bytes}.first(kFileBytes - 4)), out);
  static_cast<void>(write_small_file(file_, as_text(bytes), FileMode::kSecret));
}

Bytes TicketKeys::seal(ByteView content, WallTime now) {
  if (!current_ || !is_within(current_->made_at, now, kTicketKeyLife.ms)) {
    rotate(now);
  }
  crypto::GcmNonce nonce;
  random_->fill(nonce);
  Bytes ticket(kTicketHeadBytes);
  store_be(current_->id, ticket.data());
  std::copy(nonce.begin(), nonce.end(), ticket.begin() + 4);
  const Bytes sealed = crypto::aes_gcm_seal(current_->key, nonce, binding_, content);
  ticket.insert(ticket.end(), sealed.begin(), sealed.end());
  return ticket;
}

std::optional<Bytes> TicketKeys::open(ByteView ticket, WallTime now) const {
  if (ticket.size() < kTicketHeadBytes) {
    return std::nullopt;
  }
  const auto id = load_be<std::uint32_t>(ticket.data());
  for (const auto* entry : {&current_, &previous_}) {
    if (!*entry || (*entry)->id != id ||
        !is_within((*entry)->made_at, now, 2 * kTicketKeyLife.ms)) {
      continue;
    }
    crypto::GcmNonce nonce;
    std::copy_n(ticket.begin() + 4, nonce.size(), nonce.begin());
    auto content =
        crypto::aes_gcm_open((*entry)->key, nonce, binding_, ticket.subspan(kTicketHeadBytes));
    if (content) {
      return std::move(*content);
    }
  }
  return std::nullopt;
}

}  // namespace tally::transport
