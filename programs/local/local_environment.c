#include <stdlib.h>
#include <string.h>

#include <skalibs/bytestr.h>

#include "home.h"
#include "local_environment.h"
#include "text.h"

/* A shell with the hole of CVE-2014-6271 takes such a value for a function and runs what stands behind it. No
   honest address looks like that, but refusing it would let a stranger hold up his own mail only; so it is
   emptied, and the delivery goes on. */
static size_t harmless(char const *value, size_t len)
{
  return len >= 4 && !memcmp(value, "() {", 4) ? 0 : len;
}

static void add_bytes(stralloc *to, char const *name, char const *value, size_t len)
{
  text_add(to, name);
  text_add(to, "=");
  text_addb(to, value, harmless(value, len));
  text_addb(to, "", 1);
}

static void add(stralloc *to, char const *name, char const *value)
{
  add_bytes(to, name, value, strlen(value));
}

static void keep(stralloc *to, char const *name, char const *otherwise)
{
  char const *value = getenv(name);
  if (!value) value = otherwise;
  if (value) add(to, name, value);
}

static void add_address(stralloc *to, struct local_mail const *m)
{
  stralloc recipient = STRALLOC_ZERO;
  text_add(&recipient, m->local);
  text_add(&recipient, "@");
  text_add(&recipient, m->host);
  add_bytes(to, "RECIPIENT", recipient.s, recipient.len);
  stralloc_free(&recipient);
}

static void add_shortened(stralloc *to, struct local_mail const *m)
{
  static char const *const hosts[] = { "HOST2", "HOST3", "HOST4" };
  static char const *const exts[] = { "EXT2", "EXT3", "EXT4" };
  for (int i = 0; i < 3; i++) {
    add_bytes(to, hosts[i], m->host, local_mail_host_without(m->host, i + 1));
    add(to, exts[i], local_mail_ext_behind(m->ext, i + 1));
  }
}

void local_environment(stralloc *to, struct local_mail const *m)
{
  keep(to, "PATH", HOME "/bin:/usr/local/bin:/usr/bin:/bin");
  keep(to, "TZ", 0);
  keep(to, "QMAILQUEUE", 0);
  add(to, "PWD", m->home);
  add(to, "HOME", m->home);
  add(to, "USER", m->user);
  add(to, "SENDER", m->sender);
  add(to, "NEWSENDER", m->new_sender.s);
  add(to, "LOCAL", m->local);
  add(to, "HOST", m->host);
  add(to, "EXT", m->ext);
  add_address(to, m);
  add_shortened(to, m);
  if (m->default_part) add(to, "DEFAULT", m->default_part);
  add(to, "DTLINE", m->delivered_to.s);
  add(to, "RPLINE", m->return_path.s);
  add(to, "UFLINE", m->from_line.s);
}
