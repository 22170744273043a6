#include <errno.h>
#include <sys/mman.h>
#include <time.h>

#include "crowd.h"
#include "monotonic.h"

enum {
  HANGING_MS = 1000,          /* who has been in for so long does not come back soon */
  NAP_NS = 1000000
};

static struct crowd_mark *all, *own;
static size_t workers, share;

struct crowd_mark *crowd_marks(size_t count)
{
  void *marks = mmap(0, count * sizeof (struct crowd_mark), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return marks == MAP_FAILED ? 0 : marks;
}

void crowd_join(struct crowd_mark *marks, size_t count, size_t mine)
{
  all = marks;
  own = marks + mine;
  workers = count;
  share = count < 2 ? 1 : count / 2;
  own->place = 0;
}

/* FNV-1a. Two directories of the same number share their half. */
static uint64_t number_of(stralloc const *directory)
{
  uint64_t n = 0xcbf29ce484222325;
  for (size_t i = 0; i < directory->len; i++) n = (n ^ (unsigned char)directory->s[i]) * 0x100000001b3;
  return n ? n : 1;
}

enum room { THERE_IS_ROOM, FULL, HANGING };

static enum room look_for_room(uint64_t place, int64_t now)
{
  size_t count = 0;
  bool hangs = false;
  for (size_t i = 0; i < workers; i++) {
    if (all[i].place != place) continue;
    count++;
    hangs = hangs || now - all[i].since > HANGING_MS;
  }
  return count <= share ? THERE_IS_ROOM : hangs ? HANGING : FULL;
}

/* Two who come at the same time may both go and come back, never both be one too many. */
bool crowd_enter(stralloc const *directory)
{
  enum room room;
  if (!own) return true;
  uint64_t place = number_of(directory);
  for (;;) {
    int64_t now = monotonic_ms();
    own->since = now;
    own->place = place;
    room = look_for_room(place, now);
    if (room == THERE_IS_ROOM) return true;
    own->place = 0;
    if (room == HANGING) return errno = EBUSY, false;
    nanosleep(&(struct timespec){ .tv_nsec = NAP_NS }, 0);
  }
}

void crowd_leave(void)
{
  if (own) own->place = 0;
}
