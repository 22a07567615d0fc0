// A disk at one moment: what is on the platter, and what the cache holds above it. From one image,
// every state in which a power cut can leave the disk: each sector of 512 bytes that was written
// and not synced is dropped, kept or torn on its own, and so is each change of a file's length.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "core/base/bytes.hpp"

namespace tally::tests {

inline constexpr std::size_t kSectorBytes = 512;

/// Files by name; a file that is not there does not exist.
using DiskContent = std::map<std::string, Bytes>;

enum class SectorFate : std::uint8_t {
  kDropped,  ///< As on the platter.
  kKept,     ///< As in the cache.
  kTorn,     ///< The first half as in the cache, the rest as on the platter. A length: kept.
};

struct DiskImage {
  struct File {
    Bytes platter;
    Bytes cached;
    bool on_platter = false;  ///< Synced at least once; else a power cut takes the file, too.
  };

  std::map<std::string, File> files;
};

/// One thing that a power cut may leave undone.
struct UnsyncedPart {
  std::string file;
  std::size_t offset = 0;  ///< A multiple of kSectorBytes.
  bool is_length = false;  ///< The file became shorter; `offset` is its new length.
};

/// What the image's cache holds and its platter does not, in the order of files and offsets. A
/// sector that was written with what it held before is not among them.
std::vector<UnsyncedPart> unsynced_parts(const DiskImage& image);

/// What a reader finds after a power cut. `fates` has one for each of unsynced_parts().
DiskContent after_power_cut(const DiskImage& image,
                            std::span<const UnsyncedPart> parts,
                            std::span<const SectorFate> fates);

}  // namespace tally::tests
