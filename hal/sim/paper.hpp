// The paper of a simulated receipt printer: ESC/POS bytes in, a picture out. It knows the commands
// that firmware/receipt.cpp uses and says so when it meets another. Text bytes are drawn as filled
// boxes, one a character: receipts are printed as bitmaps, so text on the paper is a fault to see.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include "hal/qr_decoder.hpp"

namespace tally::hal {

using PaperPicture = GreyPicture;

class Paper {
 public:
  /// Longest paper kept; what came out first is torn off beyond it.
  static constexpr int kDotsLongMax = 4096;

  /// Requires a multiple of 8 between 128 and 1024.
  explicit Paper(int dots);

  int dots() const { return picture_.width; }

  /// Prints a job. Every job starts with the printer's state after ESC @.
  /// Errors: kInvalid at a command that is not known, wrong or cut short; `detail` is its offset.
  /// What stood before it is on the paper.
  Status print(ByteView job);

  /// Everything that came out and was not torn off. Height 0 when nothing did.
  const PaperPicture& picture() const { return picture_; }

  void tear_off();

 private:
  struct State {
    int align = 0;  ///< 0 left, 1 centre, 2 right.
    int line_dots = 30;
    int qr_module_dots = 3;
    int qr_level = 0;  ///< 0 L … 3 H.
    Bytes qr_data;
    int text_x = 0;
    bool line_open = false;
  };

  Status print_one(ByteView job, std::size_t& at);
  Status print_escape(ByteView job, std::size_t& at);
  Status print_group(ByteView job, std::size_t& at);
  Status print_raster(ByteView job, std::size_t& at);
  Status qr_command(ByteView parameters);
  Status draw_qr();
  void draw_character(int cells);
  void draw_cut();
  void feed(int dots);
  void end_line();
  int left_of(int width) const;
  void fill(int x, int y, int width, int height);
  void blank_rows(int count);

  PaperPicture picture_;
  State state_;
};

}  // namespace tally::hal
