/* mh2maildir: bring the messages of an MH folder into a Maildir.

   runs as   the user whose mail it is, or root, who becomes him when the folder is open
   reads     the folder: files whose names are numbers, and .mh_sequences
   changes   the Maildir; the folder stays
   exits     0, 100 wrong use, 111 trouble, and then nothing has come
*/

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/genalloc.h>
#include <skalibs/strerr.h>

#include "dir_file.h"
#include "import.h"
#include "mh_sequences.h"
#include "number.h"
#include "text.h"

#define USAGE "mh2maildir folder maildir"

enum { WRONG = 100, SEQUENCES_MAX = 1 << 20 };

static stralloc sequences = STRALLOC_ZERO;
static genalloc numbers = GENALLOC_ZERO;        /* uint64_t, of the messages */

static int by_number(void const *a, void const *b)
{
  uint64_t x = *(uint64_t const *)a, y = *(uint64_t const *)b;
  return x < y ? -1 : x > y;
}

static void find_messages(int folder)
{
  int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *dir = fd == -1 ? 0 : fdopendir(fd);
  struct dirent const *d;
  uint64_t number;
  if (!dir) import_fail("read ", "the folder");
  while (errno = 0, d = readdir(dir)) {
    size_t len = strlen(d->d_name);
    if (*d->d_name == '0' || number_scan(d->d_name, len, &number) != len || number == UINT64_MAX) continue;
    if (!genalloc_append(uint64_t, &numbers, &number)) memory_gone();
  }
  if (errno) import_fail("read ", "the folder");
  closedir(dir);
  if (genalloc_len(uint64_t, &numbers)) qsort(numbers.s, genalloc_len(uint64_t, &numbers), sizeof number, by_number);
}

/* nmh notes an answer in the message, other programs in a sequence. */
static void set_flags(struct import_message *m, uint64_t number)
{
  bool is_flagged = mh_sequence_has(sequences.s, sequences.len, "flagged", number);
  bool is_replied = mh_sequence_has(sequences.s, sequences.len, "replied", number) || import_header(m->text, "Replied").len;
  m->is_seen = !mh_sequence_has(sequences.s, sequences.len, "unseen", number);
  snprintf(m->flags, sizeof m->flags, "%s%sS", is_flagged ? "F" : "", is_replied ? "R" : "");
}

static void bring(int folder, uint64_t number)
{
  char name[24];
  struct stat st;
  struct import_message m = { .head = { "", 0 } };
  snprintf(name, sizeof name, "%" PRIu64, number);
  int fd = openat(folder, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 || fstat(fd, &st) == -1) import_fail("read ", name);
  if (S_ISDIR(st.st_mode)) {
    fd_close(fd);
    return;
  }
  m.text = import_map(fd, name);
  m.when = st.st_mtime;
  set_flags(&m, number);
  import_add(&m);
  if (m.text.len) munmap((void *)m.text.s, m.text.len);
  fd_close(fd);
}

int main(int argc, char const *const *argv)
{
  PROG = "mh2maildir";
  if (argc != 3) strerr_dieusage(WRONG, USAGE);
  int folder = import_open(argv[1], O_RDONLY | O_DIRECTORY);
  import_begin(argv[2]);
  find_messages(folder);
  if (dir_file_read(&sequences, folder, ".mh_sequences", SEQUENCES_MAX) == -1) import_fail("read ", ".mh_sequences");
  for (size_t i = 0; i < genalloc_len(uint64_t, &numbers); i++) bring(folder, genalloc_s(uint64_t, &numbers)[i]);
  import_end();
  return 0;
}
