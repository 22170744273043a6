/* ezmlm-split: send who subscribes to the sublist that he belongs to.

   runs as   who owns the list, from a .qmail file
   reads     DEFAULT, SENDER, DTLINE; the map of sublists; the request on descriptor 0
   changes   nothing; sends the request on through the queue
   exits     0 the list itself is asked, 99 a sublist is, 100 wrong use, 111 trouble, or a map that is wrong
*/

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/buffer.h>
#include <skalibs/skamisc.h>
#include <skalibs/strerr.h>

#include "list_environment.h"
#include "list_file.h"
#include "list_header.h"
#include "list_mail.h"
#include "list_options.h"
#include "list_words.h"
#include "manage_request.h"
#include "split_map.h"
#include "text.h"

#define USAGE "ezmlm-split [-dD] dir [file]"

static struct list l = LIST_ZERO;
static stralloc map = STRALLOC_ZERO;

static struct field all_of(stralloc const *s)
{
  return (struct field){ s->s, s->len };
}

/* False: there are no sublists. */
static bool read_map(char const *file)
{
  int const r = list_file_read(&map, file, LIST_FILE_MAX);
  if (r == -1) list_die_system(&l, "ERR_READ", file);
  return r;
}

/* The name and host of the sublist; false: the list keeps the address. */
static bool find(stralloc *name, stralloc *host, struct field address)
{
  struct field sublist;
  enum split_map const r = split_map_find(&sublist, all_of(&map), address);
  if (r == SPLIT_MAP_WRONG) list_die(LIST_TROUBLE, &l, "ERR_SPLIT", 0, 0);
  if (r == SPLIT_MAP_NONE) return false;
  char const *at = memchr(sublist.s, '@', sublist.len);
  size_t const len = at ? (size_t)(at - sublist.s) : sublist.len;
  name->len = host->len = 0;
  text_addb(name, sublist.s, len);
  if (at) text_addb(host, at + 1, sublist.len - len - 1);
  else text_addx(host, &l.host);
  return true;
}

/* ---- what comes by mail ---- */

static void put_header(void)
{
  struct mail_header header = MAIL_HEADER_ZERO;
  if (lseek(0, 0, SEEK_SET) == -1 && errno != ESPIPE) list_die_system(&l, "ERR_SEEK_INPUT", 0);
  list_header_read(&header, &l, buffer_0);
  list_mail_addx(&header.text);
  list_mail_add("\n");
}

/* A sublist sees who asks by the address, and where the request came from by its header. */
static void pass_on(char const *word, stralloc const *name, stralloc const *host, struct field target)
{
  stralloc to = STRALLOC_ZERO, from = STRALLOC_ZERO;
  char const *dtline = getenv("DTLINE");
  if (!dtline) list_die(LIST_REFUSED, &l, "ERR_NODTLINE", 0, 0);
  char const *at = memrchr(target.s, '@', target.len);
  text_addx(&to, name), text_add(&to, "-"), text_add(&to, word), text_add(&to, "-");
  size_t const box = to.len + (size_t)(at - target.s);
  text_addb(&to, target.s, target.len);
  to.s[box] = '=';
  text_add(&to, "@"), text_addx(&to, host);
  text_addx(&from, &l.local), text_add(&from, "-return-@"), text_addx(&from, &l.host);
  list_mail_open(&l);
  list_mail_add(dtline);
  put_header();
  list_mail_sender(all_of(&from));
  list_mail_to(all_of(&to));
  list_mail_close();
}

/* The word, where it is one that changes who is on the list. */
static char const *word_of(struct manage_request const *r)
{
  if (*r->table) return 0;
  return r->word == WORD_SUBSCRIBE ? "subscribe" : r->word == WORD_UNSUBSCRIBE ? "unsubscribe" : 0;
}

static int split_request(char const *file)
{
  stralloc target = STRALLOC_ZERO, sender = STRALLOC_ZERO, name = STRALLOC_ZERO, host = STRALLOC_ZERO;
  struct manage_request request;
  list_sender(&sender, &l);
  char const *word = manage_request_scan(&request, field_of(list_default(&l))) ? word_of(&request) : 0;
  if (!word || !read_map(file)) return 0;
  if (request.target.s) manage_request_address(&target, request.target);
  else text_addx(&target, &sender);
  if (!target.len || !memchr(target.s, '@', target.len) || !find(&name, &host, all_of(&target))) return 0;
  pass_on(word, &name, &host, all_of(&target));
  return LIST_STOP;
}

/* ---- what is asked by people ---- */

static void show_one(struct field address)
{
  stralloc line = STRALLOC_ZERO, name = STRALLOC_ZERO, host = STRALLOC_ZERO;
  if (!find(&name, &host, address)) text_addx(&name, &l.local), text_addx(&host, &l.host);
  text_addx(&line, &name), text_add(&line, "@"), text_addx(&line, &host), text_add(&line, ": ");
  text_addb(&line, address.s, address.len), text_add(&line, "\n");
  if (buffer_put(buffer_1, line.s, line.len) < 0) list_die_system(&l, "ERR_WRITE_STDOUT", 0);
  stralloc_free(&line), stralloc_free(&name), stralloc_free(&host);
}

static int show(char const *file)
{
  static char line[LIST_ADDRESS_MAX + 2];
  size_t used = 0;
  int r;
  read_map(file);
  while ((r = getlnmax(buffer_0, line, sizeof line, &used, '\n')) == 1) {
    show_one((struct field){ line, used - 1 });
    used = 0;
  }
  if (r == -1) list_die(LIST_REFUSED, &l, "ERR_BAD_ADDRESS", 0, 0);
  if (used) show_one((struct field){ line, used });
  if (!buffer_flush(buffer_1)) list_die_system(&l, "ERR_WRITE_STDOUT", 0);
  return 0;
}

int main(int argc, char const *const *argv)
{
  bool shows = false;
  struct list_option const options[] = { { 'D', OPTION_ON, &shows, 0 }, { 'd', OPTION_OFF, &shows, 0 }, { 0 } };
  PROG = "ezmlm-split";
  int const at = list_options(&l, argc, argv, options, LIST_NEEDED, USAGE);
  char const *file = at < argc ? argv[at] : "split";
  return shows ? show(file) : split_request(file);
}
