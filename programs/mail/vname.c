#include <string.h>

#include <skalibs/bytestr.h>
#include <skalibs/ip46.h>

#include "bytes.h"
#include "dotqmail.h"
#include "fields.h"
#include "literal.h"
#include "vname.h"

static char const of_user[] = "!#$&'*+-./0123456789=?ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~";
static char const of_domain[] = "-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

static bool is_one_of(char c, char const *set)
{
  return c && strchr(set, c);
}

static bool all_of(char const *s, size_t len, char const *set)
{
  for (size_t i = 0; i < len; i++)
    if (!is_one_of(s[i], set)) return false;
  return true;
}

static int set_lower(stralloc *to, char const *s, size_t len)
{
  if (!bytes_setb(to, s, len)) return 0;
  case_lowerb(to->s, to->len);
  return 1;
}

/* ---- addresses ---- */

static size_t first_separator(char const *s, size_t len)
{
  size_t at = len;
  for (char const *separator = "@%/"; *separator && at == len; separator++) at = byte_chr(s, len, *separator);
  return at;
}

int vname_split(stralloc *user, stralloc *domain, char const *s, size_t len)
{
  size_t at = first_separator(s, len), behind = at < len ? at + 1 : len;
  return set_lower(user, s, at) && set_lower(domain, s + behind, len - behind);
}

/* ---- users ---- */

enum vcode vname_user(char const *s, size_t len)
{
  if (!len) return VCODE_ILLEGAL_USERNAME;
  if (len > VNAME_USER_MAX) return VCODE_USER_TOO_LONG;
  return all_of(s, len, of_user) ? VCODE_OK : VCODE_INVALID_CHARACTER;
}

static bool is_or_begins(char const *s, size_t len, char const *name)
{
  size_t n = strlen(name);
  return len >= n && nameset_same(s, name, n) && (len == n || s[n] == '.');
}

/* Names that files of a domain's directory have, vpasswd.PID and cdb.tmp among them. */
static bool is_file_of_domain(char const *s, size_t len)
{
  return is_or_begins(s, len, "vpasswd") || is_or_begins(s, len, "cdb.tmp");
}

/* A home stands among the files of its domain, most of which begin with a dot; a slash would lead elsewhere. What begins
   with a hyphen looks like an option to who is handed it: qmail-smtpd takes no mail for it, so nobody is made. */
enum vcode vname_new_user(char const *s, size_t len, bool hashing)
{
  enum vcode code = vname_user(s, len);
  if (code) return code;
  if (hashing && len == 1) return VCODE_ILLEGAL_USERNAME;
  bool wrong = s[0] == '.' || s[0] == '-' || byte_chr(s, len, '/') < len || is_file_of_domain(s, len);
  return wrong ? VCODE_ILLEGAL_USERNAME : VCODE_OK;
}

enum vcode vname_dotqmail(stralloc *file, char const *s, size_t len)
{
  enum vcode code = vname_user(s, len);
  if (code) return code;
  if (byte_chr(s, len, '/') < len) return VCODE_INVALID_CHARACTER;
  return dotqmail_name(file, "-", s, len, "") ? VCODE_OK : VCODE_NO_MEMORY;
}

/* ---- domains ---- */

enum vcode vname_domain(char const *s, size_t len)
{
  if (len > VNAME_DOMAIN_MAX) return VCODE_DOMAIN_TOO_LONG;
  return len && all_of(s, len, of_domain) ? VCODE_OK : VCODE_INVALID_DOMAIN;
}

/* All labels have bytes, and not too many; *last becomes the length of the last one. */
static bool labels_fit(char const *s, size_t len, size_t *last)
{
  for (size_t i = 0; i <= len; i += *last + 1) {
    *last = byte_chr(s + i, len - i, '.');
    if (*last < 1 || *last > VNAME_LABEL_MAX) return false;
  }
  return true;
}

enum vcode vname_new_domain(char const *s, size_t len)
{
  enum vcode code = vname_domain(s, len);
  size_t last;
  if (code) return code;
  bool right = len >= VNAME_NEW_DOMAIN_MIN && byte_chr(s, len, '.') < len && s[0] != '-' && s[len - 1] != '-'
            && labels_fit(s, len, &last) && last >= VNAME_LAST_LABEL_MIN;
  return right ? VCODE_OK : VCODE_INVALID_DOMAIN;
}

/* ---- the default domain ---- */

/* However it is spelled: 192.0.2.1, ::ffff:192.0.2.1. */
static bool ip_of(ip46 *ip, char const *s, size_t len)
{
  static char const v4_in_v6[12] = { [10] = '\xff', [11] = '\xff' };
  if (!literal_number(ip, s, len)) return false;
  if (!ip46_is6(ip) || memcmp(ip->ip, v4_in_v6, sizeof v4_in_v6) != 0) return true;
  char v4[4];
  memcpy(v4, ip->ip + sizeof v4_in_v6, sizeof v4);
  return ip46_from_ip4(ip, v4);
}

static bool is_ip(struct field address, ip46 const *wanted)
{
  ip46 ip;
  return ip_of(&ip, address.s, address.len) && ip46_is6(&ip) == ip46_is6(wanted)
      && !memcmp(ip.ip, wanted->ip, ip46_is6(&ip) ? 16 : 4);
}

static struct field mapped(struct vname_defaults const *from)
{
  ip46 ip;
  if (from->local_ip && ip_of(&ip, from->local_ip, strlen(from->local_ip)))
    for (size_t at = 0, n; at < from->map_len; at += n + 1) {
      n = byte_chr(from->map + at, from->map_len - at, '\n');
      struct field line = { from->map + at, n };
      if (is_ip(field_word(&line), &ip)) return field_word(&line);
    }
  return (struct field){ "", 0 };
}

static struct field first_line(char const *s, size_t len)
{
  struct field line = { s, len ? byte_chr(s, len, '\n') : 0 };
  return field_word(&line);
}

/* A name that comes from the environment reaches no file as it is. */
static int set_sane(stralloc *to, char const *s)
{
  if (!set_lower(to, s, strlen(s))) return 0;
  for (size_t i = 0; i < to->len; i++)
    if (!is_one_of(to->s[i], of_domain)) to->s[i] = '_';
  return 1;
}

int vname_default_domain(stralloc *to, struct vname_defaults const *from)
{
  if (from->domain && *from->domain) return set_sane(to, from->domain);
  struct field domain = mapped(from);
  if (from->locals && nameset_has(from->locals, domain.s, domain.len)) domain.len = 0;
  if (!domain.len) domain = first_line(from->file, from->file_len);
  return set_lower(to, domain.s, domain.len);
}
