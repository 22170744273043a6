/* qmail-rules: read a file of access rules, tell what is wrong with it, write what tcprules is to compile.

   runs as   anybody who may read the file
   reads     the file; supervise/NAME/run of the services that use its table; with -l, the names in /etc
   changes   nothing
   exits     0; 100 for a wrong call or a line that is no rule, and then nothing is written; 111 when it cannot read
*/

#include <stdlib.h>
#include <string.h>

#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "die.h"
#include "rules.h"
#include "show.h"
#include "text.h"

#define USAGE "qmail-rules FILE | qmail-rules -l"

static void print_path(char const *path, void *data)
{
  (void)data;
  show_string(path);
  show_string("\n");
}

static char const *weight_of(struct finding const *f)
{
  return f->stops ? "error: " : f->is_note ? "note: " : "warning: ";
}

static void complain(struct finding const *f)
{
  stralloc line = STRALLOC_ZERO;
  text_set(&line, PROG);
  text_add(&line, ": ");
  text_add(&line, f->where);
  if (f->line) {
    text_add(&line, ":");
    text_addu(&line, f->line);
  }
  text_add(&line, ": ");
  text_add(&line, weight_of(f));
  text_add(&line, f->text);
  for (size_t i = 0; i < line.len; i++)
    if ((unsigned char)line.s[i] < 32 || (unsigned char)line.s[i] > 126) line.s[i] = '?';
  text_add(&line, "\n");
  buffer_put(buffer_2, line.s, line.len);
  stralloc_free(&line);
}

static void flush(void)
{
  if (!buffer_flush(buffer_1)) strerr_diefusys(111, "write standard output");
}

/* The caller's path, which must hold from HOME too. */
static char *absolute(char const *path)
{
  char *whole = path[0] == '/' ? strdup(path) : realpath(path, 0);
  if (!whole) strerr_diefusys(111, "find ", path);
  return whole;
}

static int read_file(char const *path)
{
  struct findings findings = { 0 };
  stralloc clean = STRALLOC_ZERO;
  int r = rules_file(&clean, &findings, path);
  if (r == -1) strerr_diefusys(111, "read ", path);
  for (size_t i = 0; i < findings.count; i++) complain(findings.list + i);
  buffer_flush(buffer_2);
  if (buffer_put(buffer_1, clean.s, clean.len) < (ssize_t)clean.len) strerr_diefusys(111, "write standard output");
  flush();
  return r ? 0 : 100;
}

int main(int argc, char const *const *argv)
{
  PROG = "qmail-rules";
  if (argc != 2 || (argv[1][0] == '-' && strcmp(argv[1], "-l") != 0)) strerr_dieusage(100, USAGE);
  if (argv[1][0] != '-') {
    char *path = absolute(argv[1]);
    enter_home();
    int code = read_file(path);
    free(path);
    return code;
  }
  rules_each(print_path, 0);
  flush();
  return 0;
}
