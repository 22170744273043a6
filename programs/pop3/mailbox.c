#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <skalibs/direntry.h>
#include <skalibs/djbunix.h>
#include <skalibs/sha256.h>

#include "bytes.h"
#include "mailbox.h"
#include "maildir_name.h"
#include "number.h"
#include "temporary.h"

/* ---- what names tell ---- */

bool name_arrived(char const *name, uint64_t *arrived)
{
  return number_scan(name, strlen(name), arrived) > 0;
}

static size_t hash(char *to, char const *s, size_t len)
{
  SHA256Schedule context;
  char digest[32];
  sha256_init(&context);
  sha256_update(&context, s, len);
  sha256_final(&context, digest);
  for (size_t i = 0; i < sizeof digest; i++) {
    *to++ = "0123456789abcdef"[(unsigned char)digest[i] >> 4];
    *to++ = "0123456789abcdef"[digest[i] & 15];
  }
  return 2 * sizeof digest;
}

size_t name_uid(char *to, char const *base)
{
  size_t len = strlen(base);
  bool allowed = len > 0 && len <= UID_MAX;
  for (size_t i = 0; allowed && i < len; i++) allowed = base[i] > 32 && base[i] < 127;
  if (!allowed) return hash(to, base, len);
  memcpy(to, base, len);
  return len;
}

/* ---- the list ---- */

size_t mailbox_count(struct mailbox const *box)
{
  return genalloc_len(struct message, &box->messages);
}

struct message *mailbox_message(struct mailbox const *box, size_t i)
{
  return genalloc_s(struct message, &box->messages) + i;
}

/* stat of a file that may be missing or no file: 1 regular, 0 no message, -1 with errno when that cannot be told. */
static int stat_message(char const *path, struct stat *st)
{
  if (stat(path, st) == 0) return S_ISREG(st->st_mode);
  return temporary(errno) ? -1 : 0;
}

/* Fills in what the name or else the file itself tells. Results as stat_message. */
static int measure(struct message *m, struct dirent const *d, char const *path, size_t base_len)
{
  struct stat st;
  bool time_known = name_arrived(d->d_name, &m->arrived);
  bool size_known = maildir_name_size(d->d_name, base_len, &m->size);
  if (time_known && size_known && d->d_type == DT_REG) return 1;
  int r = stat_message(path, &st);
  if (r == 1 && !time_known) m->arrived = (uint64_t)st.st_mtime;
  if (r == 1) m->size = (uint64_t)st.st_size;
  return r;
}

static int add(struct mailbox *box, char const *dir, struct dirent const *d)
{
  struct message m = { .path = box->names.len, .link = d->d_type == DT_LNK };
  size_t base_len = strcspn(d->d_name, ":");
  if (!bytes_add(&box->names, dir) || !bytes_addc(&box->names, '/')) return 0;
  if (!bytes_addb(&box->names, d->d_name, strlen(d->d_name) + 1)) return 0;
  m.base = box->names.len;
  if (!bytes_addb(&box->names, d->d_name, base_len) || !bytes_end(&box->names)) return 0;
  int r = measure(&m, d, box->names.s + m.path, base_len);
  if (r != 1) box->names.len = m.path;
  else if (d->d_type != DT_REG) box->links = true;
  return r == 1 ? genalloc_append(struct message, &box->messages, &m) : r == 0;
}

static int scan_directory(struct mailbox *box, char const *dir)
{
  DIR *d = opendir(dir);
  if (!d) return 0;
  int ok = 1;
  struct dirent *entry;
  while (ok && (errno = 0, entry = readdir(d)))
    if (entry->d_name[0] != '.') ok = add(box, dir, entry);
  if (ok && errno) ok = 0;
  dir_close(d);
  return ok;
}

/* By time, then by name; numbers inside names count as numbers, so that microseconds and counters order well. */
static int compare(void const *a, void const *b, void *names)
{
  struct message const *x = a, *y = b;
  if (x->arrived != y->arrived) return x->arrived < y->arrived ? -1 : 1;
  int r = strverscmp((char const *)names + x->base, (char const *)names + y->base);
  return r ? r : (x->path > y->path) - (x->path < y->path);
}

/* By name, of equal ones those in cur/ first: the others change their place at the end of the session. */
static int compare_bases(void const *a, void const *b, void *names)
{
  struct message const *x = a, *y = b;
  int r = strcmp((char const *)names + x->base, (char const *)names + y->base);
  return r ? r : strcmp((char const *)names + x->path, (char const *)names + y->path);
}

static bool same_base(struct mailbox const *box, size_t i, size_t k)
{
  return !strcmp(box->names.s + mailbox_message(box, i)->base, box->names.s + mailbox_message(box, k)->base);
}

