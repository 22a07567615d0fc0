#!/usr/bin/python3
"""`tally program` as an office calls it: exit codes, and refusals that name file, line and figure.

usage: program_command.py --bin FOLDER
"""

import json
import os
import subprocess
import sys
import tempfile
import unittest

TALLY = os.path.join(sys.argv[sys.argv.index("--bin") + 1], "tally")


class ProgramCommand(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    def program(self, name, **figures):
        return self.file(name, json.dumps({"version": 2, **figures}))

    def tally(self, part, *arguments):
        run = subprocess.run([TALLY, "program", part, *arguments, "--language", "en"],
                             capture_output=True, text=True, check=False, timeout=60)
        return run.returncode, run.stdout, run.stderr

    def test_good_rules(self):
        self.assertEqual(self.tally("check", self.program("a")),
                         (0, "program version 2: nothing wrong\n", ""))

    def test_wrong_figure(self):
        path = self.program("a", bill_share_percent=101)
        self.assertEqual(self.tally("check", path),
                         (1, "", f"tally program: {path}: bill_share_percent is 101, not in 0 to 100\n"))

    def test_broken_json(self):
        path = self.file("a", '{"version": 2,\n "tiers": [}')
        code, out, error = self.tally("check", path)
        self.assertEqual((code, out), (1, ""))
        self.assertIn(f"{path}: not JSON: parse error at line 2, column 12", error)

    def test_files_that_cannot_be_read(self):
        for path in (os.path.join(self.folder, "nowhere"), self.folder):
            self.assertEqual(self.tally("check", path),
                             (2, "", f"tally program: {path}: cannot be read\n"))

    def test_same_and_different(self):
        before, after = self.program("a"), self.program("b", rounding="up")
        self.assertEqual(self.tally("diff", before, before), (0, "", ""))
        self.assertEqual(self.tally("diff", before, after), (1, "rounding: down → up\n", ""))

    def test_sales(self):
        bonus = {"kind": "category", "extra_percent": 100, "categories": [5]}
        before, after = self.program("a"), self.program("b", bonuses=[bonus])
        sales = self.file("sales.tsv", "# paid\tgoods\n56.80\t5:36.80,7:20.00\n")
        code, out, error = self.tally("simulate", after, sales, "--against", before, "--why")
        self.assertEqual((code, error), (0, ""))
        self.assertIn("2\t56.80\t92\t56\t+36\n", out)
        self.assertIn("  category bonus +100 % on 36.00 CNY: 36 points\n", out)
        self.assertIn("sales 1, paid 56.80 CNY, points 92; against 56, difference +36\n", out)

    def test_sale_that_is_wrong(self):
        program = self.program("a")
        sales = self.file("sales.tsv", "10.00\nten\n")
        self.assertEqual(self.tally("simulate", program, sales),
                         (1, "", f"tally program: {sales}: line 2, paid: must be an amount like 128.50\n"))
        sales = self.file("sales.tsv", "10.00\t-\t-\ttier 3\n")
        self.assertEqual(self.tally("simulate", program, sales),
                         (1, "", f"tally program: {sales}: line 1, tier is 3, not 0\n"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
