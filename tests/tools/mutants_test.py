#!/usr/bin/python3
"""tools/mutants counts what it should and nothing else: run against a simulator made of answers."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

TOOL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "mutants")

# What the stand-in says for a mutant on a seed: (violations as (invariant, text), sales), or None
# for a run that prints nothing. Seed 3 shows I7 without any mutant.
FAKE = '''#!/usr/bin/python3
import json, sys
options = dict(zip(sys.argv[1::2], sys.argv[2::2])) if "--list-mutants" not in sys.argv else {}
if "--list-mutants" in sys.argv:
    for name in ("area/seen-late", "area/assertion", "area/no-sales", "area/silent", "area/old"):
        print(f"{name}\\tI5\\tsomething")
    sys.exit()
seed = int(sys.argv[sys.argv.index("--seeds") + 1].split("..")[0])
mutant = sys.argv[sys.argv.index("--mutant") + 1] if "--mutant" in sys.argv else ""
sales, found = 5, []
if mutant == "area/seen-late" and seed == 2:
    found = [("I5", "a sale is lost")]
elif mutant == "area/assertion":
    print("assertion failed: x > 0 at core/a.cpp:1", file=sys.stderr)
    found = [("died", "signal 6")]
elif mutant == "area/no-sales":
    sales, found = 0, [("I10", "nothing drains")]
elif mutant == "area/old" and seed == 3:
    found = [("I7", "as ever")]
elif not mutant and seed == 3:
    found = [("I7", "as ever")]
for invariant, text in found:
    print(f"seed {seed}: {invariant} violated at event 9 (day 1): {text}", file=sys.stderr)
print(json.dumps({"seed": seed, "sales": sales, "violations": len(found), "mutant_reached": 0}))
sys.exit(1 if found else 0)
'''


class Mutants(unittest.TestCase):
    def run_tool(self, *arguments):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "tally-sim")
            with open(program, "w", encoding="utf-8") as fake:
                fake.write(FAKE)
            os.chmod(program, 0o755)
            return subprocess.run(
                [sys.executable, TOOL, "--program", program, "--seeds", "3", *arguments],
                capture_output=True, text=True, check=False)

    def test_only_violations_that_the_mutant_causes_count(self):
        done = self.run_tool("--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        result = json.loads(done.stdout)
        rows = {row["name"]: row for row in result["mutants"]}
        self.assertEqual((result["killed"], result["total"]), (1, 5))
        self.assertEqual(result["seeds_to_kill_median"], 2)
        self.assertEqual(result["survivors"],
                         ["area/assertion", "area/no-sales", "area/silent", "area/old"])
        self.assertEqual(rows["area/seen-late"]["killed_by"], ["I5"])
        self.assertIn("assertion", rows["area/assertion"]["remarks"][0])
        self.assertIn("no sale", rows["area/no-sales"]["remarks"][0])
        self.assertIn("never reached", rows["area/silent"]["remarks"][0])
        self.assertIn("without any mutant", rows["area/old"]["remarks"][0])

    def test_all_killed_is_success(self):
        self.assertEqual(self.run_tool("--only", "area/seen-late").returncode, 0)

    def test_unknown_name_refused(self):
        self.assertEqual(self.run_tool("--only", "area/none").returncode, 2)


if __name__ == "__main__":
    unittest.main()
