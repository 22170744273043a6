#include <string.h>

#include <skalibs/bytestr.h>

#include "bytes.h"
#include "ldap_record.h"
#include "parts.h"
#include "vflags.h"

enum { VALUE_MAX = 4096 };      /* bytes */

/* accountStatus, as qmail-ldap has it: who has no access gets his mail, whose account is disabled gets none. */
enum { NO_LOGIN = VFLAG_NO_POP | VFLAG_NO_IMAP | VFLAG_NO_WEBMAIL | VFLAG_NO_SMTP };

static struct { char const *status; uint32_t flags; } const statuses[] = {
  { "noaccess", NO_LOGIN }, { "nopop", VFLAG_NO_POP }, { "disabled", NO_LOGIN | VFLAG_BOUNCE_MAIL }, { "deleted", 0 }
};

static bool is_word(struct field f, char const *word)
{
  return f.len == strlen(word) && !case_diffb(f.s, f.len, word);
}

static uint32_t flags_of(struct field status)
{
  for (size_t i = 0; status.s && i < sizeof statuses / sizeof *statuses; i++)
    if (is_word(status, statuses[i].status)) return statuses[i].flags;
  return 0;
}

/* Each piece is remembered by where it begins: the space moves while it grows. */
struct piece { size_t at, len; };

static bool add_lower(stralloc *space, struct piece *p, struct field name)
{
  p->at = space->len;
  if (!bytes_addb(space, name.s, name.len)) return false;
  p->len = space->len - p->at;
  case_lowerb(space->s + p->at, p->len);
  return true;
}

/* Without a scheme it is the password itself (RFC 4519, 2.41). */
static bool add_hash(stralloc *space, struct piece *p, struct field hash)
{
  p->at = space->len;
  bool is_clear = hash.len && hash.s[0] != '{';
  if ((is_clear && !bytes_add(space, "{PLAIN}")) || !bytes_addb(space, hash.s, hash.len)) return false;
  p->len = space->len - p->at;
  return true;
}

/* People write what no line of vpasswd may hold. */
static bool add_comment(stralloc *space, struct piece *p, struct field comment)
{
  p->at = space->len;
  for (size_t i = 0; i < comment.len; i++) {
    unsigned char const c = (unsigned char)comment.s[i];
    if (!bytes_addc(space, c < ' ' || c == ':' || c == 127 ? ' ' : (char)c)) return false;
  }
  p->len = space->len - p->at;
  return true;
}

/* mailQuota is one of Maildir++; newer directories have a size and a count. */
static bool add_quota(stralloc *space, struct piece *p, struct field const values[LDAP_ATTRIBUTES])
{
  struct field const size = values[LDAP_SIZE], count = values[LDAP_COUNT];
  p->at = space->len;
  bool added = true;
  if (values[LDAP_QUOTA].s) added = bytes_addb(space, values[LDAP_QUOTA].s, values[LDAP_QUOTA].len);
  else if (!size.s && !count.s) added = bytes_add(space, "NOQUOTA");
  if (!values[LDAP_QUOTA].s && size.s) added = added && bytes_addb(space, size.s, size.len) && bytes_addc(space, 'S');
  if (!values[LDAP_QUOTA].s && count.s)
    added = added && (!size.s || bytes_addc(space, ',')) && bytes_addb(space, count.s, count.len) && bytes_addc(space, 'C');
  p->len = space->len - p->at;
  return added;
}

static struct field field_at(stralloc const *space, struct piece p)
{
  return (struct field){ p.len ? space->s + p.at : "", p.len };
}

static bool is_too_long(struct field const values[LDAP_ATTRIBUTES])
{
  for (size_t i = 0; i < LDAP_ATTRIBUTES; i++)
    if (values[i].len > VALUE_MAX) return true;
  return false;
}

/* A home that is no absolute path is none of ours: he has one below his domain. */
static struct field home_of(struct field home)
{
  return home.len && home.s[0] == '/' ? home : (struct field){ "", 0 };
}

enum ldap_record_result ldap_record_make(struct vpasswd *record, stralloc *space, struct field const values[LDAP_ATTRIBUTES])
{
  struct piece name, hash, comment, quota;
  uint32_t flags = 0;
  if (is_too_long(values)) return LDAP_RECORD_DAMAGED;
  if (values[LDAP_STATUS].s && is_word(values[LDAP_STATUS], "deleted")) return LDAP_RECORD_NONE;
  if (values[LDAP_FLAGS].len && !part_number_read(&flags, values[LDAP_FLAGS])) return LDAP_RECORD_DAMAGED;
  space->len = 0;
  bool made = add_lower(space, &name, values[LDAP_NAME]) && add_hash(space, &hash, values[LDAP_HASH])
    && add_comment(space, &comment, values[LDAP_COMMENT]) && add_quota(space, &quota, values);
  if (!made) return LDAP_RECORD_TROUBLE;
  *record = (struct vpasswd){
    .name = field_at(space, name), .hash = field_at(space, hash), .comment = field_at(space, comment), .quota = field_at(space, quota),
    .dir = home_of(values[LDAP_HOME]), .uid = 1, .flags = flags | flags_of(values[LDAP_STATUS])
  };
  return vpasswd_unfit(record) ? LDAP_RECORD_DAMAGED : LDAP_RECORD_USER;
}
