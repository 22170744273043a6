#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "identity.h"
#include "message_id.h"
#include "passwd.h"
#include "rewrite_rules.h"
#include "text.h"

static char const *const user_names[] = { "QMAILUSER", "MAILUSER", "USER", "LOGNAME", 0 };
static char const *const host_names[] = { "QMAILHOST", "MAILHOST", 0 };
static char const *const name_names[] = { "QMAILNAME", "MAILNAME", "NAME", 0 };

static char const *environment(char const *const *names)
{
  char const *value = 0;
  for (; *names && !value; names++) value = getenv(*names);
  return value;
}

void letters_read(struct letters *letters)
{
  char const *s = getenv("QMAILINJECT");
  if (!s) return;
  letters->comment_style = strchr(s, 'c');
  letters->own_sender = strchr(s, 's');
  letters->own_from = strchr(s, 'f');
  letters->own_id = strchr(s, 'i');
  letters->verp_recipient = strchr(s, 'r');
  letters->verp_message = strchr(s, 'm');
}

void identity_complete(stralloc *header, stralloc *envelope, struct rewrite_rules const *rules, char const *s,
                       size_t len)
{
  stralloc unused_header = STRALLOC_ZERO, unused_envelope = STRALLOC_ZERO, text = STRALLOC_ZERO;
  bool sound = rewrite_raw(header ? header : &unused_header, envelope ? envelope : &unused_envelope, rules, s, len);
  if (!sound) {
    text_addb(&text, s, len);
    strerr_dief(100, "unable to parse address: ", text_z(&text));
  }
  stralloc_free(&unused_header);
  stralloc_free(&unused_envelope);
}

/* Cron and daemons may give no names in the environment; the uid has one all the same. */
static char const *account(void)
{
  static stralloc name = STRALLOC_ZERO;
  struct passwd const *found;
  if (name.len) return name.s;
  enum passwd_result r = passwd_find_uid(&found, getuid());
  if (r == PASSWD_TROUBLE) strerr_diefusys(111, "look up who calls");
  text_set(&name, r == PASSWD_FOUND ? found->pw_name : "anonymous");
  return text_z(&name);
}

static char const *from_user(void)
{
  char const *user = environment(user_names);
  return user ? user : account();
}

/* Without a host in the environment the address is completed as any other is. */
static void from_host(stralloc *to)
{
  char const *host = environment(host_names);
  if (host) text_add(to, host);
}

static void verp_user(stralloc *to, struct letters const *letters, time_t now)
{
  if (letters->verp_message) {
    text_addc(to, '-');
    text_addu(to, (uint64_t)now);
    text_addc(to, '.');
    text_addu(to, (uint64_t)getpid());
  }
  if (letters->verp_recipient) text_addc(to, '-');
}

void identity_sender(stralloc *sender, struct rewrite_rules const *rules, struct letters const *letters, time_t now)
{
  stralloc raw = STRALLOC_ZERO;
  char const *user = getenv("QMAILSUSER"), *host = getenv("QMAILSHOST");
  text_set(&raw, user ? user : from_user());
  verp_user(&raw, letters, now);
  text_addc(&raw, '@');
  if (host) text_add(&raw, host);
  else from_host(&raw);
  identity_complete(0, sender, rules, raw.s, raw.len);
  if (letters->verp_recipient) text_add(sender, "-@[]");
  stralloc_free(&raw);
}

void identity_from(stralloc *to, struct rewrite_rules const *rules, struct letters const *letters)
{
  stralloc raw = STRALLOC_ZERO, address = STRALLOC_ZERO;
  char const *name = environment(name_names);
  text_set(&raw, from_user());
  text_addc(&raw, '@');
  from_host(&raw);
  identity_complete(&address, 0, rules, raw.s, raw.len);
  if (name && !letters->comment_style) {
    token_enclose(to, '"', name, strlen(name), '"');
    text_add(to, " <");
  }
  text_addb(to, address.s, address.len);
  if (name && letters->comment_style) {
    text_addc(to, ' ');
    token_enclose(to, '(', name, strlen(name), ')');
  } else if (name) {
    text_addc(to, '>');
  }
  stralloc_free(&raw);
  stralloc_free(&address);
}

void identity_message_id(stralloc *to, time_t now)
{
  stralloc host = STRALLOC_ZERO;
  rewrite_setting(&host, "QMAILIDHOST", "idhost");
  if (!message_id(to, host.s, host.len, now)) strerr_diefusys(111, "make a Message-ID");
  stralloc_free(&host);
}
