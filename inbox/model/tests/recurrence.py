"""Makes recurrence.json: a thousand random rules and their first eight times, by python-dateutil 2.9.

Run it with: python3 inbox/model/tests/recurrence.py (needs the package python-dateutil)
"""

import datetime
import json
import pathlib
import random
import signal
import warnings

from dateutil.rrule import rrulestr

warnings.filterwarnings("ignore")
dice = random.Random(5545)
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]


def some(things, most):
    return dice.sample(things, dice.randint(1, most))


def rule():
    freq = dice.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = [f"FREQ={freq}"]
    if dice.random() < 0.5:
        parts.append(f"INTERVAL={dice.randint(1, 6)}")
    if dice.random() < 0.2:
        parts.append("WKST=" + dice.choice(DAYS))
    by = False
    if dice.random() < 0.3:
        parts.append("BYMONTH=" + ",".join(map(str, sorted(some(range(1, 13), 4)))))
        by = True
    if freq != "WEEKLY" and dice.random() < 0.4:
        days = [day for day in range(-31, 32) if day]
        parts.append("BYMONTHDAY=" + ",".join(map(str, some(days, 4))))
        by = True
    if dice.random() < 0.5:
        days = some(DAYS, 4)
        # plain days and counted ones are not mixed: dateutil wants both to hold, RFC 5545 either
        if freq in ("MONTHLY", "YEARLY") and dice.random() < 0.5:
            most = 5 if freq == "MONTHLY" or any(part.startswith("BYMONTH=") for part in parts) else 53
            days = [f"{dice.choice([n for n in range(-most, most + 1) if n])}{day}" for day in days]
        parts.append("BYDAY=" + ",".join(days))
        by = True
    # of its first week dateutil counts only the days from the start on, RFC 5545 all
    if by and freq != "WEEKLY" and dice.random() < 0.2:
        parts.append("BYSETPOS=" + ",".join(map(str, some([-2, -1, 1, 2, 3], 2))))
    if dice.random() < 0.2:
        parts.append(f"COUNT={dice.randint(1, 12)}")
    return ";".join(parts)


def too_long(*_):
    raise TimeoutError


signal.signal(signal.SIGALRM, too_long)
cases = []
while len(cases) < 1000:
    text = rule()
    start = datetime.datetime(2020, 1, 1) + datetime.timedelta(days=dice.randint(0, 4000), minutes=dice.randint(0, 1439))
    horizon = start.replace(year=start.year + 40, day=1)
    times = []
    is_rare = False
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        for at in rrulestr(text, dtstart=start):
            if len(times) == 8:
                break
            if at > horizon:
                is_rare = True
                break
            times.append(at)
    except TimeoutError:
        # dateutil looks on to the year 9999
        continue
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    # a rule that is used up has an end; one that is only rare is not a fair case
    if is_rare or (len(times) < 8 and "COUNT" not in text):
        continue
    cases.append({"rule": text, "start": start.isoformat(), "times": [at.isoformat() for at in times]})

lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
pathlib.Path(__file__).with_name("recurrence.json").write_text(f"[\n{lines}\n]\n")
