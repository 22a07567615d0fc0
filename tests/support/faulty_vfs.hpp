// SQLite's file layer for disks in memory: what is opened below a mounted disk's directory is read,
// written, synced and locked there, everything else goes to the real file system. Method:
// sqlite.org/vfs.html. Internal to tests/support/faulty_disk.cpp.
#pragma once

#include <memory>

#include "tests/support/faulty_disk_state.hpp"

namespace tally::tests {

/// With the first disk the layer becomes SQLite's default.
void mount(const std::shared_ptr<FaultyDisk::State>& disk);

/// With the last disk the real layer is the default again.
void unmount(const std::shared_ptr<FaultyDisk::State>& disk);

}  // namespace tally::tests
