#include <string.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/strerr.h>

#include "changes_asked.h"
#include "list_options.h"
#include "list_words.h"
#include "text.h"

enum { LINE_MAX_BYTES = 8192, BLOCK = 1 << 18, OWN_HASH = -1 };

struct asked {
  struct subscribers *table;
  bool (*change)(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced);
  char const *tag;
  int forced;
  bool named;                       /* a name follows each address */
  size_t refused;                   /* addresses that the database did not take */
};

static void do_one(struct asked const *a, struct field address, struct field name)
{
  struct subscribers_event const why = { a->tag, name };
  a->change(a->table, address, &why, a->forced);
}

static void from_arguments(struct asked const *a, int argc, char const *const *argv, int at, char const *usage)
{
  struct field const none = { 0, 0 };
  for (; at < argc; at++) {
    struct field const address = field_of(argv[at]);
    if (a->named && ++at == argc) strerr_dieusage(LIST_REFUSED, usage);
    do_one(a, address, a->named ? field_of(argv[at]) : none);
  }
}

/* "joe@example.org Joe": a backslash keeps the blank, tab or comma behind it in the address. */
static struct field cut_name(struct field *address)
{
  size_t i = 0;
  while (i < address->len && !strchr(" \t,", address->s[i])) i += address->s[i] == '\\' ? 2 : 1;
  if (i > address->len) i = address->len;
  struct field name = { address->s + i, address->len - i };
  address->len = i;
  while (name.len && strchr(" \t,", *name.s)) name.s++, name.len--;
  return name;
}

static void from_line(struct asked const *a, struct field line)
{
  struct field name = { 0, 0 };
  while (line.len && strchr(" \t\r", line.s[line.len - 1])) line.len--;
  if (!line.len || *line.s == '#') return;
  if (a->named) name = cut_name(&line);
  do_one(a, line, name);
}

static size_t from_block(struct asked *a, char const *s, size_t len)
{
  size_t at = 0;
  char const *newline;
  subscribers_gather(a->table);
  for (; (newline = memchr(s + at, '\n', len - at)); at = (size_t)(newline - s) + 1)
    from_line(a, (struct field){ s + at, (size_t)(newline - s) - at });
  a->refused += subscribers_settle(a->table);
  return at;
}

/* What has come is done before more is waited for: nobody waits for the table because somebody types slowly. A last line without its
   end may be the half of an address. */
static void from_input(struct asked *a)
{
  static char block[BLOCK];
  size_t used = 0;
  ssize_t r;
  while ((r = fd_read(0, block + used, sizeof block - used))) {
    if (r == -1) list_die_system(0, "ERR_READ_INPUT", 0);
    used += (size_t)r;
    size_t const done = from_block(a, block, used);
    used -= done;
    memmove(block, block + done, used);
    if (used >= LINE_MAX_BYTES) list_die(LIST_REFUSED, 0, "ERR_BAD_ADDRESS", 0, 0);
  }
}

int changes_asked(int argc, char const *const *argv, char const *usage, char const *sign,
                  bool (*change)(struct subscribers *s, struct field address, struct subscribers_event const *why, int forced))
{
  struct list l = LIST_ZERO;
  struct asked a = { .change = change };
  uint64_t hash = 0;
  bool files = false;
  char const *subdb = 0, *tag = "manual", *table = ".";
  stralloc event = STRALLOC_ZERO;
  struct list_option const options[] = {
    { 'm', OPTION_OFF, &files, 0 }, { 'M', OPTION_ON, &files, 0 }, { 'n', OPTION_ON, &a.named, 0 }, { 'N', OPTION_OFF, &a.named, 0 },
    { 'h', OPTION_NUMBER, &hash, 0 }, { 'H', OPTION_IGNORED, 0, 0 }, { 'S', OPTION_TEXT, &subdb, 0 }, { 't', OPTION_TEXT, &tag, 0 }, { 0 }
  };
  int at = list_options(&l, argc, argv, options, LIST_NEEDED, usage);
  if (hash >= SUBSCRIBERS_HASHES) strerr_dieusage(LIST_REFUSED, usage);
  if (at < argc && !strchr(argv[at], '@')) table = argv[at++];
  a.forced = hash ? (int)hash : OWN_HASH;
  text_add(&event, sign), text_add(&event, tag);
  a.tag = text_z(&event);
  a.table = subscribers_open(&l, table, files ? "std" : subdb);
  if (at < argc) from_arguments(&a, argc, argv, at, usage);
  else from_input(&a);
  return a.refused ? LIST_REFUSED : 0;
}
