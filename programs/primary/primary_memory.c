#include <ctype.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/sha256.h>
#include <skalibs/strerr.h>

#include "primary_memory.h"

struct memory_entry {
  struct memory_name name;
  uint32_t when;
  unsigned char said, zero[3];
  unsigned char sum[8];
};
_Static_assert(sizeof (struct memory_entry) == MEMORY_ENTRY, "an entry has no holes");

static struct memory_set { struct memory_entry ways[MEMORY_WAYS]; } *sets;

static size_t const bytes = MEMORY_SETS * sizeof *sets;

/* ---- the file ---- */

/* Room on the disk is had before it is mapped: a page that cannot be written later would end the service. */
static bool is_whole(int fd)
{
  struct stat st;
  if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) return false;
  return (size_t)st.st_size == bytes || (ftruncate(fd, 0) == 0 && !posix_fallocate(fd, 0, (off_t)bytes));
}

static bool map(int fd, int flags)
{
  void *at = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | flags, fd, 0);
  if (at != MAP_FAILED) sets = at;
  return at != MAP_FAILED;
}

bool memory_open(void)
{
  int fd = open(MEMORY_PLACE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool mapped = fd != -1 && is_whole(fd) && map(fd, 0);
  if (!mapped) strerr_warnwusys("keep " MEMORY_PLACE);
  if (fd != -1) fd_close(fd);
  return mapped || map(-1, MAP_ANONYMOUS);
}

/* ---- an entry ---- */

struct memory_name memory_name_of(struct field name)
{
  SHA256Schedule work = SHA256_INIT();
  char digest[32];
  struct memory_name to;
  for (size_t i = 0; i < name.len; i++) {
    char c = (char)tolower((unsigned char)name.s[i]);
    sha256_update(&work, &c, 1);
  }
  sha256_final(&work, digest);
  memcpy(to.digest, digest, sizeof to.digest);
  return to;
}

static void sum_of(unsigned char to[8], struct memory_entry const *e)
{
  SHA256Schedule work = SHA256_INIT();
  char digest[32];
  sha256_update(&work, (char const *)e, offsetof(struct memory_entry, sum));
  sha256_final(&work, digest);
  memcpy(to, digest, 8);
}

static struct memory_entry *set_of(struct memory_name const *name)
{
  uint32_t n;
  memcpy(&n, name->digest, sizeof n);
  return sets[n % MEMORY_SETS].ways;
}

/* Somebody may be writing there. */
static bool read_entry(struct memory_entry *to, struct memory_entry const *from)
{
  unsigned char sum[8];
  memcpy(to, from, sizeof *to);
  sum_of(sum, to);
  return !memcmp(sum, to->sum, sizeof sum);
}

bool memory_find(struct memory_said *to, struct memory_name const *name)
{
  struct memory_entry *set = set_of(name), e;
  for (size_t i = 0; i < MEMORY_WAYS; i++)
    if (!memcmp(&set[i].name, name, sizeof *name) && read_entry(&e, set + i) && !memcmp(&e.name, name, sizeof *name)) {
      *to = (struct memory_said){ e.said, e.when };
      return true;
    }
  return false;
}

void memory_note(struct memory_name const *name, enum primary_said said, uint32_t now)
{
  struct memory_entry *set = set_of(name), *oldest = set;
  struct memory_entry e = { .name = *name, .when = now, .said = (unsigned char)said };
  sum_of(e.sum, &e);
  for (size_t i = 0; i < MEMORY_WAYS; i++) {
    if (!memcmp(&set[i].name, name, sizeof *name)) {
      oldest = set + i;
      break;
    }
    if (set[i].when < oldest->when) oldest = set + i;
  }
  memcpy(oldest, &e, sizeof e);
}
