#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/strerr.h>

#include "list_file.h"
#include "list_lines.h"
#include "list_sentences.h"
#include "list_words.h"
#include "screen.h"
#include "text.h"

/* A text of sentences that cannot be read just now is none: whoever has something to say says it in other words. */
static stralloc const *messages_of(struct list const *l, enum list_place place)
{
  static struct { bool known; stralloc text; } kept[LIST_PLACES];
  static stralloc path = STRALLOC_ZERO;
  if (kept[place].known) return &kept[place].text;
  if (list_file_path(&path, l, place, "text/messages")) {
    kept[place].known = true;
    if (list_file_read(&kept[place].text, path.s, LIST_FILE_MAX) != 1) kept[place].text.len = 0;
  }
  return &kept[place].text;
}

static struct list const *entered;

void list_words_are_of(struct list const *l)
{
  entered = l;
}

/* What stands behind the colon counts to the end of its line: a blank there may be meant. */
static bool sentence_in(struct field *sentence, stralloc const *text, struct field identifier)
{
  struct field rest = { text->s, text->len }, line;
  while (list_line_any(&line, &rest)) {
    if (line.len && line.s[line.len - 1] == '\r') line.len--;
    if (line.len <= identifier.len || line.s[identifier.len] != ':' || memcmp(line.s, identifier.s, identifier.len) != 0) continue;
    *sentence = (struct field){ line.s + identifier.len + 1, line.len - identifier.len - 1 };
    return true;
  }
  return false;
}

static struct field sentence_of(struct list const *l, struct field identifier)
{
  struct field sentence;
  for (enum list_place place = PLACE_LIST; place < LIST_PLACES; place++)
    if (sentence_in(&sentence, messages_of(l, place), identifier)) return sentence;
  char const *own = list_sentence(identifier);
  return own ? field_of(own) : identifier;
}

void list_say(stralloc *to, struct list const *l, char const *identifier, struct list_tags const *tags)
{
  if (!l) l = entered;
  list_tags_fill(to, sentence_of(l, field_of(identifier)), l, tags);
}

/* What it is about may come from a stranger, and is shown to people. */
static char const *said(struct list const *l, char const *identifier, char const *one, char const *two)
{
  static stralloc sentence = STRALLOC_ZERO, shown = STRALLOC_ZERO;
  struct list_tags tags = { .table = 0 };
  tags.parameter[1] = field_of(one ? one : "");
  tags.parameter[2] = field_of(two ? two : "");
  sentence.len = shown.len = 0;
  list_say(&sentence, l, identifier, &tags);
  screen_add(&shown, (struct field){ sentence.s, sentence.len }, sentence.len, '?');
  return text_z(&shown);
}

_Noreturn void list_die(int code, struct list const *l, char const *identifier, char const *one, char const *two)
{
  strerr_dief(code, said(l, identifier, one, two));
}

_Noreturn void list_die_system(struct list const *l, char const *identifier, char const *one)
{
  int const reason = errno;
  char const *what = said(l, identifier, one, 0);
  errno = reason;
  strerr_diefsys(LIST_TROUBLE, what);
}

/* Where all texts are away nobody can tell that this one is none. */
static void die_if_there(struct list const *l, char const *name)
{
  struct stat st;
  stralloc texts = STRALLOC_ZERO;
  if (lstat(name, &st) == 0) errno = S_ISDIR(st.st_mode) ? EISDIR : S_ISREG(st.st_mode) ? ENODATA : ENOENT;
  else if (errno == ENOENT) errno = 0;
  if (errno) list_die_system(l, "ERR_READ", name);
  if (strncmp(name, "text/", 5) != 0 || !list_file_path(&texts, l, PLACE_DEFAULT, "")) return;
  if (stat(texts.s, &st) == -1) list_die_system(l, "ERR_STAT", texts.s);
  stralloc_free(&texts);
}

_Noreturn void list_die_missing(struct list const *l, char const *name)
{
  die_if_there(l, name);
  char const *missing = said(l, "ERR_NOEXIST", 0, 0);
  strerr_dief(LIST_REFUSED, l->dir, "/", name, missing);
}

void list_inform(struct list const *l, char const *identifier, char const *one)
{
  strerr_warni(said(l, identifier, one, 0));
}

void list_warn(struct list const *l, char const *identifier, char const *one)
{
  strerr_warnw(said(l, identifier, one, 0));
}

void list_warn_system(struct list const *l, char const *identifier, char const *one)
{
  int const reason = errno;
  char const *what = said(l, identifier, one, 0);
  errno = reason;
  strerr_warnwsys(what);
}
