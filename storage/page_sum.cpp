#include "storage/page_sum.hpp"

#include <algorithm>

#include "core/base/crc32c.hpp"

#include "storage/page_check.hpp"

namespace tally::storage {
namespace {

constexpr auto kSumBytes = static_cast<std::size_t>(kPageCheckBytes);

std::uint32_t sum_of(ByteView content, std::uint32_t number) {
  ByteArray<4> place{};
  store_be(number, place.data());
  return crc32c(place, crc32c(content));
}

}  // namespace

void seal_page(Bytes& page, std::uint32_t number) {
  const std::size_t content = page.size() - kSumBytes;
  store_be(sum_of(ByteView(page).first(content), number), page.data() + content);
  store_be(number, page.data() + content + 4);
}

bool page_matches(ByteView page, std::uint32_t number) {
  const std::size_t content = page.size() - kSumBytes;
  const std::uint8_t* sum = page.data() + content;
  if (load_be<std::uint32_t>(sum) == sum_of(page.first(content), number) &&
      load_be<std::uint32_t>(sum + 4) == number) {
    return true;
  }
  return std::all_of(page.begin(), page.end(), [](std::uint8_t byte) { return byte == 0; });
}

}  // namespace tally::storage
