// Certificates and certificate requests, PEM or DER, as they come by cable, file or QR code.
#include "core/crypto/certificate.hpp"

#include "tests/fuzz/fuzz_input.hpp"

using namespace tally;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto request = crypto::parse_certificate_request(fuzz::text_of(data, size));
  const auto device = crypto::parse_device_certificate(ByteView(data, size));
  // Ending up with a device or a request out of noise would be the fuzzer breaking ECDSA.
  static_cast<void>(request);
  static_cast<void>(device);
  return 0;
}
