#include "tests/support/disk_image.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/assert.hpp"

namespace tally::tests {
namespace {

// A sector differs when the cache says something else there, or when the platter's file ends before
// it: zeros in a file that is long enough are not the same as a file that is too short.
bool differs(const DiskImage::File& file, std::size_t from) {
  const std::size_t to = std::min(from + kSectorBytes, file.cached.size());
  return to > file.platter.size() ||
         std::memcmp(file.cached.data() + from, file.platter.data() + from, to - from) != 0;
}

void take(const DiskImage::File& file, std::size_t from, std::size_t count, Bytes& out) {
  const std::size_t to = std::min(from + count, file.cached.size());
  out.resize(std::max(out.size(), to));
  std::copy(file.cached.begin() + static_cast<std::ptrdiff_t>(from),
            file.cached.begin() + static_cast<std::ptrdiff_t>(to),
            out.begin() + static_cast<std::ptrdiff_t>(from));
}

}  // namespace

std::vector<UnsyncedPart> unsynced_parts(const DiskImage& image) {
  std::vector<UnsyncedPart> parts;
  for (const auto& [name, file] : image.files) {
    for (std::size_t from = 0; from < file.cached.size(); from += kSectorBytes) {
      if (differs(file, from)) {
        parts.push_back({name, from, false});
      }
    }
    if (file.cached.size() < file.platter.size()) {
      parts.push_back({name, file.cached.size(), true});
    }
  }
  return parts;
}

DiskContent after_power_cut(const DiskImage& image,
                            std::span<const UnsyncedPart> parts,
                            std::span<const SectorFate> fates) {
  TALLY_ASSERT(parts.size() == fates.size());
  DiskContent content;
  for (const auto& [name, file] : image.files) {
    if (file.on_platter) {
      content[name] = file.platter;
    }
  }
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (fates[i] == SectorFate::kDropped) {
      continue;
    }
    const UnsyncedPart& part = parts[i];
    Bytes& bytes = content[part.file];
    if (part.is_length) {
      bytes.resize(std::min(bytes.size(), part.offset));
    } else {
      const bool whole = fates[i] == SectorFate::kKept;
      take(image.files.at(part.file), part.offset, whole ? kSectorBytes : kSectorBytes / 2, bytes);
    }
  }
  return content;
}

}  // namespace tally::tests
