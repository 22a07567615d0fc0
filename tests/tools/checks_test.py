#!/usr/bin/python3
"""The tree checks refuse what they are there to refuse."""

import os
import subprocess
import sys
import tempfile
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools")
sys.path.insert(0, TOOLS)

import check_layers  # noqa: E402
import check_tree  # noqa: E402


class Layers(unittest.TestCase):
    def refuse(self, path, line, words):
        problems = check_layers.check_file(path, line + "\n")
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(words, problems[0])

    def accept(self, path, line):
        self.assertEqual(check_layers.check_file(path, line + "\n"), [])

    def test_include_up_the_table_refused(self):
        self.refuse("core/ledger/lot.cpp", '#include "storage/db.hpp"', "may not include storage/")
        self.refuse("core/base/ids.hpp", '#include "core/record/header.hpp"', "may not include core/")
        self.refuse("shell/log.cpp", '#include "gateway/app.hpp"', "may not include gateway/")

    def test_neighbour_refused(self):
        self.refuse("storage/db.cpp", '#include "transport/tls.hpp"', "may not include transport/")
        self.refuse("hal/sim/printer.cpp", '#include "core/sale/view.hpp"', "may not include core/")
        self.refuse("gateway/app.cpp", '#include "oa/app.hpp"', "may not include oa/")
        self.refuse("tools/audit.cpp", '#include "firmware/app.hpp"', "may not include firmware/")
        self.refuse("boards/demo.hpp", '#include "storage/db.hpp"', "may not include storage/")

    def test_include_down_the_table_accepted(self):
        self.accept("core/ledger/lot.cpp", '#include "core/base/amount.hpp"')
        self.accept("core/node/gateway.cpp", '#include "core/record/header.hpp"')
        self.accept("hal/scanner.hpp", '#include "core/base/result.hpp"')
        self.accept("shell/page.hpp", '#include "transport/asio_types.hpp"')
        self.accept("firmware/app.cpp", '#include "hal/printer.hpp"')

    def test_path_not_from_root_refused(self):
        self.refuse("core/ledger/lot.cpp", '#include "lot.hpp"', "from the repository root")
        self.refuse("core/ledger/lot.cpp", '#include "../base/ids.hpp"', "from the repository root")

    def test_library_outside_its_adapter_refused(self):
        self.refuse("gateway/app.cpp", "#include <sqlite3.h>", "SQLite")
        self.refuse("oa/app.cpp", "#include <asio/ip/tcp.hpp>", "Asio")
        self.refuse("core/record/seal.cpp", "#include <mbedtls/md.h>", "mbedTLS")
        self.refuse("core/node/oa.cpp", '#include "proto/link.pb.h"', "nanopb")
        self.refuse("core/node/oa.cpp", "#include <spdlog/spdlog.h>", "spdlog")
        self.accept("core/crypto/mac.cpp", "#include <mbedtls/md.h>")
        self.accept("core/codec/wire.hpp", '#include "proto/link.pb.h"')

    def test_impure_core_refused(self):
        for header in ("thread", "random", "fstream", "mutex", "sys/stat.h", "unistd.h"):
            self.refuse("core/node/oa.cpp", f"#include <{header}>", f"<{header}> in core/")
        self.accept("shell/clock.cpp", "#include <chrono>")


