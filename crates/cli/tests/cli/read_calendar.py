"""Reads calendars as people's programs do, with icalendar and recurring-ical-events.

Arguments: the last day, then a calendar from which all days are to follow, then later ones.
Standard output: {item: [days of the first calendar up to the last day,
                         first days of all calendars up to the last day]}.
"""

import datetime
import json
import sys

import icalendar
import recurring_ical_events


def read(path):
    with open(path, "rb") as file:
        calendar = icalendar.Calendar.from_ical(file.read())
    assert not calendar.errors, calendar.errors
    for event in calendar.walk("VEVENT"):
        assert not event.errors, event.errors
        assert type(event.start) is datetime.date, event
        assert event["UID"] and event["SUMMARY"] and event["DTSTAMP"].dt.tzinfo, event
    return calendar


def item(event):
    return str(event["SUMMARY"]).split(":")[0].split(" ")[-1]


last = datetime.date.fromisoformat(sys.argv[1])
calendars = [read(path) for path in sys.argv[2:]]
begin = min(event.start for event in calendars[0].walk("VEVENT"))
days = {}
for event in recurring_ical_events.of(calendars[0]).between(begin, last + datetime.timedelta(days=1)):
    if event.start <= last:
        days.setdefault(item(event), ([], set()))[0].append(event.start)
for calendar in calendars:
    for event in calendar.walk("VEVENT"):
        if event.start <= last:
            days.setdefault(item(event), ([], set()))[1].add(event.start)
json.dump({name: [sorted(map(str, one)) for one in both] for name, both in days.items()}, sys.stdout)
