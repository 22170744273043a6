/* vuserinfo: what is known of a user of a virtual domain, or of each one of it.

   runs as   root or the owner of the domain; root becomes the owner before it reads anything of it
   reads     vpasswd.cdb, the limits of the domain and of the site, lastauth, mailhost and Maildir/maildirsize in the homes
   changes   a maildirsize that cannot be believed is made anew
   exits     0 done, 1 no such user or domain, 100 wrong use, 111 trouble of the machine
*/

#include <stdbool.h>
#include <stdint.h>

#include <skalibs/strerr.h>

#include "command.h"
#include "die.h"
#include "limits.h"
#include "named.h"
#include "store_refuse.h"
#include "text.h"
#include "user_alter.h"
#include "user_show.h"

#define USAGE "vuserinfo [ -anpCugcdqQlHv ] [ --json ] address | -D domain"
#define LINE "------------------------------------------\n"

static char const *domain = 0;
static bool all = false, wanted[USER_FIELDS];

static struct command_option const options[] = {
  { 'a', COMMAND_FLAG, &all },
  { 'n', COMMAND_FLAG, &wanted[USER_NAME] },
  { 'p', COMMAND_FLAG, &wanted[USER_HASH] },
  { 'C', COMMAND_FLAG, &wanted[USER_CLEAR] },
  { 'u', COMMAND_FLAG, &wanted[USER_UID] },
  { 'g', COMMAND_FLAG, &wanted[USER_FLAGS] },
  { 'c', COMMAND_FLAG, &wanted[USER_COMMENT] },
  { 'd', COMMAND_FLAG, &wanted[USER_DIR] },
  { 'q', COMMAND_FLAG, &wanted[USER_QUOTA] },
  { 'Q', COMMAND_FLAG, &wanted[USER_USAGE] },
  { 'l', COMMAND_FLAG, &wanted[USER_LOGIN] },
  { 'H', COMMAND_FLAG, &wanted[USER_HOST] },
  { 'D', COMMAND_TEXT, &domain },
  { 0 }
};

static struct named named = NAMED_ZERO;
static struct command command;
static struct vlimits limits;

static bool one_field_is_wanted(void)
{
  bool one = false;
  for (size_t i = 0; i < USER_FIELDS; i++) one |= wanted[i];
  return one && !all;
}

static void add_fields(stralloc *to, struct user_facts const *facts)
{
  for (enum user_field i = 0; i < USER_FIELDS; i++)
    if (wanted[i]) user_show_field(to, facts, i);
}

static void show(struct vpasswd const *record)
{
  static stralloc text = STRALLOC_ZERO, space = STRALLOC_ZERO;
  struct user_facts facts = { .record = record, .domain = named.domain.real.s, .domain_flags = limits.flags };
  text.len = 0;
  user_facts_find(&facts, &space);
  if (command.json) user_show_json(&text, &facts);
  else if (one_field_is_wanted()) add_fields(&text, &facts);
  else user_show_all(&text, &facts);
  if (domain && !command.json) text_add(&text, LINE);
  command_answer(&text);
}

static bool show_of_many(void *with, struct vpasswd const *record)
{
  (void)with;
  show(record);
  return true;
}

static int show_domain(struct store_domain const *table)
{
  enum store_result r = store_list(table, show_of_many, 0);
  if (r != STORE_DONE) store_refuse(r, table->name);
  return 0;
}

static int answer(void *nothing)
{
  static stralloc space = STRALLOC_ZERO;
  struct vpasswd record;
  struct store_domain table = named_table(&named);
  (void)nothing;
  limits_read(&limits, table.directory);
  if (domain) return show_domain(&table);
  if (!named_find(&named, &record, &space)) user_alter_refuse_nobody(&named);
  show(&record);
  return 0;
}

int main(int argc, char *const *argv)
{
  PROG = "vuserinfo";
  command = command_read(argc, argv, options, USAGE);
  command_need_words(&command, domain ? 0 : 1, domain ? 0 : 1);
  enter_home();
  limits_site_read();
  if (domain) named_read_domain(&named, domain);
  else named_read(&named, command.words[0]);
  return named_work(&named, answer, 0);
}
