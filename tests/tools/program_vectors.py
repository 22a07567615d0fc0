#!/usr/bin/python3
"""Works out the points of tests/vectors/program.tsv by the rules as they are written there, in exact
fractions: a second opinion beside core/program, from the words alone (ADR 25).

usage: program_vectors.py FILE [--fill]     --fill puts the figure where a line has "?"
"""
import datetime
import re
import sys
from fractions import Fraction
from math import floor

WEEKDAYS = "Mon Tue Wed Thu Fri Sat Sun".split()


def fen(text):
    return round(Fraction(text) * 100)


class Rules:
    def __init__(self, text):
        self.rate, self.step, self.full, self.rounding = 1, 100, True, "down"
        self.bonuses, self.thresholds, self.coupons = [], [], {}
        self.excluded, self.earn_from, self.sale_max, self.day_max = set(), 0, None, None
        for clause in text.split("; "):
            self.clause(clause)

    def clause(self, clause):
        if m := re.fullmatch(r"(\d+) points? per (full )?([\d.]+)", clause):
            self.rate, self.full, self.step = int(m[1]), bool(m[2]), fen(m[3])
        elif m := re.fullmatch(r"round (down|half up|up)", clause):
            self.rounding = m[1]
        elif m := re.fullmatch(r"\+(\d+)% (.*)", clause):
            self.bonuses.append((int(m[1]), m[2].split()))
        elif m := re.fullmatch(r"spend ([\d.]+):(?: \+(\d+)%)?(?: \+(\d+) points?)?", clause):
            self.thresholds.append((fen(m[1]), int(m[2] or 0), int(m[3] or 0)))
        elif m := re.fullmatch(r"nothing for category ([\d,]+)", clause):
            self.excluded = {int(c) for c in m[1].split(",")}
        elif m := re.fullmatch(r"from ([\d.]+)", clause):
            self.earn_from = fen(m[1])
        elif m := re.fullmatch(r"at most (\d+) a (sale|day)", clause):
            setattr(self, m[2] + "_max", int(m[1]))
        elif m := re.fullmatch(r"coupon (\w+): (.*?)(?: from ([\d.]+))? (\S+) to (\S+)(?: many times)?", clause):
            self.coupons[m[1]] = (m[2], fen(m[3] or "0"), m[4], m[5])


def holds(words, category, day, hour, facts):
    """Whether all the conditions of a bonus are met by goods of this category."""
    i, met = 0, True
    while i < len(words):
        word = words[i]
        i += 1
        if word == "first":
            met &= "first" in facts
        elif word == "tier":
            met &= str(facts.get("tier", "0")) in words[i].split(",")
            i += 1
        elif word == "category":
            met &= str(category) in words[i].split(",")
            i += 1
        elif word == "birthday":
            met &= in_window(facts.get("birthday"), words[i], day)
            i += 1
        elif word == "time":
            pass
        elif word[0].isdigit():
            start, end = map(int, word.split("-"))
            hours = set(range(start, end)) if start < end else set(range(start, 24)) | set(range(end))
            met &= hour in hours
        else:
            met &= day is not None and WEEKDAYS[day.weekday()] in word.split(",")
    return met


def in_window(birthday, window, day):
    if birthday is None or day is None:
        return False
    month, of_month = map(int, birthday.split("-"))
    if window == "month":
        return day.month == month
    reach = 3 if window == "week" else 0
    for year in (day.year - 1, day.year, day.year + 1):
        try:
            that = datetime.date(year, month, of_month)
        except ValueError:
            that = datetime.date(year, month, 28)
        if abs((that - day).days) <= reach:
            return True
    return False


def points(rules, paid, goods, when, member, code):
    bill = fen(paid)
    lines = [] if goods == "-" else [(int(c), fen(a)) for c, a in
                                     (line.split(":") for line in goods.split(","))]
    whole = sum(a for _, a in lines)
    share = Fraction(bill, whole) if whole > bill else Fraction(1)
    if whole < bill:
        lines.append((0, bill - whole))
    day = hour = None
    if when != "-":
        fields = when.split()
        day = datetime.date.fromisoformat(fields[0])
        assert fields[1] == WEEKDAYS[day.weekday()], when
        hour = int(fields[2]) if len(fields) > 2 else None
    facts = {}
    for fact in [] if member == "-" else member.split(", "):
        name, _, value = fact.partition(" ")
        facts[name] = value
    lines = [(c, a) for c, a in lines if c not in rules.excluded]

    def paid_for(amount):  # Rounded down to the fen when a part was paid in points.
        return floor(amount * share)

    def counted(amount):
        return amount // rules.step * rules.step if rules.full else amount

    eligible = paid_for(sum(a for _, a in lines))
    if eligible == 0 or eligible < rules.earn_from:
        return 0
    exact = Fraction(counted(eligible) * rules.rate, rules.step)
    amounts = [0] * len(rules.bonuses)
    for category, amount in lines:
        best = {}
        for i, (percent, words) in enumerate(rules.bonuses):
            if holds(words, category, day, hour, facts):
                if words[0] not in best or percent > rules.bonuses[best[words[0]]][0]:
                    best[words[0]] = i
        for i in best.values():
            amounts[i] += amount
    for (percent, _), amount in zip(rules.bonuses, amounts):
        exact += Fraction(counted(paid_for(amount)) * rules.rate * percent, rules.step * 100)
    pieces = 0
    reached = [t for t in rules.thresholds if t[0] <= eligible]
    if reached:
        _, percent, pieces = max(reached)
        exact += Fraction(counted(eligible) * rules.rate * percent, rules.step * 100)
    if code in rules.coupons and day is not None:
        benefit, least, first, last = rules.coupons[code]
        if first <= day.isoformat() <= last and eligible >= least:
            if m := re.fullmatch(r"\+(\d+)%", benefit):
                exact += Fraction(counted(eligible) * rules.rate * int(m[1]), rules.step * 100)
            elif m := re.fullmatch(r"\+(\d+) points?", benefit):
                pieces += int(m[1])
    half = {"down": Fraction(0), "half up": Fraction(1, 2), "up": None}[rules.rounding]
    total = (-floor(-exact) if half is None else floor(exact + half)) + pieces
    if rules.sale_max is not None:
        total = min(total, rules.sale_max)
    if rules.day_max is not None:
        total = min(total, max(0, rules.day_max - int(facts.get("earned", 0))))
    return total


def main():
    rules, wrong, count = None, 0, 0
    filled = []
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.read().splitlines()
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if cells[0] == "rules":
            rules = Rules(cells[1])
        elif cells[0] == "earn":
            due = points(rules, *cells[1:6])
            count += 1
            if cells[6] == "?":
                cells[6] = str(due)
            elif cells[6] != str(due):
                wrong += 1
                print(f"{sys.argv[1]}:{number}: {cells[6]} points, but the rules as written give {due}")
        filled.append("\t".join(cells))
    if "--fill" in sys.argv:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write("\n".join(filled) + "\n")
    print(f"{count} purchases, {wrong} wrong")
    return 1 if wrong or not count else 0


if __name__ == "__main__":
    sys.exit(main())
