#include "shell/page_users.hpp"

#include <algorithm>
#include <array>

#include <argon2.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/bytes.hpp"
#include "core/base/try.hpp"

#include "shell/page_session.hpp"
#include "transport/secret_file.hpp"

namespace tally::shell {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kUsersMax = 64;
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKib = 19 * 1024;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;

std::filesystem::path users_file(const std::filesystem::path& dir) {
  return dir / "page_users.json";
}
std::filesystem::path link_file(const std::filesystem::path& dir) {
  return dir / "page_link.json";
}

/// The object in a file; an empty one without a file.
Result<Json> load(const std::filesystem::path& file) {
  Result<std::string> text = transport::read_secret_file(file);
  if (!text && text.error().code == Errc::kNotFound) {
    return Json::object();
  }
  TALLY_TRY(text);
  Json json = Json::parse(*text, nullptr, false);
  if (!json.is_object()) {
    return make_error(Errc::kCorrupt, "a file of page access is not JSON");
  }
  return json;
}

/// `--new-link` run by root must leave a file that the service's own user can read.
void give_to_owner_of(const std::filesystem::path& data_dir, const std::filesystem::path& file) {
  struct stat status {};
  if (::geteuid() == 0 && ::stat(data_dir.c_str(), &status) == 0) {
    static_cast<void>(::lchown(file.c_str(), status.st_uid, status.st_gid));
  }
}

bool is_text(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string();
}

}  // namespace

Result<std::vector<PageUser>> load_users(const std::filesystem::path& data_dir) {
  TALLY_TRY_ASSIGN(const Json json, load(users_file(data_dir)));
  std::vector<PageUser> users;
  if (json.empty()) {
    return users;
  }
  const auto list = json.find("users");
  if (list == json.end() || !list->is_array() || list->size() > kUsersMax) {
    return make_error(Errc::kCorrupt, "page_users.json has no list of users");
  }
  for (const Json& user : *list) {
    if (!user.is_object() || !is_text(user, "name") || !is_text(user, "role") ||
        !is_text(user, "password_hash")) {
      return make_error(Errc::kCorrupt, "page_users.json has a damaged user");
    }
    users.push_back({user["name"], user["role"], user["password_hash"]});
  }
  return users;
}

Status save_users(const std::filesystem::path& data_dir, const std::vector<PageUser>& users) {
  Json list = Json::array();
  for (const PageUser& user : users) {
    list.push_back(
        {{"name", user.name}, {"role", user.role}, {"password_hash", user.password_hash}});
  }
  const std::string text =
      Json{{"users", list}}.dump(2, ' ', false, Json::error_handler_t::replace);
  return transport::write_small_file(
      users_file(data_dir), text + "\n", transport::FileMode::kSecret);
}

Result<std::string> hash_password(std::string_view password, crypto::RandomSource& random) {
  ByteArray<kSaltBytes> salt{};
  random.fill(salt);
  std::array<char, 128> encoded{};
  const int code = argon2id_hash_encoded(kPasses,
                                         kMemoryKib,
                                         1,
                                         password.data(),
                                         password.size(),
                                         salt.data(),
                                         salt.size(),
                                         kHashBytes,
                                         encoded.data(),
                                         encoded.size());
  if (code != ARGON2_OK) {
    return make_error(Errc::kExhausted, "the password cannot be hashed", code);
  }
  return std::string(encoded.data());
}

bool password_fits(const std::string& hash, std::string_view password) {
  // No password has a hash of 32 zero bytes.
  static constexpr const char* kNobody =
      "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$"
      "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  const bool is_known = !hash.empty();
  const int code =
      argon2id_verify(is_known ? hash.c_str() : kNobody, password.data(), password.size());
  return is_known && code == ARGON2_OK;
}

bool is_user_allowed(std::string_view name, std::string_view password) {
  return !name.empty() && name.size() <= kUserNameBytesMax &&
         password.size() >= kPasswordBytesMin && password.size() <= kPasswordBytesMax &&
         std::ranges::none_of(
             name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

Status set_user(const std::filesystem::path& data_dir,
                const std::string& name,
                const std::string& role,
                std::string_view password,
                crypto::RandomSource& random) {
  if (!is_user_allowed(name, password)) {
    return make_error(Errc::kInvalid, "the user's name or password has a wrong length");
  }
  TALLY_TRY_ASSIGN(std::vector<PageUser> users, load_users(data_dir));
  TALLY_TRY_ASSIGN(std::string hash, hash_password(password, random));
  std::erase_if(users, [&](const PageUser& user) { return user.name == name; });
  if (users.size() >= kUsersMax) {
    return make_error(Errc::kExhausted, "there are too many users");
  }
  users.push_back({name, role, std::move(hash)});
  return save_users(data_dir, users);
}

Result<std::string> make_link(const std::filesystem::path& data_dir,
                              crypto::RandomSource& random,
                              WallTime expires) {
  std::string token = make_token(random);
  const Json json{{"sha256", to_hex(crypto::sha256(as_bytes(token)))},
                  {"expires_us", expires.us},
                  {"used", false}};
  TALLY_TRY(transport::write_small_file(
      link_file(data_dir), json.dump(2) + "\n", transport::FileMode::kSecret));
  give_to_owner_of(data_dir, link_file(data_dir));
  return token;
}

Result<LinkAnswer> use_link(const std::filesystem::path& data_dir,
                            std::string_view token,
                            WallTime now) {
  TALLY_TRY_ASSIGN(Json json, load(link_file(data_dir)));
  if (json.empty()) {
    return LinkAnswer::kUnknown;
  }
  const auto expires = json.find("expires_us");
  const auto used = json.find("used");
  if (!is_text(json, "sha256") || expires == json.end() || !expires->is_number_integer() ||
      used == json.end() || !used->is_boolean()) {
    return make_error(Errc::kCorrupt, "page_link.json is damaged");
  }
  const std::string digest = to_hex(crypto::sha256(as_bytes(token)));
  if (!equal_in_constant_time(as_bytes(digest), as_bytes(json["sha256"].get<std::string>()))) {
    return LinkAnswer::kUnknown;
  }
  if (used->get<bool>()) {
    return LinkAnswer::kUsed;
  }
  if (now.us >= expires->get<std::int64_t>()) {
    return LinkAnswer::kExpired;
  }
  *used = true;
  TALLY_TRY(transport::write_small_file(
      link_file(data_dir), json.dump(2) + "\n", transport::FileMode::kSecret));
  return LinkAnswer::kAccepted;
}

}  // namespace tally::shell
