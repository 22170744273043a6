#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "bulk.h"
#include "bulk_line.h"
#include "command.h"
#include "dir_file.h"
#include "hash.h"
#include "limits.h"
#include "named.h"
#include "new_hash.h"
#include "onchange.h"
#include "password.h"
#include "record_fit.h"
#include "refuse.h"
#include "store_refuse.h"
#include "text.h"
#include "tree.h"
#include "user_add.h"
#include "user_quota.h"
#include "vname.h"

struct bulk_user { struct vpasswd record; size_t line; };

struct bulk_domain {
  struct named named;
  char const *quota;            /* of a new user */
  struct bulk_user *users;
  size_t count, room;
};

static struct { struct bulk_domain *all; size_t count; } domains;
static char const *usual_quota;

/* What is kept for good. */
static struct field keep(char const *s, size_t len)
{
  char *to = malloc(len ? len : 1);
  if (!to) die_nomem();
  if (len) memcpy(to, s, len);
  return (struct field){ to, len };
}

/* ---- domains ---- */

static char const *quota_of_domain(struct named const *named)
{
  char text[QUOTA_TEXT_SIZE];
  struct vlimits limits;
  int directory = tree_open(named->domain.dir.s);
  if (directory == -1) strerr_diefusys(111, "open ", named->domain.dir.s);
  if (usual_quota) user_quota_read(text, usual_quota);
  else {
    limits_read(&limits, directory);
    limits_new_quota(text, &limits);
  }
  fd_close(directory);
  return keep(text, strlen(text) + 1).s;
}

/* Of the lines that follow each is read into another. */
static struct named named_copy(struct named const *from)
{
  struct named to = NAMED_ZERO;
  text_setb(&to.user, "", 0);
  domain_copy(&to.domain, &from->domain);
  return to;
}

static struct bulk_domain *domain_add(struct named const *named)
{
  domains.all = reallocarray(domains.all, domains.count + 1, sizeof *domains.all);
  if (!domains.all) die_nomem();
  struct bulk_domain *d = domains.all + domains.count++;
  *d = (struct bulk_domain){ .named = named_copy(named), .quota = quota_of_domain(named) };
  return d;
}

/* Lines of one domain mostly stand together. */
static struct bulk_domain *domain_of(struct named const *named)
{
  for (size_t i = domains.count; i; i--)
    if (strcmp(domains.all[i - 1].named.domain.real.s, named->domain.real.s) == 0) return domains.all + i - 1;
  named_refuse_strangers(named);
  return domain_add(named);
}

/* ---- users ---- */

static struct field hash_of(struct field password)
{
  char hash[HASH_SIZE];
  if (bulk_line_is_hash(password)) return password;
  if (password.len > PASSWORD_MAX) refuse(VCODE_PASSWORD_TOO_LONG);
  if (command_is_dry()) return (struct field){ "", 0 };
  if (!new_hash_make(hash, password.s, password.len)) refuse(VCODE_CRYPT_FAILED);
  return keep(hash, strlen(hash));
}

static struct field quota_of(struct field said, struct bulk_domain const *domain)
{
  struct quota quota;
  char text[QUOTA_TEXT_SIZE];
  if (!said.len) return (struct field){ domain->quota, strlen(domain->quota) };
  if (!quota_parse(&quota, said.s, said.len)) refuse_saying(VCODE_BAD_CHARACTER, "that is no quota");
  return keep(text, quota_text(text, &quota));
}

static void user_keep(struct bulk_domain *domain, struct bulk_user user)
{
  if (domain->count == domain->room) {
    domain->room = domain->room ? 2 * domain->room : 64;
    domain->users = reallocarray(domain->users, domain->room, sizeof *domain->users);
    if (!domain->users) die_nomem();
  }
  domain->users[domain->count++] = user;
}

