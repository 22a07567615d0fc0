// The set-up of a gateway box: language, network, office, enrolment, first manager
// (docs/formats/api.md, "Set-up"). Answers requests of the page; every call blocks on files, so all
// come on one thread of their own. The device's key is made here and never leaves.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "core/base/result.hpp"
#include "core/base/time.hpp"
#include "core/crypto/random_source.hpp"

#include "gateway/setup_choices.hpp"
#include "transport/http/message.hpp"

namespace tally::gateway {

class Setup {
 public:
  struct Options {
    Settings settings;
    std::filesystem::path data_dir;
    std::filesystem::path identity_dir;
  };

  struct Callbacks {
    std::function<void(const OaAddress&)> oa_chosen;
    /// A certificate was installed.
    std::function<void()> enrolled;
    std::function<WallTime()> now;
  };

  Setup(Options options, SetupChoices choices, crypto::RandomSource& random, Callbacks callbacks);

  /// Each answers the whole state, or a refusal.
  transport::http::Response state();
  transport::http::Response set_language(const std::string& body);
  transport::http::Response set_network(const std::string& body);
  transport::http::Response set_oa(const std::string& body);
  transport::http::Response make_request(const std::string& body);
  transport::http::Response install_certificate(const std::string& body);
  transport::http::Response finish(const std::string& body);

  /// The refusal for a manager that could not be made.
  static transport::http::Response manager_refused(const Error& error);

 private:
  struct Enrolment;
  Enrolment enrolment();
  transport::http::Response save_and_show(const SetupChoices& changed);
  Status check_and_install(const std::string& pem);
  bool has_manager(std::string& name) const;

  Options options_;
  SetupChoices choices_;
  crypto::RandomSource& random_;
  Callbacks callbacks_;
};

}  // namespace tally::gateway
