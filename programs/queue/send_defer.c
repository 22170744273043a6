#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deferral.h"
#include "send.h"
#include "send_clock.h"
#include "send_defer.h"

static void append(uint64_t id, stralloc const *line)
{
  struct stat st;
  char path[DEFERRAL_PATH_MAX];
  deferral_path(path, id);
  int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
  if (fd == -1) return;
  bool full = fstat(fd, &st) == -1 || (st.st_size > DEFERRAL_FILE_MAX && ftruncate(fd, 0) == -1);
  ssize_t unheard = full ? 0 : write(fd, line->s, line->len);
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
  if (deferral_pack(&line, &d)) append(m->id, &line);
}

void deferrals_forget(struct message const *m)
{
  char path[DEFERRAL_PATH_MAX];
  deferral_path(path, m->id);
  if (m->deferred) unlink(path);
}