/* A domain is looked up when it is not that of the line before. */
static void address_read(struct named *named, struct field said)
{
  static stralloc address = STRALLOC_ZERO, domain = STRALLOC_ZERO, last = STRALLOC_ZERO;
  if (!vname_split(&named->user, &domain, said.s, said.len)) die_nomem();
  bool again = domain.len && domain.len == last.len && memcmp(domain.s, last.s, last.len) == 0;
  text_setb(&address, said.s, said.len);
  if (!again) named_read(named, text_z(&address));
  text_setb(&last, domain.s, domain.len);
}

static void line_take(struct bulk_line const *said, size_t line)
{
  static struct named named = NAMED_ZERO;
  address_read(&named, said->address);
  refuse_unless_ok(vname_new_user(named.user.s, named.user.len, true));
  struct bulk_domain *domain = domain_of(&named);
  struct field const name = keep(named.user.s, named.user.len);
  struct vpasswd const record = {
    .name = name, .comment = said->comment.len ? said->comment : name, .uid = 1,
    .hash = hash_of(said->password), .quota = quota_of(said->quota, domain)
  };
  refuse_unless_ok(record_fit(&record));
  user_keep(domain, (struct bulk_user){ record, line });
}

/* ---- the list ---- */

static void list_read(stralloc *text, char const *file)
{
  int fd = strcmp(file, "-") == 0 ? 0 : open(file, O_RDONLY | O_CLOEXEC);
  if (fd == -1 || !dir_file_read_fd(text, fd, BULK_MAX)) strerr_diefusys(111, "read ", file);
}

static void list_take(char const *s, size_t len)
{
  struct bulk_line said;
  size_t n, number = 0;
  for (size_t at = 0; at < len; at += n + 1) {
    char const *newline = memchr(s + at, '\n', len - at);
    n = newline ? (size_t)(newline - s) - at : len - at;
    refuse_at_line(++number);
    switch (bulk_line_parse(&said, s + at, n)) {
      case BULK_LINE_USER: line_take(&said, number); break;
      case BULK_LINE_NOTHING: break;
      default: refuse_saying(VCODE_BAD_CHARACTER, "that is not address:password:comment:quota");
    }
  }
  refuse_at_line(0);
}

/* ---- a domain's ---- */

static int domain_say(struct bulk_domain const *domain)
{
  static stralloc what = STRALLOC_ZERO;
  text_set(&what, "add ");
  text_addu(&what, domain->count);
  text_add(&what, " users to ");
  command_only_says(text_z(&what), domain->named.domain.real.s);
  return 0;
}

static int domain_fill(void *domain_)
{
  struct bulk_domain const *domain = domain_;
  struct store_domain table = named_table(&domain->named);
  if (command_is_dry()) {
    user_add_refuse_too_many(&table, domain->count);
    return domain_say(domain);
  }
  struct vpasswd *records = calloc(domain->count, sizeof *records);
  size_t culprit;
  if (!records) die_nomem();
  for (size_t i = 0; i < domain->count; i++) records[i] = domain->users[i].record;
  enum vcode code = user_add_many(&table, domain->named.domain.dir.s, records, domain->count, &culprit);
  refuse_at_line(domain->users[culprit].line);
  refuse_unless_ok(code);
  return 0;
}

/* The log hears how many there are. */
static void tell(struct bulk_domain const *domain)
{
  char count[SIZE_FMT];
  count[size_fmt(count, domain->count)] = 0;
  onchange_log("add_users", domain->named.domain.real.s, count);
  for (size_t i = 0; i < domain->count; i++)
    onchange_script_user("add_user", domain->users[i].record.name, domain->named.domain.real.s);
}

int bulk_add(char const *file, char const *quota)
{
  static stralloc text = STRALLOC_ZERO;
  int code = 0;
  usual_quota = quota;
  list_read(&text, file);
  enter_home();
  limits_site_read();
  list_take(text.s, text.len);
  for (size_t i = 0; i < domains.count && !code; i++) {
    struct bulk_domain *domain = domains.all + i;
    code = named_work(&domain->named, domain_fill, domain);
    if (!code && !command_is_dry()) tell(domain);
  }
  return code;
}
