#include "hal/sim/paper.hpp"

#include <algorithm>
#include <string>

#include "hal/qr_decoder.hpp"

#include <CppUTest/TestHarness.h>

using namespace tally;
using namespace tally::hal;

struct PaperTest : Utest {
  Paper paper{384};

  std::size_t black() const {
    const auto& pixels = paper.picture().pixels;
    return static_cast<std::size_t>(std::count(pixels.begin(), pixels.end(), 0));
  }
  void refuse(const Bytes& job, std::int32_t at) {
    const Status status = paper.print(job);
    CHECK(!status.has_value());
    CHECK(status.error().code == Errc::kInvalid);
    LONGS_EQUAL(at, status.error().detail);
  }
  static Bytes qr_job(const std::string& text, std::uint8_t module) {
    Bytes job = {0x1B, 0x61, 1, 0x1D, 0x28, 0x6B, 3, 0, 49, 67, module};
    const auto length = static_cast<std::uint16_t>(text.size() + 3);
    for (const int byte : {0x1D, 0x28, 0x6B, length & 0xFF, length >> 8, 49, 80, 48}) {
      job.push_back(static_cast<std::uint8_t>(byte));
    }
    job.insert(job.end(), text.begin(), text.end());
    for (const int byte : {0x1D, 0x28, 0x6B, 3, 0, 49, 81, 48}) {
      job.push_back(static_cast<std::uint8_t>(byte));
    }
    return job;
  }
};

TEST_GROUP_BASE(Paper, PaperTest){};

TEST(Paper, RasterRow_IsDrawnBitByBit) {
  CHECK(paper.print(Bytes{0x1D, 0x76, 0x30, 0, 1, 0, 2, 0, 0x80, 0x01}).has_value());
  LONGS_EQUAL(2, paper.picture().height);
  LONGS_EQUAL(2, black());
  LONGS_EQUAL(0, paper.picture().pixels[0]);
  LONGS_EQUAL(0, paper.picture().pixels[384 + 7]);
}

TEST(Paper, CentredRaster_StandsInTheMiddle) {
  CHECK(paper.print(Bytes{0x1B, 0x61, 1, 0x1D, 0x76, 0x30, 0, 1, 0, 1, 0, 0x80}).has_value());
  LONGS_EQUAL(0, paper.picture().pixels[(384 - 8) / 2]);
}

TEST(Paper, QrCode_CanBeScannedFromThePaper) {
  std::string text = "TR1:";
  for (int i = 0; i < 480; ++i) {
    text += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[i % 45];
  }
  Bytes job = {0x1B, 0x4A, 24};
  const Bytes qr = qr_job(text, 3);
  job.insert(job.end(), qr.begin(), qr.end());
  job.insert(job.end(), {0x1B, 0x4A, 24});
  CHECK(paper.print(job).has_value());
  STRCMP_EQUAL(text.c_str(), decode_code(paper.picture()).value().c_str());
}

TEST(Paper, QrCodeWiderThanThePaper_IsRefused) {
  refuse(qr_job(std::string(600, 'a'), 8), 619);
}

TEST(Paper, TextBytes_BecomeBoxes) {
  CHECK(paper.print(Bytes{'A', 0xD6, 0xD0, 0x0A}).has_value());
  LONGS_EQUAL(30, paper.picture().height);
  CHECK(black() > 0);
}

TEST(Paper, FeedCutAndDrawer_MoveOnlyThePaper) {
  CHECK(paper.print(Bytes{0x1B, 0x40, 0x1B, 0x64, 2, 0x1B, 0x70, 0, 25, 25, 0x1D, 0x56, 66, 10})
            .has_value());
  LONGS_EQUAL(70, paper.picture().height);
  LONGS_EQUAL(0, black());
}

TEST(Paper, LongPaper_IsTornOffAtTheFront) {
  Bytes job = {0x1D, 0x76, 0x30, 0, 1, 0, 1, 0, 0xFF};
  for (int i = 0; i < 20; ++i) {
    job.insert(job.end(), {0x1B, 0x4A, 255});
  }
  CHECK(paper.print(job).has_value());
  LONGS_EQUAL(Paper::kDotsLongMax, paper.picture().height);
  LONGS_EQUAL(Paper::kDotsLongMax * 384, paper.picture().pixels.size());
  LONGS_EQUAL(0, black());
}

TEST(Paper, UnknownCommands_AreRefusedWithTheirPlace) {
  refuse({0x1B, 0x40, 0x1B, 0x99, 0}, 2);
  refuse({0x1D, 0x99, 0}, 0);
  refuse({0x0A, 0x07}, 1);
}

TEST(Paper, CutShortCommands_AreRefused) {
  refuse({0x1B}, 0);
  refuse({0x1D, 0x76, 0x30, 0, 2, 0, 2, 0, 1, 2, 3}, 0);
  refuse({0x1D, 0x28, 0x6B, 10, 0, 49, 80}, 0);
  refuse({0x10, 0x04}, 0);
}

TEST(Paper, RasterWiderThanThePaper_IsRefused) {
  refuse({0x1D, 0x76, 0x30, 0, 49, 0, 1, 0}, 0);
}

TEST(Paper, QrWithoutData_IsRefused) {
  refuse({0x1D, 0x28, 0x6B, 3, 0, 49, 81, 48}, 0);
}
