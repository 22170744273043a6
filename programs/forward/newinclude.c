/* newinclude: make of a list that /etc/aliases includes the one that fastforward reads.

   runs as   who owns the list
   reads     LIST, the control files that complete addresses
   changes   LIST.bin, which is replaced as a whole
   exits     0, 100 wrong use or an address that is too long, 111 a wrong line or trouble; then LIST.bin is as it was
*/

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "alias_lines.h"
#include "alias_words.h"
#include "at_home.h"
#include "dir_file.h"
#include "input.h"
#include "replace.h"
#include "text.h"
#include "tree.h"

enum { WRONG = 100, TROUBLE = 111 };

static struct rewrite_rules rules;
static struct alias_words words = ALIAS_WORDS_ZERO;
static stralloc list = STRALLOC_ZERO;

static void add(char const *name, size_t line, struct alias_word const *w)
{
  struct field plain = alias_plain(&words, w), whole = alias_whole(&words, w), f = w->kind == ALIAS_ADDRESS ? whole : plain;
  if (plain.len > ALIAS_WORD_MAX || whole.len > ALIAS_WORD_MAX) input_fault(WRONG, name, line, "an address has more than 800 bytes");
  if (memchr(words.text.s, 0, words.text.len)) input_fault(TROUBLE, name, line, "there is a NUL");
  if (w->kind == ALIAS_PROGRAM) input_fault(TROUBLE, name, line, "a program is not supported in a list");
  if (w->kind == ALIAS_FILE) input_fault(TROUBLE, name, line, "delivery to a file is not supported");
  if (!f.len || w->kind == ALIAS_HOST) input_fault(TROUBLE, name, line, "this is no address");
  if (w->kind == ALIAS_ADDRESS) text_add(&list, "&");
  else if (*f.s != '/' && *f.s != '.') text_add(&list, "./");
  text_addb(&list, f.s, f.len);
  if (w->kind == ALIAS_INCLUDE) text_add(&list, ".bin");
  text_end(&list);
}

static void read_list(stralloc *to, char const *name)
{
  int fd = tree_open_given(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd == -1 || !dir_file_read_fd(to, fd, INPUT_MAX)) strerr_diefusys(TROUBLE, "read ", name);
  fd_close(fd);
}

static char const *with(char const *name, char const *ending)
{
  stralloc path = STRALLOC_ZERO;
  text_set(&path, name);
  text_add(&path, ending);
  return text_z(&path);
}

int main(int argc, char const *const *argv)
{
  stralloc source = STRALLOC_ZERO;
  struct alias_lines lines = { .at = 0 };
  struct replacement r = REPLACEMENT_ZERO;
  PROG = "newinclude";
  if (argc != 2) strerr_dieusage(WRONG, "newinclude list");
  umask(033);
  at_home(&rules);
  read_list(&source, argv[1]);
  for (lines.in = (struct field){ source.s, source.len }; alias_lines_next(&lines, false);) {
    if (!alias_words_read(&words, lines.text.s, lines.text.len, &rules)) input_fault(TROUBLE, argv[1], lines.number, "unable to parse this line");
    for (size_t i = 0; i < alias_words_count(&words); i++) add(argv[1], lines.number, alias_words_get(&words, i));
  }
  if (!replace_begin(&r, with(argv[1], ".bin"), with(argv[1], ".tmp"), 0644) || !replace_write(&r, list.s, list.len) || !replace_commit(&r))
    replace_die(&r);
  return 0;
}
