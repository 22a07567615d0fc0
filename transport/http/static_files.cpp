#include "transport/http/static_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

namespace tally::transport::http {
namespace fs = std::filesystem;

std::string content_type_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 18> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json; charset=utf-8"},
      {".map", "application/json; charset=utf-8"},
      {".webmanifest", "application/manifest+json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},
      {".webp", "image/webp"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".ttf", "font/ttf"},
      {".txt", "text/plain; charset=utf-8"},
      {".wasm", "application/wasm"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) {
      return std::string(type);
    }
  }
  return "application/octet-stream";
}

bool has_content_hash(std::string_view name) {
  constexpr std::size_t kHashLength = 8;
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot < kHashLength + 1 ||
      name[dot - kHashLength - 1] != '-') {
    return false;
  }
  return std::ranges::all_of(name.substr(dot - kHashLength, kHashLength), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  });
}

Result<StaticFiles> StaticFiles::load(const fs::path& folder) {
  StaticFiles files;
  std::size_t bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const std::string name = it->path().filename().string();
    std::error_code ignored;
    const bool is_link = it->is_symlink(ignored);
    if (name.starts_with('.') || is_link) {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file(ignored)) {
      continue;
    }
    bytes += it->file_size(ignored);
    if (bytes > kBytesMax || files.files_.size() >= kFilesMax) {
      return make_error(Errc::kExhausted, "the folder of static files is too large");
    }
    std::ifstream in(it->path(), std::ios::binary);
    std::string body{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (!in) {
      return make_error(Errc::kUnavailable, "a static file cannot be read");
    }
    files.files_["/" + it->path().lexically_relative(folder).generic_string()] = {
        std::make_shared<const std::string>(std::move(body)),
        content_type_of(name),
        it->path().parent_path().filename() == "assets" && has_content_hash(name)};
  }
  if (error || !files.files_.contains("/index.html")) {
    return make_error(
        Errc::kNotFound, "the folder of static files has no index.html", error.value());
  }
  return files;
}

const StaticFile* StaticFiles::find(std::string_view path) const {
  auto it = files_.find(path);
  if (it == files_.end() && !path.starts_with("/assets/") &&
      path.find('.', path.rfind('/') + 1) == std::string_view::npos) {
    it = files_.find("/index.html");
  }
  return it == files_.end() ? nullptr : &it->second;
}

}  // namespace tally::transport::http
