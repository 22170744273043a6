#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/uint64.h>

#include "lock.h"
#include "tcpto.h"

static char const mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)0xff, (char)0xff };

/* ---- arithmetic ---- */

static void entry_unpack(struct tcpto_entry *e, char const *s)
{
  if (memcmp(s, mapped, sizeof mapped) != 0) ip46_from_ip6(&e->ip, s);
  else ip46_from_ip4(&e->ip, s + sizeof mapped);
  e->count = (unsigned char)s[16];
  if (e->count > TCPTO_COUNT_MAX) e->count = 0;
  uint64_unpack(s + 24, &e->when);
}

void tcpto_unpack(struct tcpto_table *table, char const *s, size_t len)
{
  table->count = len < TCPTO_SIZE ? len / TCPTO_RECORD : TCPTO_RECORDS;
  for (size_t i = 0; i < table->count; i++) entry_unpack(table->entries + i, s + i * TCPTO_RECORD);
}

void tcpto_pack(char s[TCPTO_RECORD], struct tcpto_entry const *e)
{
  memset(s, 0, TCPTO_RECORD);
  if (e->ip.is6) {
    memcpy(s, e->ip.ip, 16);
  } else {
    memcpy(s, mapped, sizeof mapped);
    memcpy(s + sizeof mapped, e->ip.ip, 4);
  }
  s[16] = (char)e->count;
  uint64_pack(s + 24, e->when);
}

/* The index of the address's record, or the table's count. */
static size_t find(struct tcpto_table const *table, ip46 const *ip)
{
  size_t i = 0;
  for (; i < table->count; i++) {
    struct tcpto_entry const *e = table->entries + i;
    if (e->count && e->ip.is6 == ip->is6 && !memcmp(e->ip.ip, ip->ip, ip->is6 ? 16 : 4)) break;
  }
  return i;
}

bool tcpto_knows(struct tcpto_table const *table, ip46 const *ip)
{
  return find(table, ip) < table->count;
}

bool tcpto_resting(struct tcpto_table const *table, ip46 const *ip, uint64_t now, uint64_t pid)
{
  size_t i = find(table, ip);
  if (i == table->count) return false;
  struct tcpto_entry const *e = table->entries + i;
  /* A time in the future is the trace of a clock that was set back. */
  return e->count >= TCPTO_ENOUGH && e->when <= now && now - e->when < (60 + pid % 32) * 64;
}

bool tcpto_is_recent(struct tcpto_table const *table, ip46 const *ip, uint64_t now, uint64_t seconds)
{
  size_t i = find(table, ip);
  if (i == table->count) return false;
  uint64_t when = table->entries[i].when;
  return when <= now && now - when < seconds;
}

/* A free record, else the one that matters least: the oldest, where each further timeout weighs 1024 seconds. */
static size_t victim(struct tcpto_table const *table)
{
  size_t best = 0;
  for (size_t i = 0; i < table->count; i++) {
    struct tcpto_entry const *e = table->entries + i, *b = table->entries + best;
    if (!e->count) return i;
    if (e->when + 1024 * (uint64_t)e->count < b->when + 1024 * (uint64_t)b->count) best = i;
  }
  return best;
}

int tcpto_note_timeout(struct tcpto_table *table, ip46 const *ip, uint64_t now)
{
  if (!table->count) return -1;
  size_t i = find(table, ip);
  if (i == table->count) {
    i = victim(table);
    table->entries[i] = (struct tcpto_entry){ .ip = *ip, .count = 1, .when = now };
    return (int)i;
  }
  struct tcpto_entry *e = table->entries + i;
  if (e->when <= now && now - e->when < TCPTO_SAME) return -1;
  if (e->count < TCPTO_COUNT_MAX) e->count++;
  e->when = now;
  return (int)i;
}

int tcpto_note_answer(struct tcpto_table *table, ip46 const *ip)
{
  size_t i = find(table, ip);
  if (i == table->count) return -1;
  table->entries[i].count = 0;
  return (int)i;
}

/* ---- the file ---- */

static enum tcpto_trouble open_locked(int *fd, char const *file)
{
  *fd = open(file, O_RDWR | O_CLOEXEC);
  if (*fd == -1) return TCPTO_CANNOT_OPEN;
  if (lock_wait(*fd)) return TCPTO_FINE;
  close(*fd);
  return TCPTO_CANNOT_LOCK;
}

static bool read_table(struct tcpto_table *table, int fd)
{
  char bytes[TCPTO_SIZE];
  ssize_t r = pread(fd, bytes, sizeof bytes, 0);
  tcpto_unpack(table, bytes, r > 0 ? (size_t)r : 0);
  return r >= 0;
}

enum tcpto_trouble tcpto_read(struct tcpto_table *table, char const *file)
{
  int fd;
  table->count = 0;
  enum tcpto_trouble trouble = open_locked(&fd, file);
  if (trouble != TCPTO_FINE) return trouble;
  if (!read_table(table, fd)) trouble = TCPTO_CANNOT_READ;
  close(fd);
  return trouble;
}

void tcpto_load(struct tcpto_table *table, char const *file)
{
  tcpto_read(table, file);
}

/* What other processes noted meanwhile is kept: the table is read again under the lock and one record written. */
static void change(char const *file, ip46 const *ip, int (*note)(struct tcpto_table *, ip46 const *))
{
  struct tcpto_table table;
  char bytes[TCPTO_RECORD];
  int fd;
  if (open_locked(&fd, file) != TCPTO_FINE) return;
  int i = read_table(&table, fd) ? note(&table, ip) : -1;
  if (i >= 0) {
    tcpto_pack(bytes, table.entries + i);
    ssize_t written = pwrite(fd, bytes, sizeof bytes, (off_t)i * TCPTO_RECORD);
    (void)written;    /* only a hint is lost */
  }
  close(fd);
}

static int note_timeout_now(struct tcpto_table *table, ip46 const *ip)
{
  return tcpto_note_timeout(table, ip, (uint64_t)time(0));
}

void tcpto_timed_out(char const *file, ip46 const *ip)
{
  change(file, ip, note_timeout_now);
}

void tcpto_answered(char const *file, ip46 const *ip)
{
  change(file, ip, tcpto_note_answer);
}

enum tcpto_trouble tcpto_clear(char const *file)
{
  static char const nothing[TCPTO_SIZE];
  int fd;
  enum tcpto_trouble trouble = open_locked(&fd, file);
  if (trouble != TCPTO_FINE) return trouble;
  if (pwrite(fd, nothing, sizeof nothing, 0) != sizeof nothing) trouble = TCPTO_CANNOT_WRITE;
  close(fd);
  return trouble;
}