class Tree(unittest.TestCase):
    def findings(self, check, *arguments):
        found = check_tree.Findings()
        check(*arguments, found)
        return found.lines

    def refuse_text(self, data, words, path="docs/a.md"):
        lines = self.findings(check_tree.check_text, path, data)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(words, lines[0])

    def refuse_cpp(self, path, text, words):
        lines = self.findings(check_tree.check_cpp, path, text)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(words, lines[0])

    def test_bad_text_refused(self):
        self.refuse_text(b"a\r\nb\n", "LF only")
        self.refuse_text(b"a", "no newline")
        self.refuse_text(b"a\n\n", "empty line at the end")
        self.refuse_text(b"\ta\n", "tab")
        self.refuse_text(b"a \n", "space at the end")
        self.refuse_text(b"\xff\n", "not UTF-8")

    def test_todo_without_issue_refused(self):
        self.refuse_text(b"// TODO" + b": later\n", "TODO(#issue)")
        self.refuse_text(b"// FIX" + b"ME\n", "TODO(#issue)")
        self.assertEqual(
            self.findings(check_tree.check_text, "a.md", b"// TODO(#12): retire version 1\n"), [])

    def test_secrets_and_addresses_refused(self):
        self.refuse_text(b"-----BEGIN EC PRIVATE" + b" KEY-----\n", "key material")
        self.refuse_text(b"https://registry" + b".example.org/x\n", "download address")
        self.refuse_text(b'"resolved": "http' + b's://x.example/a.tgz"\n', "download address",
                         "web/package-lock.json")

    def test_header_without_paragraph_or_guard_refused(self):
        self.refuse_cpp("core/a.hpp", "#pragma once\n", "paragraph")
        self.refuse_cpp("core/a.hpp", "// What it is for.\n", "#pragma once")

    def test_banned_calls_refused(self):
        self.refuse_cpp("core/a.cpp", "  sprintf(out, x);\n", "fmt::format")
        self.refuse_cpp("hal/a.cpp", "  int x = atoi(text);\n", "from_chars")
        self.refuse_cpp("oa/a.cpp", "  assert(x);\n", "TALLY_ASSERT")
        self.refuse_cpp("core/ledger/a.cpp", "  double share = 0;\n", "integers")
        self.refuse_cpp("storage/a.cpp", "  throw Broken();\n", "Result or Status")
        self.refuse_cpp("tests/core/a_test.cpp", "  std::this_thread::sleep_for(x);\n", "a wait for")

    def test_clock_in_core_refused(self):
        self.refuse_cpp("core/node/oa.cpp", "auto t = std::chrono::system_clock::now();\n", "passed in")
        self.assertEqual(self.findings(check_tree.check_cpp, "core/crypto/certificate.cpp",
                                       "std::chrono::year_month_day day;\n"), [])

    def test_words_in_comments_and_strings_accepted(self):
        text = '// assert(x) would vanish; a double is no amount\nlog("throw atoi(1)");\n'
        self.assertEqual(self.findings(check_tree.check_cpp, "core/a.cpp", text), [])

    def test_long_file_refused(self):
        self.refuse_cpp("oa/a.cpp", "// x\n" * (check_tree.LINES_MAX + 1), "second noun")

    def test_source_nobody_builds_refused(self):
        for path in ("web/a.cpp", "core/a.cc", "tests/core/helper.cpp"):
            self.assertEqual(len(self.findings(check_tree.check_built, path)), 1, path)
        for path in ("core/a.cpp", "tests/core/a_test.cpp", "tests/support/a.cpp"):
            self.assertEqual(self.findings(check_tree.check_built, path), [], path)

    def test_unbounded_proto_fields_refused(self):
        proto = ("message M {\n  string name = 1;\n  bytes mac = 2;\n  repeated int32 n = 3;\n"
                 "  oneof o {\n    string text = 4;\n  }\n  int32 again = 3;\n}\n")
        lines = self.findings(check_tree.check_proto, "proto/m.proto", proto, "")
        self.assertEqual(len(lines), 5, lines)
        options = ("tally.wire.M.name max_length:8\ntally.wire.M.mac max_size:16\n"
                   "tally.wire.M.n max_count:2\ntally.wire.M.text max_length:9\n")
        lines = self.findings(check_tree.check_proto, "proto/m.proto", proto, options)
        self.assertEqual(len(lines), 1, lines)
        self.assertIn("number 3", lines[0])

    def test_option_of_no_field_refused(self):
        lines = self.findings(check_tree.check_proto, "proto/m.proto", "message M {\n}\n",
                              "tally.wire.M.gone max_size:1\n")
        self.assertIn("is no field", lines[0])

    def test_whole_tree_with_a_key_file_refused(self):
        with tempfile.TemporaryDirectory() as root:
            subprocess.run(["git", "init", "-q", root], check=True)
            with open(os.path.join(root, "device.key"), "w", encoding="utf-8") as out:
                out.write("x\n")
            self.assertEqual(len(check_tree.check(root)), 1)

    def mutants(self, path, code, table):
        used = [(path, line, name) for name, line in check_tree.mutants_in(path, code)]
        return self.findings(check_tree.check_mutants, used, table)

    def test_mutants_and_their_table_agree(self):
        # In pieces: this file is searched as well.
        code = "if (TALLY_" + 'MUTANT("lot-order/latest-first")) {'
        row = '{"lot-order/latest-first", "text", "I7"},'
        self.assertEqual(self.mutants("core/a.cpp", code, row), [])
        self.assertIn("is not in tests/sim/mutants.cpp", self.mutants("core/a.cpp", code, "")[0])
        self.assertIn("is not in the code", self.mutants("core/a.cpp", "", row)[0])
        self.assertIn("listed twice", self.mutants("core/a.cpp", code, row + row)[0])
        self.assertIn("core and storage only", self.mutants("oa/a.cpp", code, row)[0])
        self.assertIn("not named area/what",
                      self.mutants("core/a.cpp", code.replace("/", " "), "")[0])


if __name__ == "__main__":
    unittest.main()
