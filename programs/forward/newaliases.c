/* newaliases: make the table of /etc/aliases for fastforward.

   runs as   root
   reads     /etc/aliases, the control files that complete addresses
   changes   /etc/aliases.cdb, which is replaced as a whole
   exits     0, 100 wrong use or an address that is too long, 111 a wrong line or trouble; then the table is as it was
*/

#include <errno.h>
#include <fcntl.h>
#include <search.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>

#include "alias_lines.h"
#include "alias_words.h"
#include "cdb_file.h"
#include "control.h"
#include "die.h"
#include "input.h"
#include "lock.h"
#include "rewrite_rules.h"
#include "text.h"

#define SOURCE "/etc/aliases"
#define TABLE "/etc/aliases.cdb"
#define ASIDE "/etc/aliases.tmp"
#define LOCK "users/.aliases"

enum { WRONG = 100, TROUBLE = 111 };

static struct rewrite_rules rules;
static struct alias_lines lines;
static struct alias_words words = ALIAS_WORDS_ZERO;
static struct cdb_file table = CDB_FILE_ZERO;
static void *names;               /* a tree of those that had a line */
static size_t faults;
static int code;                  /* of the faults */

static void fault(int with, char const *what, char const *which)
{
  faults++;
  if (code != TROUBLE) code = with;
  input_warn(SOURCE, lines.number, what, which);
}

/* ---- one line ---- */

static bool begins_owner(struct field f)
{
  return f.len > 6 && strncasecmp(f.s, "owner-", 6) == 0;
}

/* joe is joe wherever; @host and joe@host are what they say. */
static void key_of(stralloc *to, char kind, struct field plain, struct field whole)
{
  bool has_host = plain.len && memchr(plain.s, '@', plain.len);
  struct field f = has_host && *plain.s != '@' ? whole : plain;
  to->len = 0;
  text_addc(to, kind);
  text_addb(to, f.s, f.len);
  if (!has_host) text_addc(to, '@');
  case_lowerb(to->s, to->len);
}

static int compare(void const *a, void const *b)
{
  return strcmp(a, b);
}

static void note_name(char const *name)
{
  char **at = tsearch(name, &names, compare);
  if (!at) die_nomem();
  if (*at != name) input_warn(SOURCE, lines.number, "this name has a line already, and the first counts: ", name + 1);
  else if (!(*at = strdup(name))) die_nomem();
}

static void add(stralloc const *key, struct field value)
{
  if (!cdb_file_add(&table, key->s, key->len, value.s, value.len)) replace_die(&table.file);
}

/* A relative file is one beside the .qmail file that is obeyed. */
static void add_include(stralloc *to, struct field file)
{
  if (*file.s != '/' && *file.s != '.') text_add(to, "./");
  text_addb(to, file.s, file.len);
  text_add(to, ".bin");
  text_end(to);
}

static char const *as_text(struct field f)
{
  static stralloc text = STRALLOC_ZERO;
  text_setb(&text, f.s, f.len);
  return text_z(&text);
}

static void add_instruction(stralloc *to, struct alias_word const *w)
{
  struct field plain = alias_plain(&words, w), whole = alias_whole(&words, w);
  if (plain.len > ALIAS_WORD_MAX || whole.len > ALIAS_WORD_MAX) fault(WRONG, "an address or a command has more than 800 bytes", "");
  else if (memchr(words.text.s, 0, words.text.len)) fault(TROUBLE, "there is a NUL", "");
  else if (w->kind == ALIAS_FILE) fault(TROUBLE, "delivery to a file is not supported: ", as_text(plain));
  else if (w->kind == ALIAS_INCLUDE) add_include(to, plain);
  else if (w->kind == ALIAS_HOST || !whole.len) fault(TROUBLE, "this is no address: ", as_text(plain));
  else {
    struct field f = w->kind == ALIAS_PROGRAM ? plain : whole;
    text_addc(to, w->kind == ALIAS_PROGRAM ? '!' : '&');
    text_addb(to, f.s, f.len);
    text_end(to);
  }
}

static void add_owner(struct field plain, struct field whole)
{
  stralloc key = STRALLOC_ZERO;
  bool has_host = memchr(plain.s, '@', plain.len);
  struct field name = has_host ? whole : plain;
  key_of(&key, '?', (struct field){ name.s + 6, name.len - 6 }, (struct field){ name.s + 6, name.len - 6 });
  add(&key, whole);
  stralloc_free(&key);
}

static void add_alias(void)
{
  static stralloc key = STRALLOC_ZERO, data = STRALLOC_ZERO;
  size_t count = alias_words_count(&words);
  struct alias_word const *target = alias_words_get(&words, count - 1);
  struct field plain = alias_plain(&words, target), whole = alias_whole(&words, target);
  if ((target->kind != ALIAS_ADDRESS && target->kind != ALIAS_HOST) || !plain.len) {
    fault(TROUBLE, "it does not begin with a name", "");
    return;
  }
  data.len = 0;
  for (size_t i = 0; i + 1 < count; i++) add_instruction(&data, alias_words_get(&words, i));
  key_of(&key, ':', plain, whole);
  note_name(text_z(&key));
  if (begins_owner(plain)) add_owner(plain, whole);
  add(&key, (struct field){ data.s, data.len });
}

static void read_line(void)
{
  if (!alias_words_read(&words, lines.text.s, lines.text.len, &rules) || !alias_words_count(&words))
    fault(TROUBLE, "unable to parse this line", "");
  else if (alias_words_count(&words) == 1) fault(TROUBLE, "unable to parse this line: nothing stands behind the name", "");
  else add_alias();
}

/* ---- all ---- */

static void read_source(stralloc *to)
{
  switch (control_slurp_path(to, SOURCE)) {
    case 1: return;
    case 0: errno = ENOENT; break;
  }
  strerr_diefusys(TROUBLE, "read ", SOURCE);
}

static void forget_environment(void)
{
  unsetenv("QMAILDEFAULTHOST");
  unsetenv("QMAILDEFAULTDOMAIN");
  unsetenv("QMAILPLUSDOMAIN");
}

int main(int argc, char const *const *argv)
{
  stralloc source = STRALLOC_ZERO;
  (void)argv;
  PROG = "newaliases";
  if (argc != 1) strerr_dieusage(WRONG, "newaliases");
  umask(033);
  enter_home();
  forget_environment();
  rewrite_rules_load(&rules);
  lock_own_file_or_die(LOCK);
  read_source(&source);
  if (!cdb_file_begin(&table, TABLE, ASIDE, 0644)) replace_die(&table.file);
  for (lines.in = (struct field){ source.s, source.len }; alias_lines_next(&lines, true);) read_line();
  if (faults) {
    cdb_file_forget(&table);
    strerr_dief(code, TABLE, " stays as it was");
  }
  if (!cdb_file_commit(&table)) replace_die(&table.file);
  return 0;
}
