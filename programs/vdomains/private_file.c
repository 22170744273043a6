#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "private_file.h"
#include "refuse.h"
#include "replace.h"
#include "text.h"

struct private_file private_file_find(char const *path)
{
  stralloc directory = STRALLOC_ZERO;
  char const *slash = strrchr(path, '/');
  text_setb(&directory, slash ? path : ".", slash ? (size_t)(slash - path) + 1 : 1);
  int fd = open(text_z(&directory), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd == -1) strerr_diefusys(REFUSE_MACHINE, "open ", directory.s);
  stralloc_free(&directory);
  return (struct private_file){ fd, slash ? slash + 1 : path };
}

void private_file_write(struct private_file file, stralloc const *text)
{
  struct replacement r = REPLACEMENT_ZERO;
  stralloc aside = STRALLOC_ZERO;
  text_set(&aside, file.name);
  text_add(&aside, ".new");
  if (!replace_begin_in(&r, file.directory, file.name, text_z(&aside), 0600) || !replace_write(&r, text->s, text->len)
      || !replace_commit(&r)) replace_die(&r);
  stralloc_free(&aside);
}

int private_file_draft(void)
{
  int fd = memfd_create("draft", MFD_CLOEXEC);
  if (fd == -1) strerr_diefusys(REFUSE_MACHINE, "make a file in memory");
  return fd;
}

void private_file_keep(int draft, stralloc const *text)
{
  if (allwrite(draft, text->s, text->len) != text->len) strerr_diefusys(REFUSE_MACHINE, "keep the users");
}

void private_file_read(stralloc *text, int draft)
{
  text->len = 0;
  if (lseek(draft, 0, SEEK_SET) == -1 || !slurp(text, draft)) strerr_diefusys(REFUSE_MACHINE, "read what was gathered");
}
