#include "transport/http/mailbox.hpp"

#include <utility>

#include <asio/post.hpp>

namespace tally::transport::http {

bool Mailbox::post(std::function<void()> letter) {
  const std::lock_guard lock(mutex_);
  if (loop_ == nullptr || letters_.size() >= letters_max_) {
    return false;
  }
  letters_.push_back(std::move(letter));
  if (letters_.size() == 1) {
    asio::post(*loop_, [this] { deliver(); });
  }
  return true;
}

void Mailbox::close() {
  std::vector<std::function<void()>> dropped;  // Destroyed outside the lock: may post again.
  {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
    dropped.swap(letters_);
  }
}

void Mailbox::deliver() {
  std::vector<std::function<void()>> letters;
  {
    const std::lock_guard lock(mutex_);
    letters.swap(letters_);
  }
  for (auto& letter : letters) {
    letter();
    letter = nullptr;
  }
}

}  // namespace tally::transport::http
