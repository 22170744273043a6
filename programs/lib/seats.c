#include "seats.h"

static size_t share(size_t count, size_t parts)
{
  return count < parts ? 1 : count / parts;
}

bool seat_take(struct seat *seats, size_t count, size_t mine, uid_t uid, bool by_us)
{
  size_t users = 0, same = 0;
  seats[mine].by_us = by_us;
  seats[mine].uid = uid;
  seats[mine].taken = true;
  if (by_us) return true;
  for (size_t i = 0; i < count; i++) {
    if (!seats[i].taken || seats[i].by_us) continue;
    users++;
    if (seats[i].uid == uid) same++;
  }
  if (users <= share(count, 2) && same <= share(count, 4)) return true;
  seat_leave(seats + mine);
  return false;
}

void seat_leave(struct seat *seat)
{
  seat->taken = false;
}
