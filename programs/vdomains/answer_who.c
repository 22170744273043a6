#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include <skalibs/bytestr.h>
#include <skalibs/djbunix.h>

#include "address.h"
#include "answer_who.h"
#include "bytes.h"
#include "domain_room.h"
#include "instructions.h"
#include "maildirsize.h"
#include "temporary.h"
#include "vdelivermail_line.h"
#include "vflags.h"
#include "vmailbox.h"
#include "whose.h"

enum { DOTQMAIL_MAX = WHOSE_FILE_MAX };

static struct served served = SERVED_ZERO;
static struct vmailbox box = VMAILBOX_ZERO;

static bool find_rules(struct vrules *rules, void *domain)
{
  return served_rules(domain, rules) == SERVED_DONE;
}

/* ---- has the user room? ---- */

/* For ever where mail for a full mailbox is not tried again, and his quota is known. */
static enum users_said full(void)
{
  struct vrules rules;
  if (!find_rules(&rules, &served)) return SAID_TROUBLE;
  return rules.overquota || box.is_old ? SAID_FULL_NOW : SAID_FULL;
}

/* A message has one byte at least. */
static enum users_said room_within(int maildir, struct quota const *limit)
{
  struct maildirsize m;
  if (!maildirsize_open(&m, maildir, limit, 1)) return SAID_TROUBLE;
  bool fits = quota_fits(&m.limit, &m.usage, 1);
  maildirsize_close(&m);
  return fits ? SAID_MAILBOX : full();
}

/* What is not there yet, and what is of another owner, has room. */
static enum users_said said_of_error(void)
{
  return errno == ENOENT || errno == EACCES ? SAID_MAILBOX : SAID_TROUBLE;
}

