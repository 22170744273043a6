#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "named_in.h"

static char const *const names[] = { "To", "Cc", "Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc" };

static bool is_recipients(struct field name)
{
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (name.len == strlen(names[i]) && strncasecmp(name.s, names[i], name.len) == 0) return true;
  return false;
}

/* What may stand in an address beside it, so that it would be another one. */
static bool is_part(char c)
{
  return isalnum((unsigned char)c) || (c && strchr("!#$%&'*+-/=?^_`{|}~.@", c)) || (unsigned char)c > 127;
}

static bool holds(struct field value, struct field address)
{
  for (size_t i = 0; address.len && i + address.len <= value.len; i++) {
    if (strncasecmp(value.s + i, address.s, address.len) != 0) continue;
    bool apart = (!i || !is_part(value.s[i - 1])) && (i + address.len == value.len || !is_part(value.s[i + address.len]));
    if (apart) return true;
  }
  return false;
}

bool named_in(struct mail_header const *header, struct field address)
{
  for (size_t i = 0; i < mail_header_count(header); i++) {
    struct mail_header_field const *f = mail_header_field(header, i);
    if (is_recipients(mail_header_name(header, f)) && holds(mail_header_value(header, f), address)) return true;
  }
  return false;
}
