#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>

#include "bytes.h"
#include "deferral.h"
#include "send.h"
#include "send_clock.h"
#include "send_defer.h"

static char const told_word[] = "told", again_word[] = "again";

/* -1 with errno. */
static int open_to_append(uint64_t id)
{
  char path[DEFERRAL_PATH_MAX];
  deferral_path(path, id);
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
}

/* Of the message itself: no recipient stands at the beginning of an envelope. */
static bool pack_told(stralloc *to, struct message const *m, char const *word)
{
  struct deferral const d = {
    .fingerprint = m->fingerprint, .offset = 0, .when = clock_to_file(now), .host = "", .text = word, .text_len = strlen(word)
  };
  return deferral_pack(to, &d);
}

/* Begins a file anew that has grown too long; what must not be forgotten stands in it first. */
static bool make_room(struct message const *m, int fd)
{
  struct stat st;
  stralloc line = STRALLOC_ZERO;
  if (fstat(fd, &st) == -1) return false;
  if (st.st_size <= DEFERRAL_FILE_MAX) return true;
  bool ok = ftruncate(fd, 0) == 0 && (!m->told || (pack_told(&line, m, told_word) && write(fd, line.s, line.len) > 0));
  stralloc_free(&line);
  return ok;
}

static void append(struct message const *m, stralloc const *line)
{
  int fd = open_to_append(m->id);
  if (fd == -1) return;
  ssize_t unheard = make_room(m, fd) ? write(fd, line->s, line->len) : 0;
  (void)unheard;
  close(fd);
}

void deferral_note(struct message *m, size_t offset, char const *host, char const *text, size_t len)
{
  static stralloc line = STRALLOC_ZERO;
  struct deferral const d = {
    .fingerprint = m->fingerprint, .offset = offset, .when = clock_to_file(now),
    .host = host, .host_len = strlen(host), .text = text, .text_len = len
  };
  line.len = 0;
  m->deferred = true;
  if (deferral_pack(&line, &d)) append(m, &line);
}

bool deferrals_told(struct message *m)
{
  stralloc file = STRALLOC_ZERO;
  struct deferral d;
  char path[DEFERRAL_PATH_MAX];
  if (m->told) return true;
  deferral_path(path, m->id);
  bool found = openslurpclose(&file, path) && deferral_find(&d, &file, m->fingerprint, 0);
  m->told = found && d.text_len == strlen(told_word) && !memcmp(d.text, told_word, d.text_len);
  stralloc_free(&file);
  return m->told;
}

/* A new name is durable with its directory. */
static bool sync_name(void)
{
  int dir = open("deferred", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = dir != -1 && fsync(dir) == 0;
  if (dir != -1) close(dir);
  return ok;
}

bool deferrals_tell(struct message *m, bool told)
{
  stralloc line = STRALLOC_ZERO;
  bool packed = pack_told(&line, m, told ? told_word : again_word);
  int fd = packed ? open_to_append(m->id) : -1;
  m->deferred = true;
  bool ok = fd != -1 && make_room(m, fd) && write(fd, line.s, line.len) == (ssize_t)line.len && fdatasync(fd) == 0;
  if (fd != -1) close(fd);
  stralloc_free(&line);
  ok = ok && sync_name();
  if (ok) m->told = told;
  return ok;
}

void deferrals_forget(struct message const *m)
{
  char path[DEFERRAL_PATH_MAX];
  deferral_path(path, m->id);
  if (m->deferred) unlink(path);
}
