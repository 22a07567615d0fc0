#include "core/right/grant.hpp"

#include <algorithm>
#include <string_view>

#include "core/base/assert.hpp"

namespace tally::right {
namespace {

constexpr std::string_view kDomain = "tallystick right grant v1";

bool is_amount(Points points) {
  return points > Points{0} && points <= Points{kAmountMax};
}

class Writer {
 public:
  explicit Writer(std::uint8_t* out) : out_(out) {}

  template <std::unsigned_integral T>
  void put(T value) {
    store_be(value, out_);
    out_ += sizeof(T);
  }
  void put_signed(std::int64_t value) { put(static_cast<std::uint64_t>(value)); }

  const std::uint8_t* end() const { return out_; }

 private:
  std::uint8_t* out_;
};

}  // namespace

bool is_well_formed(const Grant& grant) {
  if (!grant.id || !grant.gateway || !grant.store || !grant.epoch || !is_amount(grant.points) ||
      !is_amount(grant.txn_points_max) || grant.lifetime.ms <= 0 || grant.lifetime > kLifetimeMax) {
    return false;
  }
  if (grant.kind == RightKind::kLease) {
    return grant.member.value > 0 && grant.member_points_max == Points{0} &&
           grant.slice_points_max == Points{0};
  }
  return grant.kind == RightKind::kBudget && !grant.member && is_amount(grant.member_points_max) &&
         grant.slice_points_max >= Points{0} && grant.slice_points_max <= grant.points;
}

ByteArray<kGrantBytes> signed_bytes(const Grant& grant) {
  ByteArray<kGrantBytes> bytes{};
  std::uint8_t* const fields = std::copy(kDomain.begin(), kDomain.end(), bytes.data());
  Writer writer(fields);
  writer.put(static_cast<std::uint8_t>(grant.kind));
  writer.put(grant.id.value);
  writer.put(grant.gateway.value);
  writer.put(grant.store.value);
  writer.put(grant.epoch.value);
  writer.put_signed(grant.points.value);
  writer.put_signed(grant.member.value);
  writer.put_signed(grant.txn_points_max.value);
  writer.put_signed(grant.member_points_max.value);
  writer.put_signed(grant.slice_points_max.value);
  writer.put_signed(grant.lifetime.ms);
  writer.put(grant.program.value);
  TALLY_ASSERT(writer.end() == bytes.data() + bytes.size());
  return bytes;
}

SignedGrant sign(const Grant& grant, const crypto::P256KeyPair& oa, crypto::RandomSource& random) {
  TALLY_ASSERT(is_well_formed(grant));
  return {grant, oa.ecdsa_sign(signed_bytes(grant), random)};
}

Status verify(const SignedGrant& signed_grant, const crypto::PublicKey& oa_key) {
  if (!is_well_formed(signed_grant.grant)) {
    return make_error(Errc::kInvalid, "grant has fields that do not belong together");
  }
  return crypto::ecdsa_verify(oa_key, signed_bytes(signed_grant.grant), signed_grant.signature);
}

}  // namespace tally::right
