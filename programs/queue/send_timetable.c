#include <limits.h>
#include <string.h>

#include "destination_line.h"
#include "send.h"
#include "send_schedule.h"
#include "send_timetable.h"

bool timetable_counts(enum channel c)
{
  return c == CHANNEL_REMOTE && (settings.destinationschedule.count || settings.destinationschedule.cdb);
}

/* What makes no sense is no line. */
static struct destination_schedule line_of(char const *domain, size_t len)
{
  struct nameset const *set = &settings.destinationschedule;
  unsigned long lifetime = settings.queuelifetime;
  struct destination_schedule s = { lifetime < UINT_MAX ? (unsigned)lifetime : UINT_MAX, SCHEDULE_FIRST_REMOTE, UINT_MAX };
  struct field value;
  bool named = nameset_find_domain(set, domain, len, &value) == 1 && destination_schedule_read(&s, value.s, value.len);
  if (!named && nameset_find(set, "", 0, &value) == 1) destination_schedule_read(&s, value.s, value.len);
  return s;
}

uint64_t timetable_lifetime(enum channel c, char const *domain, size_t len)
{
  return timetable_counts(c) ? line_of(domain, len).lifetime : settings.queuelifetime;
}

uint64_t timetable_next(enum channel c, char const *domain, size_t len, uint64_t birth, uint64_t start)
{
  if (!timetable_counts(c)) return schedule_next(birth, start, c);
  struct destination_schedule s = line_of(domain, len);
  return schedule_next_by(birth, start, s.first, s.longest);
}

uint64_t timetable_longest(enum channel c, uint64_t birth)
{
  if (timetable_counts(c)) return schedule_longest_by(birth, now, DESTINATION_LIFETIME_MAX, DESTINATION_FIRST_MAX);
  return schedule_longest(birth, now, settings.queuelifetime, c);
}
