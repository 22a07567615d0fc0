#include "shell/page_session.hpp"

#include <algorithm>

namespace tally::shell {
namespace {

constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTokenLength = (kTokenBytes * 8 + 5) / 6;

}  // namespace

std::string make_token(crypto::RandomSource& random) {
  ByteArray<kTokenBytes> bytes{};
  random.fill(bytes);
  std::string out;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const std::uint8_t byte : bytes) {
    bits = (bits << 8U) | byte;
    for (count += 8; count >= 6; count -= 6) {
      out += kBase64Url[(bits >> (count - 6)) & 63U];
    }
  }
  return out + kBase64Url[(bits << (6 - count)) & 63U];
}

bool has_token_form(std::string_view text) {
  return text.size() == kTokenLength &&
         text.find_first_not_of(kBase64Url) == std::string_view::npos;
}

std::string SessionTable::open(std::string user,
                               std::string role,
                               BootTime now,
                               crypto::RandomSource& random) {
  while (!sessions_.empty() && sessions_.size() >= limits_.sessions_max) {
    sessions_.erase(std::ranges::min_element(
        sessions_, {}, [](const auto& entry) { return entry.second.started; }));
  }
  std::string token = make_token(random);
  sessions_[crypto::sha256(as_bytes(token))] = {std::move(user), std::move(role), now, now};
  return token;
}

const Session* SessionTable::find(std::string_view token, BootTime now) {
  if (!has_token_form(token)) {
    return nullptr;
  }
  const auto it = sessions_.find(crypto::sha256(as_bytes(token)));
  if (it == sessions_.end()) {
    return nullptr;
  }
  if (now >= end_of(it->second)) {
    sessions_.erase(it);
    return nullptr;
  }
  it->second.seen = now;
  return &it->second;
}

BootTime SessionTable::end_of(const Session& session) const {
  return std::min(session.seen + limits_.idle, session.started + limits_.age_max);
}

void SessionTable::close(std::string_view token) {
  sessions_.erase(crypto::sha256(as_bytes(token)));
}

std::optional<Duration> TryLimiter::begin(const std::string& key, BootTime now) {
  const auto is_over = [&](BootTime at) { return now >= at + window_; };
  if (tries_.size() >= kKeysMax && !tries_.contains(key)) {
    std::erase_if(tries_, [&](const auto& entry) { return is_over(entry.second.back()); });
    if (tries_.size() >= kKeysMax) {
      return window_;  // Someone tries a thousand names at once: nobody goes ahead for now.
    }
  }
  std::deque<BootTime>& tries = tries_[key];
  while (!tries.empty() && is_over(tries.front())) {
    tries.pop_front();
  }
  if (tries.size() >= tries_max_) {
    return tries.front() + window_ - now;
  }
  tries.push_back(now);
  return std::nullopt;
}

void TryLimiter::forgive(const std::string& key) {
  tries_.erase(key);
}

}  // namespace tally::shell