static enum users_said room_in_home(int home, struct quota const *limit)
{
  struct stat st;
  if (fstatat(home, ".qmail", &st, AT_SYMLINK_NOFOLLOW) == 0) return SAID_MAILBOX;
  if (errno != ENOENT) return said_of_error();
  int maildir = openat(home, "Maildir", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (maildir == -1) return said_of_error();
  enum users_said said = room_within(maildir, limit);
  fd_close(maildir);
  return said;
}

/* With a .qmail file mail goes where that says, and the delivery finds out. */
static enum users_said room(void)
{
  static stralloc path = STRALLOC_ZERO;
  struct field const dir = box.record.dir;
  struct quota limit;
  if (!quota_parse(&limit, box.record.quota.s, box.record.quota.len) || quota_is_none(&limit)) return SAID_MAILBOX;
  if (!dir.len || memchr(dir.s, 0, dir.len)) return SAID_MAILBOX;
  if (!bytes_setb(&path, dir.s, dir.len) || !bytes_z(&path)) return SAID_TROUBLE;
  int home = open(path.s, O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (home == -1) return said_of_error();
  enum users_said said = room_in_home(home, &limit);
  fd_close(home);
  return said;
}

/* ---- has the domain? ---- */

static bool counts_domains;

void answer_who_counts_domains(bool wanted)
{
  counts_domains = wanted;
}

static enum users_said room_in_domain(void)
{
  struct store_domain domain = served_table(&served);
  struct quota limit;
  domain.age = STORE_AS_IT_WAS;
  if (served_quota(&served, &limit) != SERVED_DONE) return SAID_TROUBLE;
  if (quota_is_none(&limit)) return SAID_MAILBOX;
  int r = domain_room_fits(&domain, served.user.home.s, &limit);
  return r == 1 ? SAID_MAILBOX : r == 0 ? full() : SAID_TROUBLE;
}

static enum users_said room_in_both(void)
{
  enum users_said said = room();
  return said == SAID_MAILBOX && counts_domains ? room_in_domain() : said;
}

/* ---- is there the user? ---- */

static enum users_said said_of(enum served_result r)
{
  return r == SERVED_NONE ? SAID_NOBODY : r == SERVED_UNSEEN ? SAID_UNSEEN : SAID_TROUBLE;
}

/* Nobody is refused for good by what was so lately. */
static enum users_said said_of_user(void)
{
  if (box.record.flags & VFLAG_BOUNCE_MAIL) return box.is_old ? SAID_TROUBLE : SAID_LOCKED;
  return room_in_both();
}

/* As a delivery finds him; the name ends with a NUL. */
static enum users_said through_vdelivermail(struct field name, enum vdelivermail_action action)
{
  struct store_domain const domain = served_table(&served);
  struct vmailbox_rules const rules = { find_rules, &served };
  switch (vmailbox_find(&box, &domain, &rules, name.s)) {
    case STORE_DONE: return said_of_user();
    case STORE_NO_USER: return action == VDELIVERMAIL_BOUNCE ? SAID_NOBODY : SAID_TAKEN;
    default: return errno == EACCES || errno == EPERM ? SAID_UNSEEN : SAID_TROUBLE;
  }
}

/* ---- which file speaks? ---- */

/* Whether the only thing that the file says is a line that starts vdelivermail. */
static bool is_vdelivermail(struct vdelivermail_line *to, char const *s, size_t len)
{
  struct instruction in;
  size_t at = 0, count = 0;
  bool is_it = false;
  while (instruction_next(&in, s, len, &at)) {
    if (in.kind == INSTRUCTION_NOTHING) continue;
    is_it = in.kind == INSTRUCTION_PROGRAM && vdelivermail_line_parse(to, in.line, in.line_len);
    count++;
  }
  return count == 1 && is_it;
}

static enum users_said through_file(struct field name, char const *file)
{
  static stralloc text = STRALLOC_ZERO;
  struct vdelivermail_line line;
  text.len = 0;
  switch (served_text(&served, &text, file, DOTQMAIL_MAX)) {
    case 1: return is_vdelivermail(&line, text.s, text.len) ? through_vdelivermail(name, line.action) : SAID_TAKEN;
    case 0: return SAID_TROUBLE;
    default: return temporary(errno) ? SAID_TROUBLE : SAID_UNSEEN;
  }
}

static bool set_user(struct user *to, struct field name)
{
  return bytes_set(&to->dash, "-") && bytes_z(&to->dash)
    && bytes_setb(&to->ext, name.s, name.len) && bytes_z(&to->ext);
}

static enum users_said in_the_domain(struct field name)
{
  static struct whose whose = WHOSE_ZERO;
  enum served_result r = served_open(&served);
  if (r != SERVED_DONE) return said_of(r);
  if (!set_user(&whose.user, name)) return SAID_TROUBLE;
  switch (whose_look_into(&whose, served.directory)) {
    case WHOSE_ACCOUNT: return through_file(name, whose.file.s);
    case WHOSE_NOBODY: return SAID_NOBODY;
    case WHOSE_UNKNOWN_NOW: return SAID_TROUBLE;
    default: return SAID_UNSEEN;
  }
}

static enum users_said of_domain(struct users_answer *a, struct field name)
{
  if (!served_is_ours(&served)) return served_elsewhere(&served, a) ? SAID_ELSEWHERE : SAID_UNSEEN;
  enum users_said said = in_the_domain(name);
  served_close(&served);
  return said;
}

static enum users_said who_is(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  static stralloc name = STRALLOC_ZERO;
  if (!bytes_setb(&name, q->name.s, q->name.len) || !bytes_z(&name)) return SAID_TROUBLE;
  case_lowerb(name.s, name.len);
  size_t at = address_at(name.s, name.len), behind = at < name.len ? at + 1 : at;
  enum served_result r = served_find(&served, (struct field){ name.s + behind, name.len - behind });
  if (r == SERVED_NONE) return who->may_all ? SAID_UNSEEN : SAID_NOT_YOURS;
  if (r != SERVED_DONE) return said_of(r);
  if (!asker_may(who, &served)) return SAID_NOT_YOURS;
  name.s[at] = 0;
  return of_domain(a, (struct field){ name.s, at });
}

/* A domain that is not there is no business of ours, and who may not know is not told that. */
void answer_who(struct users_answer *a, struct users_question const *q, struct asker const *who)
{
  a->said = who_is(a, q, who);
}
