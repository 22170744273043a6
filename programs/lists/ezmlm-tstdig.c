/* ezmlm-tstdig: is a digest due?

   runs as   who owns the list, in a line of a .qmail file before ezmlm-get, or by hand
   reads     num and dignum of the list, and its limits; LOCAL, DEFAULT
   changes   tstdig, when it has said yes to a post
   exits     0 it is due, 99 it is not, 100 wrong use, 111 trouble
*/

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <skalibs/strerr.h>

#include "digest_due.h"
#include "list_file.h"
#include "list_options.h"
#include "list_words.h"
#include "replace.h"
#include "text.h"

#define USAGE "ezmlm-tstdig [ -k kbytes ] [ -m messages ] [ -t hours ] dir"

enum { HOUR = 3600 };

static struct list list = LIST_ZERO;
static struct digest_limits limits = { .kbytes = 64, .messages = 30, .hours = 48 };

static struct list_option const options[] = {
  { 'k', OPTION_NUMBER, &limits.kbytes, "digsize" },
  { 'm', OPTION_NUMBER, &limits.messages, "digcount" },
  { 't', OPTION_NUMBER, &limits.hours, "digtime" },
  { 0 }
};

/* False where there is no such file. */
static bool read_last(struct digest_last *to, char const *name)
{
  stralloc text = STRALLOC_ZERO;
  int r = list_file_read(&text, name, LIST_FILE_MAX);
  if (r == -1) list_die_system(&list, "ERR_READ", name);
  digest_last_scan(to, text.s, text.len);
  stralloc_free(&text);
  return r == 1;
}

/* Mail to an address of the list: only that for digests is a reason for one, and it is ezmlm-get that knows who may. */
static bool is_command(void)
{
  char const *word = getenv("DEFAULT");
  return word && *word && (strncasecmp(word, "dig", 3) != 0 || !strncasecmp(word, "digest-", 7));
}

static bool is_post(void)
{
  char const *local = getenv("LOCAL"), *word = getenv("DEFAULT");
  return local && *local && !(word && *word);
}

static void write_yes(uint64_t now)
{
  stralloc text = STRALLOC_ZERO;
  struct replacement r = REPLACEMENT_ZERO;
  text_addu(&text, now);
  text_add(&text, "\n");
  if (!replace_begin(&r, "tstdig", "tstdign", 0644) || !replace_write(&r, text.s, text.len) || !replace_commit(&r))
    list_die_system(&list, "ERR_WRITE", "tstdig");
  stralloc_free(&text);
}

/* Posts may come faster than a digest is made: one in an hour asks for it, unless that one has been made. */
static bool is_first_to_say_so(struct digest_last const *now, struct digest_last const *last)
{
  struct digest_last said;
  list_lock("lock");
  read_last(&said, "tstdig");
  uint64_t when = said.number;
  if (when > last->when && when + HOUR >= now->when) return false;
  write_yes(now->when);
  return true;
}

int main(int argc, char const *const *argv)
{
  struct digest_last now, last;
  PROG = "ezmlm-tstdig";
  int next = list_options(&list, argc, argv, options, LIST_NEEDED, USAGE);
  if (next < argc) strerr_dieusage(LIST_REFUSED, USAGE);
  if (is_command()) return 0;
  if (!read_last(&now, "num")) return LIST_STOP;
  now.when = (uint64_t)time(0);
  read_last(&last, "dignum");
  if (!digest_due(&now, &last, &limits)) return LIST_STOP;
  return is_post() && !is_first_to_say_so(&now, &last) ? LIST_STOP : 0;
}
