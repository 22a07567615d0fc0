// Build tool: cuts the terminal's fonts out of Debian's Noto Sans CJK, so that a terminal maps two
// megabytes instead of forty. HarfBuzz's subsetter takes a fraction of a second where fonttools
// takes half a minute.
//
//   subset_font <collection.ttc> <index> <out.otf> <set>... [-<set>...]
//
// A set is `latin`, `gb2312`, `gbk`, or the path of a UTF-8 text whose characters are taken; one
// with a minus is left out.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include <hb-subset.h>
#include <hb.h>
#include <iconv.h>

namespace {

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "subset_font: %s\n", what.c_str());
  std::exit(1);
}

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
using Blob = std::unique_ptr<hb_blob_t, Release<hb_blob_t, hb_blob_destroy>>;
using Face = std::unique_ptr<hb_face_t, Release<hb_face_t, hb_face_destroy>>;
using Set = std::unique_ptr<hb_set_t, Release<hb_set_t, hb_set_destroy>>;
using Input =
    std::unique_ptr<hb_subset_input_t, Release<hb_subset_input_t, hb_subset_input_destroy>>;

/// Every character that a two-byte Chinese encoding can say.
void add_encoding(hb_set_t* set, const char* encoding) {
  const iconv_t converter = iconv_open("UTF-32LE", encoding);
  if (converter == iconv_t(-1)) {
    fail(std::string("this system's iconv does not know ") + encoding);
  }
  for (unsigned high = 0x81; high < 0xFF; ++high) {
    for (unsigned low = 0x40; low < 0xFF; ++low) {
      char in[2] = {static_cast<char>(high), static_cast<char>(low)};
      std::uint32_t out[2] = {};
      char* from = in;
      char* to = reinterpret_cast<char*>(out);
      std::size_t from_left = sizeof in;
      std::size_t to_left = sizeof out;
      if (iconv(converter, &from, &from_left, &to, &to_left) != std::size_t(-1) &&
          to_left == sizeof out - sizeof out[0]) {
        hb_set_add(set, out[0]);
      }
      iconv(converter, nullptr, nullptr, nullptr, nullptr);
    }
  }
  iconv_close(converter);
}

void add_latin(hb_set_t* set) {
  hb_set_add_range(set, 0x20, 0x7E);
  hb_set_add_range(set, 0xA0, 0x17F);
  for (const hb_codepoint_t c : {0x2013U,
                                 0x2014U,
                                 0x2018U,
                                 0x2019U,
                                 0x201CU,
                                 0x201DU,
                                 0x2022U,
                                 0x2026U,
                                 0x20ACU,
                                 0x2212U,
                                 0xFFE5U}) {
    hb_set_add(set, c);
  }
}

void add_text(hb_set_t* set, const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file || text.empty()) {
    fail("cannot read " + path);
  }
  const std::unique_ptr<hb_buffer_t, Release<hb_buffer_t, hb_buffer_destroy>> buffer(
      hb_buffer_create());
  hb_buffer_add_utf8(buffer.get(), text.data(), static_cast<int>(text.size()), 0, -1);
  unsigned length = 0;
  const hb_glyph_info_t* infos = hb_buffer_get_glyph_infos(buffer.get(), &length);
  for (unsigned i = 0; i < length; ++i) {
    if (infos[i].codepoint >= 0x20) {
      hb_set_add(set, infos[i].codepoint);
    }
  }
}

Set read_set(const std::string& name) {
  Set set(hb_set_create());
  if (name == "latin") {
    add_latin(set.get());
  } else if (name == "gb2312") {
    add_encoding(set.get(), "GB2312");
  } else if (name == "gbk") {
    add_encoding(set.get(), "GBK");
  } else {
    add_text(set.get(), name);
  }
  return set;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    fail("needs a collection, an index, an output file and at least one set");
  }
  const Blob blob(hb_blob_create_from_file_or_fail(argv[1]));
  if (blob == nullptr) {
    fail(std::string("cannot read ") + argv[1]);
  }
  const std::string_view index_text = argv[2];
  unsigned index = 0;
  if (std::from_chars(index_text.data(), index_text.data() + index_text.size(), index).ec !=
      std::errc{}) {
    fail("the index is not a number");
  }
  const Face face(hb_face_create(blob.get(), index));
  const Input input(hb_subset_input_create_or_fail());
  if (input == nullptr || hb_face_get_glyph_count(face.get()) == 0) {
    fail("the collection holds no such font");
  }
  hb_set_t* wanted = hb_subset_input_unicode_set(input.get());
  for (int i = 4; i < argc; ++i) {
    const std::string name = argv[i];
    if (name.starts_with('-')) {
      hb_set_subtract(wanted, read_set(name.substr(1)).get());
    } else {
      hb_set_union(wanted, read_set(name).get());
    }
  }
  hb_subset_input_set_flags(input.get(),
                            HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_NOTDEF_OUTLINE);
  hb_set_t* features = hb_subset_input_set(input.get(), HB_SUBSET_SETS_LAYOUT_FEATURE_TAG);
  hb_set_clear(features);
  hb_set_add(features, HB_TAG('k', 'e', 'r', 'n'));
  const Face cut(hb_subset_or_fail(face.get(), input.get()));
  if (cut == nullptr) {
    fail("HarfBuzz could not cut the font");
  }
  const Blob out(hb_face_reference_blob(cut.get()));
  unsigned length = 0;
  const char* data = hb_blob_get_data(out.get(), &length);
  std::ofstream file(argv[3], std::ios::binary);
  file.write(data, static_cast<std::streamsize>(length));
  file.close();
  if (!file) {
    fail(std::string("cannot write ") + argv[3]);
  }
  return 0;
}
