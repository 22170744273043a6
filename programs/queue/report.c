#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"
#include "deferral.h"
#include "queue_path.h"
#include "report.h"

enum { BLOCK = 65536 };

static void find_sender(struct report *r)
{
  struct queue_record record;
  for (size_t at = 0; queue_envelope_next(&r->envelope, &at, &record);)
    if (record.letter == 'F') r->sender = record.text;
}

static enum queue_read_result look_for_bounce(struct report *r)
{
  char path[QUEUE_PATH_MAX];
  struct stat st;
  queue_path_bounce(path, r->message.id);
  r->bouncing = stat(path, &st) == 0;
  return r->bouncing || errno == ENOENT ? QUEUE_READ : QUEUE_TROUBLE;
}

enum queue_read_result report_load(struct report *r, uint64_t id)
{
  enum queue_read_result result = queue_message_open(&r->message, id, true);
  if (result != QUEUE_READ) return result;
  result = queue_message_envelope(&r->message, &r->envelope);
  int e = errno;
  queue_message_close(&r->message);
  errno = e;
  if (result != QUEUE_READ) return result;
  find_sender(r);
  return look_for_bounce(r);
}

void report_deferrals(struct report *r)
{
  char file[DEFERRAL_PATH_MAX];
  ssize_t n = 1;
  deferral_path(file, r->message.id);
  r->deferrals.len = 0;
  int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd == -1) return;
  while (n > 0 && r->deferrals.len < 2 * DEFERRAL_FILE_MAX && bytes_room(&r->deferrals, BLOCK)) {
    n = read(fd, r->deferrals.s + r->deferrals.len, BLOCK);
    if (n > 0) r->deferrals.len += (size_t)n;
  }
  close(fd);
}

char const *report_each(void (*use)(uint64_t id))
{
  static char path[QUEUE_PATH_MAX];
  uint64_t id;
  for (unsigned split = 0; split < QUEUE_SPLIT; split++) {
    snprintf(path, sizeof path, "mess/%u", split);
    DIR *dir = opendir(path);
    if (!dir) return path;
    for (struct dirent const *d; (d = readdir(dir));)
      if (queue_id_scan(d->d_name, strlen(d->d_name), &id) && id % QUEUE_SPLIT == split) use(id);
    closedir(dir);
  }
  return 0;
}
