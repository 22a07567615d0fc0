// The terminal's own fonts, through a private fontconfig configuration: nothing of the system's
// fonts is read, so a screen looks the same everywhere and memory stays small.
#pragma once

#include <filesystem>
#include <memory>

#include "core/base/result.hpp"

// Pango's types, so that its headers stay out of ours.
struct _PangoFontMap;
struct _PangoContext;

namespace tally::firmware::ui {

class Fonts {
 public:
  static constexpr const char* kRegularFamily = "Tally";
  static constexpr const char* kBoldFamily = "Tally Bold";  ///< Latin and the catalogue only.
  static constexpr const char* kRareFamily = "Tally Rare";  ///< What the others do not have.

  /// Opens tally-regular.otf, tally-bold.otf and tally-rare.otf in `folder`.
  /// Errors: kNotFound when one is missing; kCorrupt when one is no font.
  static Result<Fonts> open(const std::filesystem::path& folder);

  Fonts(Fonts&&) noexcept;
  Fonts& operator=(Fonts&&) noexcept;
  ~Fonts();

  /// Valid as long as this object.
  _PangoContext* context() const;

 private:
  struct Parts;
  explicit Fonts(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tally::firmware::ui
