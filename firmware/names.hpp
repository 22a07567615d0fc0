// The words for screens, messages and states in scripts, on the page and in metrics
// (docs/formats/script.md). They never change.
#pragma once

#include <optional>
#include <string_view>

#include "core/sale/view.hpp"

namespace tally::firmware {

std::string_view name_of(sale::Screen screen);
std::optional<sale::Screen> screen_of(std::string_view name);

std::string_view name_of(sale::MessageId message);
std::string_view name_of(sale::ResultKind result);

std::string_view name_of(sale::LinkState link);
std::optional<sale::LinkState> link_state_of(std::string_view name);

/// "unknown", "held", "anchored".
std::string_view name_of(ClockQuality quality);

/// "zh-CN", "en".
std::string_view name_of(sale::Language language);
std::optional<sale::Language> language_of(std::string_view name);

/// ISO 4217 letters.
std::string_view name_of(Currency currency);

}  // namespace tally::firmware
