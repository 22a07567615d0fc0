#include "core/record/header.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::record;

TEST_GROUP(RecordHeader) {
  Header header{RecordKind::kAccrual, 3, {TerminalId{1}, Incarnation{2}, BootId{3}, Seq{4}}, {}};
  Bytes sealed() const {
    Bytes bytes(kHeaderBytes + kMacBytes);
    write_header(header, bytes.data());
    return bytes;
  }
  void refused(const Bytes& bytes, Errc code) const {
    const Result<Header> peeked = peek_header(bytes);
    CHECK_FALSE(peeked.has_value());
    CHECK_TRUE(peeked.error().code == code);
  }
};

TEST(RecordHeader, Written_IsReadBack) {
  header.prev_mac.fill(7);
  const Header peeked = *peek_header(sealed());
  CHECK_TRUE(peeked.kind == header.kind);
  CHECK_TRUE(peeked.id == header.id);
  CHECK_TRUE(peeked.prev_mac == header.prev_mac);
  CHECK_EQUAL(3, peeked.key_version);
}

TEST(RecordHeader, UnknownKind_IsCarried) {
  Bytes bytes = sealed();
  bytes[1] = 200;
  CHECK_TRUE(peek_header(bytes).has_value());
}

TEST(RecordHeader, TooShortOrTooLong_IsInvalid) {
  Bytes bytes = sealed();
  bytes.pop_back();
  refused(bytes, Errc::kInvalid);
  refused({}, Errc::kInvalid);
  bytes.resize(kRecordBytesMax);
  CHECK_TRUE(peek_header(bytes).has_value());
  bytes.resize(kRecordBytesMax + 1);
  refused(bytes, Errc::kInvalid);
}

TEST(RecordHeader, OtherFormatVersion_IsUnsupported) {
  Bytes bytes = sealed();
  bytes[0] = 2;
  refused(bytes, Errc::kUnsupported);
}

TEST(RecordHeader, ZeroIds_AreInvalid) {
  const Header good = header;
  header.id.terminal = {};
  refused(sealed(), Errc::kInvalid);
  header = good;
  header.id.incarnation = {};
  refused(sealed(), Errc::kInvalid);
  header = good;
  header.id.boot = {};
  refused(sealed(), Errc::kInvalid);
  header = good;
  header.id.seq = {};
  refused(sealed(), Errc::kInvalid);
}

TEST(RecordHeader, SeqBeyondTheBound_IsInvalid) {
  header.id.seq = Seq{kSeqMax};
  CHECK_TRUE(peek_header(sealed()).has_value());
  header.id.seq = Seq{kSeqMax + 1};
  refused(sealed(), Errc::kInvalid);
  header.id.seq = Seq{~std::uint64_t{0}};
  refused(sealed(), Errc::kInvalid);
}
