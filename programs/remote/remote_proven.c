#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/sha256.h>
#include <skalibs/uint32.h>
#include <skalibs/uint64.h>

#include "remote_proven.h"

enum { MARK = 8 };

struct place {
  off_t at;
  char mark[MARK];
};

static struct place place_of(char const *server)
{
  SHA256Schedule context;
  char digest[32];
  struct place p;
  uint32_t number;
  sha256_init(&context);
  for (; *server; server++) {
    char const c = (char)tolower((unsigned char)*server);
    sha256_update(&context, &c, 1);
  }
  sha256_final(&context, digest);
  uint32_unpack(digest, &number);
  p.at = (off_t)(number % PROVEN_RECORDS) * PROVEN_RECORD;
  memcpy(p.mark, digest + 4, MARK);
  return p;
}

/* The time at the place; false when it is another one's, or nobody's. */
static bool read_record(int fd, struct place const *p, uint64_t *when)
{
  char record[PROVEN_RECORD];
  if (pread(fd, record, sizeof record, p->at) != PROVEN_RECORD || memcmp(record, p->mark, MARK) != 0) return false;
  uint64_unpack(record + MARK, when);
  return true;
}

static void write_record(int fd, struct place const *p, uint64_t when)
{
  char record[PROVEN_RECORD];
  memcpy(record, p->mark, MARK);
  uint64_pack(record + MARK, when);
  ssize_t const written = pwrite(fd, record, sizeof record, p->at);
  (void)written;        /* only a hint is lost */
}

/* False also for a time that is to come: the clock was set back. */
static bool is_within(uint64_t when, uint64_t now, uint64_t seconds)
{
  return when <= now && now - when < seconds;
}

void proven_note(char const *server)
{
  uint64_t const now = (uint64_t)time(0);
  uint64_t when;
  int const fd = *server ? open(PROVEN_FILE, O_RDWR | O_CLOEXEC) : -1;
  if (fd == -1) return;
  struct place const p = place_of(server);
  if (!read_record(fd, &p, &when) || !is_within(when, now, PROVEN_SAME)) write_record(fd, &p, now);
  close(fd);
}

bool proven_before(char const *server, uint64_t *seconds)
{
  uint64_t const now = (uint64_t)time(0);
  uint64_t when;
  int const fd = *server ? open(PROVEN_FILE, O_RDONLY | O_CLOEXEC) : -1;
  if (fd == -1) return false;
  struct place const p = place_of(server);
  bool const is_known = read_record(fd, &p, &when) && is_within(when, now, PROVEN_DAYS * 86400);
  close(fd);
  if (is_known) *seconds = now - when;
  return is_known;
}
