/* vipmap: which domain users without one belong to, by the address at which they arrive.

   runs as   root
   changes   etc/ip_alias_map in the home of vpopmail, as vpopmail
   exits     0 done, 1 not as things are, 100 wrong use, 111 trouble of the machine
*/

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include <skalibs/strerr.h>

#include "as_owner.h"
#include "command.h"
#include "die.h"
#include "dir_file.h"
#include "dir_lock.h"
#include "domain.h"
#include "json.h"
#include "lines.h"
#include "literal.h"
#include "onchange.h"
#include "refuse.h"
#include "site.h"
#include "text.h"

#define USAGE "vipmap [ -v ] [ --json ] [ --dry-run ] -a|-d ip domain | -p"
#define MAP SITE_IP_MAP
#define LOCK ".ip_alias_map.lock"

enum { LOCK_SECONDS = 60, MAP_MAX = 16 << 20 };

static bool adds = false, drops = false, prints = false;

static struct command_option const options[] = {
  { 'a', COMMAND_FLAG, &adds },
  { 'd', COMMAND_FLAG, &drops },
  { 'p', COMMAND_FLAG, &prints },
  { 0 }
};

static struct command command;
static stralloc map = STRALLOC_ZERO;

/* ---- lines: an address, blanks, a domain ---- */

static bool is_blank(char c)
{
  return c == ' ' || c == '\t';
}

static struct text_line word_next(struct text_line *rest)
{
  while (rest->len && is_blank(*rest->s)) rest->s++, rest->len--;
  struct text_line word = { rest->s, 0 };
  while (word.len < rest->len && !is_blank(word.s[word.len])) word.len++;
  *rest = (struct text_line){ rest->s + word.len, rest->len - word.len };
  return word;
}

/* The line that speaks for the address, however that is spelled; false if there is none. */
static bool line_find(struct text_line *line, char const *address)
{
  ip46 wanted, ip;
  literal_number(&wanted, address, strlen(address));
  for (size_t at = 0; lines_next(line, map.s, map.len, &at);) {
    struct text_line rest = *line, word = word_next(&rest);
    if (literal_number(&ip, word.s, word.len) && ip46_is6(&ip) == ip46_is6(&wanted)
        && memcmp(ip.ip, wanted.ip, ip46_is6(&ip) ? 16 : 4) == 0)
      return true;
  }
  return false;
}

static bool is_for(struct text_line line, char const *domain)
{
  word_next(&line);
  struct text_line word = word_next(&line);
  return lines_same(word, (struct text_line){ domain, strlen(domain) });
}

/* ---- what is done ---- */

static void add(char const *address, char const *domain)
{
  struct text_line line;
  stralloc new = STRALLOC_ZERO;
  bool known = line_find(&line, address);
  if (known && !is_for(line, domain)) refuse_saying(VCODE_DOMAIN_EXISTS, "that address has another domain already");
  if (known) return;
  text_set(&new, address);
  text_addc(&new, ' ');
  text_add(&new, domain);
  lines_add(&map, (struct text_line){ new.s, new.len });
}

static void drop(char const *address, char const *domain)
{
  struct text_line line;
  stralloc old = STRALLOC_ZERO;
  if (!line_find(&line, address) || !is_for(line, domain)) refuse_saying(VCODE_NO_DOMAIN, "that address has not this domain");
  text_setb(&old, line.s, line.len);
  lines_remove(&map, (struct text_line){ old.s, old.len });
}

static void add_word(stralloc *to, char const *before, struct text_line word)
{
  text_add(to, before);
  if (!command.json) text_addb(to, word.s, word.len);
  else if (!json_text(to, word.s, word.len)) die_nomem();
}

static void print(void)
{
  stralloc text = STRALLOC_ZERO;
  struct text_line line;
  for (size_t at = 0; lines_next(&line, map.s, map.len, &at);) {
    struct text_line address = word_next(&line), domain = word_next(&line);
    if (!domain.len || *address.s == '#') continue;
    add_word(&text, command.json ? "{\"ip\":" : "", address);
    add_word(&text, command.json ? ",\"domain\":" : " ", domain);
    text_add(&text, command.json ? "}\n" : "\n");
  }
  if (text.len) command_answer(&text);
}

static int work(void *nothing)
{
  int etc = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  (void)nothing;
  if (etc == -1 || (!prints && dir_lock(etc, LOCK, LOCK_SECONDS) == -1)) strerr_diefusys(111, "lock ", MAP);
  if (dir_file_read(&map, etc, MAP, MAP_MAX) == -1) strerr_diefusys(111, "read ", MAP);
  if (prints) {
    print();
    return 0;
  }
  char const *domain = command_lower(&command, 1);
  (adds ? add : drop)(command.words[0], domain);
  if (!command_only_says(adds ? "add " : "remove ", command.words[0]) && !dir_file_write(etc, MAP, map.s, map.len))
    strerr_diefusys(111, "write ", MAP);
  return 0;
}

/* A domain that has gone may still be dropped. */
static void refuse_words(void)
{
  struct domain found = DOMAIN_ZERO;
  ip46 ip;
  char const *domain = command_lower(&command, 1);
  if (!literal_number(&ip, command.words[0], strlen(command.words[0]))) refuse_saying(VCODE_BAD_CHARACTER, "that is no address of a host");
  if (adds) domain_need(&found, domain, strlen(domain));
}

int main(int argc, char *const *argv)
{
  PROG = "vipmap";
  command = command_read(argc, argv, options, USAGE);
  if (adds + drops + prints != 1) command_usage(&command);
  command_need_words(&command, prints ? 0 : 2, prints ? 0 : 2);
  refuse_unless_root();
  enter_home();
  if (!prints) refuse_words();
  struct site const *site = site_find();
  int status = as_owner(site->uid, site->gid, site_make_etc(), work, 0);
  if (!status && !prints && !command.dry_run)
    onchange_log(adds ? "add_ip_map" : "del_ip_map", command.words[0], command_lower(&command, 1));
  return status;
}
