/* vconvert: users go from one place to another with their passwords: accounts of the system, virtual domains, files of
   names and hashes.

   runs as   root; root becomes the owner of a domain that gets users
   reads     the source, which stays as it is
   changes   users of a domain are added as vadduser adds them, all at once; or a file is written
   exits     0 done, 1 no such domain, or some could not be taken, 100 wrong use, 111 trouble of the machine
*/

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/bytestr.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "command.h"
#include "die.h"
#include "domain_backend.h"
#include "domains.h"
#include "limits.h"
#include "memory.h"
#include "named.h"
#include "nameset.h"
#include "newcomers.h"
#include "onchange.h"
#include "private_file.h"
#include "record_fit.h"
#include "refuse.h"
#include "saying.h"
#include "store_choice.h"
#include "store_names.h"
#include "store_refuse.h"
#include "text.h"
#include "user_add.h"
#include "vname.h"
#include "vpasswd_text.h"

#define USAGE "vconvert [ -dv ] [ --json ] [ --dry-run ] -e | -c | -p file -c | -p file [ domain ... ], " \
  "or vconvert -b backend domain ..."

static bool accounts = false, domains = false, sql = false, sqwebmail = false, small_site = false, large_site = false;
static bool talks = false;
static char const *file = 0, *backend = 0;

static struct command_option const options[] = {
  { 'e', COMMAND_FLAG, &accounts },
  { 'c', COMMAND_FLAG, &domains },
  { 'm', COMMAND_FLAG, &sql },
  { 'b', COMMAND_TEXT, &backend },
  { 'p', COMMAND_TEXT, &file },
  { 's', COMMAND_FLAG, &small_site },
  { 'l', COMMAND_FLAG, &large_site },
  { 'S', COMMAND_FLAG, &sqwebmail },
  { 'd', COMMAND_FLAG, &talks },
  { 0 }
};

static struct command command;
static struct newcomers newcomers = NEWCOMERS_ZERO;

/* ---- into a domain ---- */

struct arrival { struct newcomer const *who; size_t order; struct vpasswd record; };

static bool skip(struct field name, char const *why)
{
  newcomers_skip(name, why);
  return false;
}

static bool name_keep(void *names, struct vpasswd const *record)
{
  text_addb(names, record->name.s, record->name.len);
  text_addc(names, '\n');
  return true;
}

static void known_read(struct nameset *known, struct store_domain const *table)
{
  stralloc names = STRALLOC_ZERO;
  enum store_result listed = store_list(table, name_keep, &names);
  if (listed != STORE_DONE) store_refuse(listed, table->name);
  if (!nameset_list(known, names.s, names.len)) die_nomem();
  stralloc_free(&names);
}

static bool is_for(struct newcomer const *who, char const *domain)
{
  if (!who->domain.len) return command.count;
  return who->domain.len == strlen(domain) && nameset_same(who->domain.s, domain, who->domain.len);
}

static struct field lower(struct field name)
{
  stralloc text = STRALLOC_ZERO;
  text_setb(&text, name.s, name.len);
  case_lowerb(text.s, text.len);
  return (struct field){ text_z(&text), text.len };
}

static bool is_welcome(struct vpasswd const *record, struct nameset const *known)
{
  enum vcode code = vname_new_user(record->name.s, record->name.len, true);
  if (code == VCODE_OK) code = record_fit(record);
  if (code != VCODE_OK) return skip(record->name, vcode_text(code));
  if (nameset_has(known, record->name.s, record->name.len)) return skip(record->name, "there is such a user");
  return true;
}

static int compare(void const *a, void const *b)
{
  struct arrival const *x = a, *y = b;
  int r = vpasswd_text_compare(x->record.name, y->record.name);
  return r ? r : (x->order > y->order) - (x->order < y->order);
}

static size_t arrivals_find(struct arrival *arrivals, struct named const *named, struct nameset const *known, char const *quota)
{
  size_t count = 0;
  for (size_t i = 0; i < newcomers.count; i++) {
    struct newcomer const *who = newcomers.all + i;
    if (!is_for(who, named->domain.real.s)) continue;
    struct vpasswd const record = {
      .name = lower(who->name), .hash = who->hash, .comment = who->comment, .quota = { quota, strlen(quota) }, .uid = 1
    };
    if (is_welcome(&record, known)) arrivals[count++] = (struct arrival){ who, i, record };
  }
  qsort(arrivals, count, sizeof *arrivals, compare);
  return count;
}

/* Of several with one name the first is taken. */
static size_t records_make(struct vpasswd *records, struct arrival const *arrivals, size_t count)
{
  size_t made = 0;
  for (size_t i = 0; i < count; i++)
    if (!made || vpasswd_text_compare(records[made - 1].name, arrivals[i].record.name) != 0) records[made++] = arrivals[i].record;
    else skip(arrivals[i].record.name, "he is there twice");
  return made;
}

static bool only_says(struct named *named, struct vpasswd const *records, size_t count)
{
  for (size_t i = 0; command.dry_run && i < count; i++) {
    text_setb(&named->user, records[i].name.s, records[i].name.len);
    text_z(&named->user);
    command_only_says("add ", named_address(named));
  }
  return command.dry_run;
}

static int tell_end(struct named const *named, enum vcode code)
{
  stralloc sentence = STRALLOC_ZERO;
  text_set(&sentence, "converting ");
  text_add(&sentence, named->domain.real.s);
  saying_both("says", text_z(&sentence), code == VCODE_OK ? "...    done" : "... domain conversion failed");
  if (code != VCODE_OK) refuse(code);
  return 0;
}