/* Files with one base, side by side: a message that somebody took from new/ to cur/ between our two looks was seen in
   both; all others are messages of their own. */
static void part_twins(struct mailbox *box)
{
  size_t kept = 0, n = mailbox_count(box);
  for (size_t i = 0; i < n; i++) {
    struct message *m = mailbox_message(box, i);
    bool follows = kept && same_base(box, kept - 1, i);
    bool alone = !follows && !(i + 1 < n && same_base(box, i, i + 1));
    if (!alone && access(box->names.s + m->path, F_OK) == -1) continue;
    m->twin = follows;
    *mailbox_message(box, kept++) = *m;
  }
  genalloc_setlen(struct message, &box->messages, kept);
}

static void sort(struct mailbox *box, int (*compare)(void const *, void const *, void *))
{
  if (mailbox_count(box)) qsort_r(mailbox_message(box, 0), mailbox_count(box), sizeof(struct message), compare, box->names.s);
}

/* new/ first: a message on its way to cur/ is then seen once at least. */
int mailbox_scan(struct mailbox *box)
{
  if (!scan_directory(box, "new") || !scan_directory(box, "cur")) return 0;
  sort(box, compare_bases);
  part_twins(box);
  sort(box, compare);
  return 1;
}

void mailbox_clean_tmp(void)
{
  time_t limit = time(0) - TMP_STALE;
  DIR *d = opendir("tmp");
  if (!d) return;
  struct dirent *entry;
  struct stat st;
  while ((entry = readdir(d)))
    if (entry->d_name[0] != '.' && fstatat(dirfd(d), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0
        && st.st_atime < limit && st.st_mtime < limit)
      unlinkat(dirfd(d), entry->d_name, 0);
  dir_close(d);
}

/* ---- one message ---- */

size_t mailbox_uid(struct mailbox const *box, struct message const *m, char *to)
{
  char const *path = box->names.s + m->path;
  return m->twin ? hash(to, path, strlen(path)) : name_uid(to, box->names.s + m->base);
}

static bool has_base(char const *name, char const *base)
{
  size_t len = strlen(base);
  return strcspn(name, ":") == len && memcmp(name, base, len) == 0;
}

static bool note_in_cur(struct mailbox *box, struct message *m, char const *name)
{
  size_t path = box->names.len;
  if (!bytes_add(&box->names, "cur/") || !bytes_addb(&box->names, name, strlen(name) + 1)) return false;
  m->path = path;
  return true;
}

/* Flags change, and with them names, while we talk: looks the base name up in cur/ once more. For a twin that could
   find the other. */
static bool find_again(struct mailbox *box, struct message *m)
{
  DIR *d = m->twin ? 0 : opendir("cur");
  if (!d) return false;
  struct dirent *entry;
  while ((entry = readdir(d)) && !has_base(entry->d_name, box->names.s + m->base));
  bool found = entry && note_in_cur(box, m, entry->d_name);
  dir_close(d);
  return found;
}

/* Non-blocking, for a FIFO that somebody put there must not hold us. */
static int open_file(char const *path)
{
  struct stat st;
  int fd = openc_read(path);
  if (fd == -1) return -1;
  if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) return fd;
  fd_close(fd);
  errno = EINVAL;
  return -1;
}

int mailbox_open(struct mailbox *box, struct message *m)
{
  int fd = open_file(box->names.s + m->path);
  if (fd == -1 && errno == ENOENT && find_again(box, m)) fd = open_file(box->names.s + m->path);
  return fd;
}

/* What is marked T counts no more. */
static bool remove_file(struct mailbox const *box, struct message *m)
{
  char const *path = box->names.s + m->path;
  if (unlink(path) == -1) return false;
  m->freed = !m->link && !maildir_name_is_trashed(path, strcspn(path, ":"));
  return true;
}

bool mailbox_remove(struct mailbox *box, struct message *m)
{
  if (remove_file(box, m)) return true;
  if (errno != ENOENT) return false;
  if (!find_again(box, m)) return true;
  return remove_file(box, m) || errno == ENOENT;
}

/* A name that exists in cur/ already belongs to another message and is not overwritten. */
void mailbox_make_old(struct mailbox const *box, struct message const *m)
{
  char to[4 + NAME_MAX + 3 + 1];
  char const *path = box->names.s + m->path;
  char const *name = path + 4;
  if (strncmp(path, "new/", 4) != 0) return;
  snprintf(to, sizeof to, "cur/%s%s", name, strchr(name, ':') ? "" : ":2,");
  if (renameat2(AT_FDCWD, path, AT_FDCWD, to, RENAME_NOREPLACE) == 0 || errno != EINVAL) return;
  if (access(to, F_OK) == -1) rename(path, to);     /* a file system without the flag, such as NFS */
}
