#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/sha256.h>
#include <skalibs/strerr.h>

#include "become.h"
#include "import.h"
#include "maildir_name.h"
#include "mbox_message.h"
#include "nameset.h"
#include "text.h"
#include "tree.h"

enum { TROUBLE = 111, KEY_HEX = 32, NAME_SIZE = 512, DIRECTORY = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

static int maildir = -1;
static stralloc there = STRALLOC_ZERO;              /* the key of each message that was brought before, a line each */
static struct nameset before = NAMESET_ZERO;
static stralloc waiting = STRALLOC_ZERO;            /* the names in tmp, then in new or cur: each with its NUL */
static uint64_t count, known;

/* ---- failing ---- */

static char const *behind(char const *s)
{
  return s + strlen(s) + 1;
}

static void clear(void)
{
  for (size_t i = 0; i < waiting.len;) {
    char const *tmp = waiting.s + i, *final = behind(tmp);
    unlinkat(maildir, tmp, 0);
    i = (size_t)(behind(final) - waiting.s);
  }
}

_Noreturn void import_fail(char const *doing, char const *what)
{
  int e = errno;
  clear();
  errno = e;
  strerr_diefusys(TROUBLE, doing, what);
}

/* ---- what comes in ---- */

int import_open(char const *path, int flags)
{
  int fd = tree_open_given(path, flags | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(TROUBLE, "open ", path);
  return fd;
}

static void on_bus_error(int signal_number)
{
  static char const text[] = ": fatal: the mailbox was cut off while it was read\n";
  (void)signal_number;
  clear();
  if (write(2, PROG, strlen(PROG)) == -1 || write(2, text, sizeof text - 1) == -1) _exit(TROUBLE);
  _exit(TROUBLE);
}

struct field import_map(int fd, char const *name)
{
  struct stat st;
  if (fstat(fd, &st) == -1) import_fail("read ", name);
  if (!S_ISREG(st.st_mode)) {
    errno = EINVAL;
    import_fail("read ", name);
  }
  if (!st.st_size) return (struct field){ "", 0 };
  void *map = mmap(0, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED) import_fail("read ", name);
  signal(SIGBUS, on_bus_error);
  return (struct field){ map, (size_t)st.st_size };
}

static bool is_continued(struct field rest, size_t end)
{
  return end + 1 < rest.len && (rest.s[end + 1] == ' ' || rest.s[end + 1] == '\t');
}

struct field import_header(struct field text, char const *name)
{
  size_t name_len = strlen(name);
  struct field rest = text;
  while (rest.len && *rest.s != '\n' && *rest.s != '\r') {
    size_t end = 0;
    while (end < rest.len && (rest.s[end] != '\n' || is_continued(rest, end))) end++;
    if (end > name_len && rest.s[name_len] == ':' && strncasecmp(rest.s, name, name_len) == 0)
      return (struct field){ rest.s + name_len + 1, end - name_len - 1 };
    end += end < rest.len;
    rest = (struct field){ rest.s + end, rest.len - end };
  }
  return (struct field){ "", 0 };
}

/* R: read, O: old, A: answered, F: flagged, D: deleted, T: a draft. */
void import_status(struct import_message *message)
{
  static char const letters[][2] = { { 'T', 'D' }, { 'F', 'F' }, { 'A', 'R' }, { 'R', 'S' }, { 'D', 'T' } };
  struct field status = import_header(message->text, "Status"), more = import_header(message->text, "X-Status");
  size_t n = 0;
  for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
    if ((status.len && memchr(status.s, letters[i][0], status.len)) || (more.len && memchr(more.s, letters[i][0], more.len)))
      message->flags[n++] = letters[i][1];
  message->flags[n] = 0;
  message->is_seen = n || (status.len && memchr(status.s, 'O', status.len));
}

/* ---- what is there ---- */

/* The key, a hash of the message, is what names of ours have between ".I" and the next dot. */
static void learn(char const *name)
{
  char const *mark = strstr(name, ".I");
  if (!mark || strspn(mark + 2, "0123456789abcdef") != KEY_HEX || mark[2 + KEY_HEX] != '.') return;
  text_addb(&there, mark + 2, KEY_HEX);
  text_add(&there, "\n");
}

static void learn_all(char const *part)
{
  int fd = openat(maildir, part, DIRECTORY);
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  struct dirent const *d;
  if (!dir) import_fail("read the Maildir's ", part);
  while (errno = 0, d = readdir(dir)) learn(d->d_name);
  if (errno) import_fail("read the Maildir's ", part);
  closedir(dir);
}

static void become_owner(void)
{
  struct stat st;
  if (geteuid()) return;
  if (fstat(maildir, &st) == -1 || (st.st_uid && !become(st.st_uid, st.st_gid))) import_fail("become the owner of ", "the Maildir");
}

void import_begin(char const *path)
{
  maildir = import_open(path, DIRECTORY);
  become_owner();
  umask(077);
  learn_all("new");
  learn_all("cur");
  if (!nameset_list(&before, there.s, there.len)) import_fail("read ", path);
}

/* ---- one message ---- */

static void hash(char to[KEY_HEX], struct import_message const *m, struct field text)
{
  SHA256Schedule context;
  char digest[32];
  sha256_init(&context);
  sha256_update(&context, m->head.s, m->head.len);
  sha256_update(&context, text.s, text.len);
  sha256_final(&context, digest);
  for (size_t i = 0; i < KEY_HEX / 2; i++) {
    to[2 * i] = "0123456789abcdef"[(unsigned char)digest[i] >> 4];
    to[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
}

/* W is what it has on the wire, where lines end with CR LF. */
static size_t wire_length(struct import_message const *m, struct field text)
{
  size_t len = m->head.len + text.len;
  for (size_t i = 0; i < m->head.len; i++) len += m->head.s[i] == '\n';
  for (size_t i = 0; i < text.len; i++) len += text.s[i] == '\n' && (!i || text.s[i - 1] != '\r');
  return len;
}

static void write_message(char const *tmp, struct import_message const *m, struct field text)
{
  struct timespec const times[2] = { { m->when, 0 }, { m->when, 0 } };
  int fd = openat(maildir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd == -1) import_fail("create a file in the Maildir's ", "tmp");
  if (allwrite(fd, m->head.s, m->head.len) < m->head.len || allwrite(fd, text.s, text.len) < text.len
      || futimens(fd, times) == -1)
    import_fail("write into the Maildir's ", "tmp");
  fd_close(fd);
}

static void add_plain(struct import_message const *m, struct field text)
{
  char key[KEY_HEX], host[MAILDIR_HOST_SIZE], tmp[NAME_SIZE], name[NAME_SIZE];
  hash(key, m, text);
  if (nameset_has(&before, key, KEY_HEX)) {
    known++;
    return;
  }
  maildir_name_host(host);
  snprintf(tmp, sizeof tmp, "tmp/import.%ld.%" PRIu64 ".%s", (long)getpid(), ++count, host);
  snprintf(name, sizeof name, "%s/%lld.I%.*s.%s,S=%zu,W=%zu%s%s", m->is_seen ? "cur" : "new", (long long)m->when, KEY_HEX, key,
           host, m->head.len + text.len, wire_length(m, text), m->is_seen ? ":2," : "", m->is_seen ? m->flags : "");
  text_addb(&waiting, tmp, strlen(tmp) + 1);
  text_addb(&waiting, name, strlen(name) + 1);
  write_message(tmp, m, text);
}

void import_add(struct import_message const *m)
{
  static stralloc plain = STRALLOC_ZERO;
  if (!m->is_quoted) {
    add_plain(m, m->text);
    return;
  }
  plain.len = 0;
  while (!mbox_unquote(&plain, m->text)) memory_gone();
  add_plain(m, (struct field){ plain.s, plain.len });
}

/* ---- the end ---- */

static void name_all(void)
{
  for (size_t i = 0; i < waiting.len;) {
    char const *tmp = waiting.s + i, *final = behind(tmp);
    if (renameat2(maildir, tmp, maildir, final, RENAME_NOREPLACE) == -1) {
      if (errno != EEXIST) import_fail("move a message into the Maildir's ", "new");
      known++, count--;
    }
    i = (size_t)(behind(final) - waiting.s);
  }
}

static void sync_part(char const *part)
{
  int fd = openat(maildir, part, DIRECTORY);
  if (fd == -1 || fsync(fd) == -1) strerr_diefusys(TROUBLE, "sync the Maildir's ", part);
  fd_close(fd);
}

/* The ledger of a quota is made anew when it is needed; that of a folder stands beside the folder. */
static void forget_ledger(void)
{
  bool is_folder = faccessat(maildir, "maildirfolder", F_OK, 0) == 0;
  unlinkat(maildir, is_folder ? "../maildirsize" : "maildirsize", 0);
}

/* All bytes are on disk before the first has its name. */
void import_end(void)
{
  char text[80];
  if (syncfs(maildir) == -1) import_fail("write into the Maildir's ", "tmp");
  name_all();
  sync_part("new");
  sync_part("cur");
  forget_ledger();
  clear();
  snprintf(text, sizeof text, "%" PRIu64 " messages, and %" PRIu64 " that were there before\n", count, known);
  allwrite(1, text, strlen(text));
}
