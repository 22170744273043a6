/* ezmlm-idx: make the index of a list's archive anew from its posts.

   runs as   the list's owner
   reads     archive/, num, the prefix of subjects
   changes   archive/N/index, each as a whole; makes the file indexed
   exits     0, 100 something failed

   The list is locked for a hundred posts at a time, so that posts that come meanwhile need not wait long.
*/

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "archive.h"
#include "list_header.h"
#include "list_options.h"
#include "list_words.h"
#include "progress.h"
#include "replace.h"
#include "subject.h"
#include "text.h"

#define USAGE "ezmlm-idx [-dDF] [-f msg] dir"

static struct list list = LIST_ZERO;
static bool own_dates;
static uint64_t first;
static stralloc prefix = STRALLOC_ZERO;

static struct list_option const options[] = {
  { 'd', OPTION_ON, &own_dates, 0 }, { 'D', OPTION_OFF, &own_dates, 0 },
  { 'f', OPTION_NUMBER, &first, 0 }, { 'F', OPTION_IGNORED, 0, 0 },
  { 0 }
};

static _Noreturn void failed(char const *doing, char const *what)
{
  progress_end();
  strerr_diefusys(LIST_REFUSED, doing, what);
}

/* Who runs by hand wants to hear of it, whatever it is: 100. */
static struct archive_num num_now(void)
{
  struct archive_num num;
  if (!archive_num_read(&num, "num")) failed("read ", "num");
  return num;
}

static void add_entry(stralloc *to, uint64_t number, int fd)
{
  static char space[8192];
  struct mail_header h = MAIL_HEADER_ZERO;
  buffer in;
  buffer_init(&in, buffer_read, fd, space, sizeof space);
  /* of a header that is too long, what there is of it */
  if (mail_header_read(&h, &in) == MAIL_HEADER_UNREADABLE) failed("read ", "archive");
  struct index_fields fields = { list_header_value(&h, "subject"), list_header_value(&h, "from"), list_header_value(&h, "received"),
                                 { prefix.s, prefix.len } };
  if (own_dates) {
    stralloc date = STRALLOC_ZERO;
    subject_unfold(&date, list_header_value(&h, "date"));
    index_add_dated(to, number, &fields, (struct field){ text_z(&date), date.len });
    stralloc_free(&date);
  } else index_add(to, number, &fields);
  stralloc_free(&h.text), stralloc_free(&h.body_start);
  genalloc_free(struct mail_header_field, &h.fields);
}

/* A post that is not complete is none. */
static void add_post(stralloc *to, uint64_t number)
{
  char path[ARCHIVE_PATH_MAX];
  struct stat st;
  archive_post(path, number);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd == -1 && errno == ENOENT) return;
  if (fd == -1 || fstat(fd, &st) == -1) failed("read ", path);
  if (st.st_mode & S_IXUSR) add_entry(to, number, fd);
  fd_close(fd);
}

static void write_index(uint64_t number, stralloc const *text)
{
  char path[ARCHIVE_PATH_MAX], aside[ARCHIVE_PATH_MAX + 1];
  struct replacement r;
  archive_index(path, number);
  snprintf(aside, sizeof aside, "%sn", path);
  if (!replace_begin(&r, path, aside, 0644) || !replace_write(&r, text->s, text->len) || !replace_commit(&r)) failed(r.doing, r.what);
}

static void index_group(uint64_t group, uint64_t last)
{
  stralloc text = STRALLOC_ZERO;
  uint64_t begin = group * ARCHIVE_GROUP, end = begin + ARCHIVE_GROUP - 1;
  for (uint64_t n = begin ? begin : 1; n <= end && n <= last; n++) add_post(&text, n);
  if (text.len) write_index(begin, &text);
  stralloc_free(&text);
}

static void mark_indexed(void)
{
  int fd = open("indexed", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd == -1) failed("create ", "indexed");
  fd_close(fd);
}

int main(int argc, char const *const *argv)
{
  PROG = "ezmlm-idx";
  uint64_t last = 0;
  list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  list_setting(&prefix, &list, "prefix", 0);
  for (uint64_t group = first / ARCHIVE_GROUP; ; group++) {
    int lock = list_lock("lock");
    last = num_now().number;
    if (group > last / ARCHIVE_GROUP) break;
    index_group(group, last);
    fd_close(lock);
    progress(group * ARCHIVE_GROUP, last);
  }
  mark_indexed();
  progress_end();
  return 0;
}
