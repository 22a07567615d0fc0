#include "firmware/ui/fonts.hpp"

#include <string>
#include <utility>

#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>

#include "core/base/assert.hpp"
#include "core/base/try.hpp"

namespace tally::firmware::ui {

struct Fonts::Parts {
  FcConfig* config = nullptr;
  PangoFontMap* map = nullptr;
  PangoContext* context = nullptr;

  Parts() = default;
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  ~Parts() {
    if (context != nullptr) {
      g_object_unref(context);
    }
    if (map != nullptr) {
      g_object_unref(map);
    }
    if (config != nullptr) {
      FcConfigDestroy(config);
    }
  }
};

namespace {

struct FontFile {
  const char* name;
  const char* family;
};

/// Families of our own: fontconfig would otherwise prefer a font of another weight that covers more
/// of the language.
constexpr FontFile kFiles[] = {{"tally-regular.otf", Fonts::kRegularFamily},
                               {"tally-bold.otf", Fonts::kBoldFamily},
                               {"tally-rare.otf", Fonts::kRareFamily}};

/// Adds a file to the configuration under a family of ours.
Status add_file(FcConfig* config, const std::string& path, const char* family) {
  if (FcConfigAppFontAddFile(config, reinterpret_cast<const FcChar8*>(path.c_str())) == FcFalse) {
    return make_error(Errc::kCorrupt, "a file of the font folder is not a font");
  }
  FcFontSet* set = FcConfigGetFonts(config, FcSetApplication);
  FcPattern* pattern = set->fonts[set->nfont - 1];
  FcPatternDel(pattern, FC_FAMILY);
  FcPatternAddString(pattern, FC_FAMILY, reinterpret_cast<const FcChar8*>(family));
  FcPatternDel(pattern, FC_WEIGHT);
  FcPatternAddInteger(pattern, FC_WEIGHT, FC_WEIGHT_REGULAR);
  return {};
}

}  // namespace

Fonts::Fonts(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Fonts::Fonts(Fonts&&) noexcept = default;
Fonts& Fonts::operator=(Fonts&&) noexcept = default;
Fonts::~Fonts() = default;

PangoContext* Fonts::context() const {
  return parts_->context;
}

Result<Fonts> Fonts::open(const std::filesystem::path& folder) {
  auto parts = std::make_unique<Parts>();
  parts->config = FcConfigCreate();
  TALLY_ASSERT(parts->config != nullptr);
  for (const FontFile& font : kFiles) {
    const std::filesystem::path file = folder / font.name;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored)) {
      return make_error(Errc::kNotFound, "a font file is missing from the font folder");
    }
    TALLY_TRY(add_file(parts->config, file.string(), font.family));
  }
  parts->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
  TALLY_ASSERT(parts->map != nullptr);
  pango_fc_font_map_set_config(
      reinterpret_cast<PangoFcFontMap*>(parts->map),  // GObject's cast macro, without its C cast.
      parts->config);
  pango_cairo_font_map_set_resolution(PANGO_CAIRO_FONT_MAP(parts->map), 72.0);
  parts->context = pango_font_map_create_context(parts->map);
  pango_context_set_language(parts->context, pango_language_from_string("zh-cn"));
  // Unhinted outlines and whole-pixel independence: the same picture on every machine.
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  pango_cairo_context_set_font_options(parts->context, options);
  cairo_font_options_destroy(options);
  pango_context_set_round_glyph_positions(parts->context, FALSE);
  return Fonts(std::move(parts));
}

}  // namespace tally::firmware::ui

#ifdef __SANITIZE_ADDRESS__
// Pango keeps the patterns of a font map for the life of the process, out of the leak checker's
// sight: once a program, not once a picture.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libfontconfig\nleak:libpango\n";
}
#endif
