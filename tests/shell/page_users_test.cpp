#include "shell/page_users.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>

#include "shell/page_session.hpp"
#include "transport/os_random.hpp"

// Last: the harness redefines new, which standard headers do not bear.
#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::shell;

TEST_GROUP(PageUsers) {
  transport::OsRandom random;
  std::filesystem::path folder;

  void setup() override {
    char name[] = "/tmp/tally-users-XXXXXX";
    folder = ::mkdtemp(name);
  }
  void teardown() override {
    std::filesystem::remove_all(folder);
  }
  void put(const std::string& name, const std::string& text) {
    std::ofstream(folder / name) << text;
    ::chmod((folder / name).c_str(), 0600);
  }
};

TEST(PageUsers, Users_SavedAndLoaded_AreTheSame) {
  CHECK(load_users(folder)->empty());
  CHECK(save_users(folder, {{"张伟", "manager", "hash"}}).has_value());
  const auto users = load_users(folder);
  LONGS_EQUAL(1, users->size());
  STRCMP_EQUAL("张伟", users->front().name.c_str());
  struct stat status {};
  ::stat((folder / "page_users.json").c_str(), &status);
  LONGS_EQUAL(0600, status.st_mode & 0777);
}

TEST(PageUsers, DamagedFile_IsNotTakenForNoUsers) {
  for (const char* text : {"",
                           "x",
                           "[]",
                           "{\"users\":1}",
                           "{\"users\":[1]}",
                           "{\"users\":[{\"name\":\"a\"}]}",
                           "{\"users\":[{\"name\":1,\"role\":\"a\",\"password_hash\":\"b\"}]}"}) {
    put("page_users.json", text);
    CHECK(load_users(folder).error().code == Errc::kCorrupt);
  }
  ::chmod((folder / "page_users.json").c_str(), 0644);
  CHECK(load_users(folder).error().code == Errc::kDenied);
}

TEST(PageUsers, Password_FitsItsOwnHashOnly) {
  const std::string hash = *hash_password("correct horse", random);
  CHECK(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK_TRUE(password_fits(hash, "correct horse"));
  CHECK_FALSE(password_fits(hash, "correct horsf"));
  CHECK_FALSE(password_fits(hash, ""));
  CHECK_FALSE(password_fits("", ""));
  CHECK_FALSE(password_fits("$argon2id$damaged", "correct horse"));
  CHECK(hash != *hash_password("correct horse", random));
}

TEST(PageUsers, Link_WorksOnceBeforeItExpires) {
  const std::string token = *make_link(folder, random, WallTime{1000});
  CHECK(*use_link(folder, make_token(random), WallTime{1}) == LinkAnswer::kUnknown);
  CHECK(*use_link(folder, "", WallTime{1}) == LinkAnswer::kUnknown);
  CHECK(*use_link(folder, token, WallTime{1000}) == LinkAnswer::kExpired);
  CHECK(*use_link(folder, token, WallTime{999}) == LinkAnswer::kAccepted);
  CHECK(*use_link(folder, token, WallTime{999}) == LinkAnswer::kUsed);
}

TEST(PageUsers, Link_AfterANewerOne_IsUnknown) {
  const std::string old = *make_link(folder, random, WallTime{1000});
  const std::string fresh = *make_link(folder, random, WallTime{1000});
  CHECK(*use_link(folder, old, WallTime{1}) == LinkAnswer::kUnknown);
  CHECK(*use_link(folder, fresh, WallTime{1}) == LinkAnswer::kAccepted);
}

TEST(PageUsers, Link_FileHoldsNoToken) {
  const std::string token = *make_link(folder, random, WallTime{1000});
  std::ifstream in(folder / "page_link.json");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  CHECK(text.find(token) == std::string::npos);
}

TEST(PageUsers, Link_WithoutOrWithDamagedFile_IsRefused) {
  CHECK(*use_link(folder, make_token(random), WallTime{1}) == LinkAnswer::kUnknown);
  for (const char* text : {"x",
                           "{\"sha256\":1,\"expires_us\":1,\"used\":false}",
                           "{\"sha256\":\"\",\"expires_us\":\"1\",\"used\":false}",
                           "{\"sha256\":\"\",\"expires_us\":1}"}) {
    put("page_link.json", text);
    CHECK(use_link(folder, make_token(random), WallTime{1}).error().code == Errc::kCorrupt);
  }
}

TEST(PageUsers, SetUser_AddsThenReplacesThePassword) {
  CHECK(set_user(folder, "li", "clerk", "a long password", random).has_value());
  CHECK(set_user(folder, "wang", "clerk", "another password", random).has_value());
  CHECK(set_user(folder, "li", "clerk", "a newer password", random).has_value());
  const auto users = load_users(folder);
  LONGS_EQUAL(2, users->size());
  STRCMP_EQUAL("li", users->back().name.c_str());
  CHECK(password_fits(users->back().password_hash, "a newer password"));
  CHECK(!password_fits(users->back().password_hash, "a long password"));
}

TEST(PageUsers, SetUser_RefusesWhatIsNoNameOrPassword) {
  CHECK(set_user(folder, "", "clerk", "a long password", random).error().code == Errc::kInvalid);
  CHECK(set_user(folder, std::string(65, 'x'), "clerk", "a long password", random).error().code ==
        Errc::kInvalid);
  CHECK(set_user(folder, "a\nb", "clerk", "a long password", random).error().code ==
        Errc::kInvalid);
  CHECK(set_user(folder, "li", "clerk", "too short", random).error().code == Errc::kInvalid);
  CHECK(set_user(folder, "li", "clerk", std::string(257, 'x'), random).error().code ==
        Errc::kInvalid);
  put("page_users.json", "damaged");
  CHECK(set_user(folder, "li", "clerk", "a long password", random).error().code == Errc::kCorrupt);
  CHECK(load_users(folder).error().code == Errc::kCorrupt);
}