/* The log hears how many there are. */
static void tell(struct named const *named, struct vpasswd const *records, size_t count)
{
  char digits[SIZE_FMT];
  digits[size_fmt(digits, count)] = 0;
  if (count) onchange_log("add_users", named->domain.real.s, digits);
  for (size_t i = 0; i < count; i++) onchange_script_user("add_user", records[i].name, named->domain.real.s);
}

static int take_in(void *named_)
{
  struct named *named = named_;
  struct store_domain table = named_table(named);
  struct nameset known = NAMESET_ZERO;
  struct vlimits limits;
  char quota[QUOTA_TEXT_SIZE];
  size_t culprit;
  limits_read(&limits, table.directory);
  limits_new_quota(quota, &limits);
  known_read(&known, &table);
  struct arrival *arrivals = memory_zeroed(newcomers.count + 1, sizeof *arrivals);
  struct vpasswd *records = memory_zeroed(newcomers.count + 1, sizeof *records);
  size_t count = records_make(records, arrivals, arrivals_find(arrivals, named, &known, quota));
  if (command.dry_run) user_add_refuse_too_many(&table, count);
  if (only_says(named, records, count)) return 0;
  int status = tell_end(named, user_add_many(&table, named->domain.dir.s, records, count, &culprit));
  tell(named, records, count);
  return status;
}

/* ---- into a file ---- */

static int pairs_fd = -1;             /* where all children put them */

static void add_pair(stralloc *to, struct field name, char const *domain, struct field hash)
{
  text_addb(to, name.s, name.len);
  if (domain) text_addc(to, '@');
  if (domain) text_add(to, domain);
  text_addc(to, ':');
  text_addb(to, hash.s, hash.len);
  text_addc(to, '\n');
}

static void put_pairs(stralloc const *pairs)
{
  private_file_keep(pairs_fd, pairs);
}

struct listing { stralloc pairs; char const *domain; };

static bool list_one(void *listing_, struct vpasswd const *record)
{
  struct listing *listing = listing_;
  if (record->hash.len) add_pair(&listing->pairs, record->name, listing->domain, record->hash);
  else skip(record->name, "no password opens his mailbox");
  return true;
}

/* Of one domain nobody needs its name. */
static int list_domain(void *named_)
{
  struct named *named = named_;
  struct store_domain table = named_table(named);
  struct listing listing = { STRALLOC_ZERO, command.count == 1 ? 0 : named->domain.real.s };
  enum store_result listed = store_list(&table, list_one, &listing);
  if (listed == STORE_DONE) put_pairs(&listing.pairs);
  return tell_end(named, store_code(listed, table.name));
}

static int list_accounts(void)
{
  stralloc pairs = STRALLOC_ZERO;
  newcomers_of_accounts(&newcomers);
  for (size_t i = 0; i < newcomers.count; i++) add_pair(&pairs, newcomers.all[i].name, 0, newcomers.all[i].hash);
  put_pairs(&pairs);
  return 0;
}

static int to_file(char from)
{
  static stralloc pairs = STRALLOC_ZERO;
  struct private_file to = private_file_find(file);
  pairs_fd = private_file_draft();
  enter_home();
  int status = from == 'e' ? list_accounts() : domains_each(command.words, command.count, list_domain);
  if (status || command_only_says("write ", file)) return status;
  private_file_read(&pairs, pairs_fd);
  private_file_write(to, &pairs);
  return 0;
}

static int to_domains(char from)
{
  size_t damaged = 0;
  if (from == 'e') newcomers_of_accounts(&newcomers);
  else damaged = newcomers_of_pairs(&newcomers, file);
  if (from == 'e' && !command.count) command_usage(&command);
  enter_home();
  limits_site_read();
  return domains_worse(damaged ? REFUSE_NO : 0, domains_each(command.words, command.count, take_in));
}

/* ---- from where to where ---- */

/* The letter that comes first is the source. */
static char first_letter(char *const *argv)
{
  for (char *const *word = argv + 1; *word; word++) {
    if (**word != '-' || strncmp(*word, "--", 2) == 0) continue;
    char const *letter = strpbrk(*word, "ecpm");
    if (letter) return *letter;
  }
  return 0;
}

static void refuse_what_is_not_there(void)
{
  if (small_site || large_site) strerr_dief(REFUSE_CALLER, "not there: a form of tables is found, not chosen (-s, -l)");
  if (sqwebmail) strerr_dief(REFUSE_CALLER, "not there yet: sqwebmail's password files (-S)");
  if (accounts + domains + sql + (file != 0) != (backend ? 0 : 2)) command_usage(&command);
}

/* ---- from one back end to another ---- */

static struct store const *backend_named(char const *name)
{
  if (store_kind_of(name, strlen(name)) == STORE_KINDS) refuse_saying(VCODE_INVALID_CHARACTER, "there is no such back end");
  return store_choice_parse(name, strlen(name), (struct field){ "", 0 });
}

static int to_backend(char const *name)
{
  struct store const *store = backend_named(name);
  int status = 0;
  if (!command.count) command_usage(&command);
  enter_home();
  for (int i = 0; i < command.count; i++) status = domains_worse(status, domain_backend_change(command.words[i], store));
  return status;
}

/* -c and -m are vpopmail's words for it. */
static char const *backend_of_letters(char from)
{
  if (!sql) return 0;
  if (!domains) command_usage(&command);
  return from == 'c' ? "mysql" : "cdb";
}

int main(int argc, char *const *argv)
{
  PROG = "vconvert";
  char from = first_letter(argv);
  command = command_read(argc, argv, options, USAGE);
  refuse_what_is_not_there();
  refuse_unless_root();
  if (!backend) backend = backend_of_letters(from);
  if (backend) return to_backend(backend);
  if (accounts && from != 'e') strerr_dief(REFUSE_CALLER, "accounts of the system are no target: useradd(8) makes them");
  return file && from != 'p' ? to_file(from) : to_domains(from);
}
