#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lock.h"
#include "queue_path.h"
#include "spawn_message.h"

/* Where messages too large for memory are copied. The first is a place that only the mail system fills; anybody can fill
   the second. */
static char const *const copies_on_disk[] = { QUEUE_COPIES, "/var/tmp", 0 };

static char const messid_nonnumeric[] = "DInternal error: messid has nonnumerics. (#5.3.5)\n";
static char const messid_too_long[] = "DInternal error: messid too long. (#5.3.5)\n";
static char const messid_too_short[] = "DInternal error: messid too short. (#5.3.5)\n";
static char const cannot_open[] = "Zqmail-spawn unable to open message. (#4.3.0)\n";
static char const cannot_stat[] = "Zqmail-spawn unable to fstat message. (#4.3.0)\n";
static char const wrong_type[] = "ZSorry, message has wrong type. (#4.3.5)\n";
static char const wrong_owner[] = "ZSorry, message has wrong owner. (#4.3.5)\n";

/* ---- what is known of copies, and how much may be in memory ---- */

bool spawn_copies_begin(struct spawn_copies *copies)
{
  copies->of_slot = mmap(0, SPAWN_SLOTS * sizeof *copies->of_slot, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  return copies->of_slot != MAP_FAILED;
}

void spawn_copy_forget(struct spawn_copies *copies, size_t slot)
{
  copies->of_slot[slot] = (struct spawn_copy){ 0 };
}

void spawn_copy_fail(struct spawn_copies *copies, size_t slot)
{
  copies->of_slot[slot].failed = true;
}

bool spawn_copy_failed(struct spawn_copies const *copies, size_t slot)
{
  return copies->of_slot[slot].failed;
}

size_t spawn_memory_take(struct spawn_copies *copies, uint64_t len)
{
  if (len > SPAWN_MEMORY_EACH || copies->in_memory + len > SPAWN_MEMORY_ALL) return 0;
  copies->in_memory += (size_t)len;
  return (size_t)len;
}

void spawn_memory_give_back(struct spawn_copies *copies, size_t len)
{
  copies->in_memory -= len;
}

/* Two that ask at once may both hear "no", but never too many "yes". */
bool spawn_resort_take(struct spawn_copies *copies, size_t slot, uint64_t len)
{
  uint64_t all = 0;
  if (len > SPAWN_RESORT_EACH) return false;
  copies->of_slot[slot].resort = (uint32_t)len;
  for (size_t i = 0; i < SPAWN_SLOTS; i++) all += copies->of_slot[i].resort;
  if (all > SPAWN_RESORT_ALL) copies->of_slot[slot].resort = 0;
  return all <= SPAWN_RESORT_ALL;
}

/* ---- the queue file ---- */

static char const *messid_problem(char const *messid)
{
  size_t len = strlen(messid);
  if (!len) return messid_too_short;
  if (len > SPAWN_MESSID_MAX) return messid_too_long;
  if (messid[0] == '/' || strspn(messid, "0123456789/") < len) return messid_nonnumeric;
  return 0;
}

static char const *file_problem(struct queue_message *m, uid_t owner)
{
  struct stat st;
  if (fstat(m->fd, &st) == -1) return cannot_stat;
  if (!S_ISREG(st.st_mode)) return wrong_type;
  if (st.st_uid != owner) return wrong_owner;
  /* While somebody reads it, its file is not used again, whatever becomes of the message. */
  if (!lock_try_shared(m->fd)) return cannot_open;
  enum queue_read_result r = queue_message_footer(m);
  return r == QUEUE_READ ? 0 : r == QUEUE_BROKEN ? wrong_type : cannot_stat;
}

char const *spawn_message_open(struct queue_message *m, char const *messid, uid_t owner)
{
  char const *problem = messid_problem(messid);
  if (problem) return problem;
  m->fd = open(messid, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (m->fd == -1) return cannot_open;
  problem = file_problem(m, owner);
  if (problem) queue_message_close(m);
  return problem;
}

/* ---- its copy ---- */

int spawn_message_new(void)
{
  return memfd_create("message", MFD_CLOEXEC);
}

/* O_EXCL: nobody gives the file a name, to keep it. */
static int new_on_disk(char const *dir)
{
  return open(dir, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
}

bool spawn_message_copy(int to, struct queue_message const *m)
{
  char block[65536];
  ssize_t r;
  for (uint64_t at = 0; at < m->message_len; at += (uint64_t)r) {
    uint64_t left = m->message_len - at;
    r = pread(m->fd, block, left < sizeof block ? (size_t)left : sizeof block, (off_t)at);
    if (r <= 0 || pwrite(to, block, (size_t)r, (off_t)at) != r) return false;
  }
  return true;
}

/* Programs of a user may read it by name (/dev/stdin) but not change what the next line of his .qmail will see. Mode
   0444 is as necessary for that as the new descriptor. */
int spawn_message_reopen(int fd)
{
  char path[40];
  if (fchmod(fd, 0444) == -1) return -1;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return open(path, O_RDONLY | O_CLOEXEC);
}

/* -1 when it has no room there; the file is closed. */
static int copied(int fd, struct queue_message const *m)
{
  if (fd == -1) return -1;
  int alone = spawn_message_copy(fd, m) ? spawn_message_reopen(fd) : -1;
  close(fd);
  return alone;
}

int spawn_message_alone(struct spawn_copies *copies, size_t slot, struct queue_message const *m, bool in_memory)
{
  if (in_memory) return copied(spawn_message_new(), m);
  for (char const *const *dir = copies_on_disk; *dir; dir++) {
    int alone = copied(new_on_disk(*dir), m);
    if (alone != -1) return alone;
  }
  return spawn_resort_take(copies, slot, m->message_len) ? copied(spawn_message_new(), m) : -1;
}
