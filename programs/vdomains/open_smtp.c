#include <string.h>

#include <skalibs/types.h>

#include "bytes.h"
#include "open_smtp.h"

static char const allow[] = ":allow,", rest[] = "RELAYCLIENT=\"\",RBLSMTPD=\"\"\t", mapped[] = "::ffff:";

/* ---- addresses ---- */

static bool is_of_ip(char c)
{
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '.' || c == ':';
}

static bool is_ip(struct field f)
{
  size_t i = 0;
  while (i < f.len && is_of_ip(f.s[i])) i++;
  return i && i == f.len && i <= OPEN_SMTP_IP_MAX && (memchr(f.s, '.', i) || memchr(f.s, ':', i));
}

struct field open_smtp_ip(struct field client)
{
  size_t len = strlen(mapped);
  if (client.len > len && !memcmp(client.s, mapped, len) && memchr(client.s, '.', client.len)) {
    client.s += len;
    client.len -= len;
  }
  if (!is_ip(client)) client.len = 0;
  return client;
}

/* ---- lines ---- */

/* The digits behind the last TAB, up to the end of the line. */
static bool read_time(uint64_t *time, struct field line)
{
  char const *tab = memrchr(line.s, '\t', line.len), *end = line.s + line.len;
  if (!tab || end - tab < 2 || end - tab > 12) return false;
  *time = 0;
  for (char const *s = tab + 1; s < end; s++) {
    if (*s < '0' || *s > '9') return false;
    *time = 10 * *time + (uint64_t)(*s - '0');
  }
  return true;
}

static void read_entry(struct open_smtp *entry, struct field line)
{
  char const *colon = memmem(line.s, line.len, allow, strlen(allow));
  if (!colon) return;
  struct field ip = { line.s, (size_t)(colon - line.s) };
  if (is_ip(ip) && read_time(&entry->time, line)) entry->ip = ip;
}

bool open_smtp_next(struct open_smtp *entry, struct field *text)
{
  if (!text->len) return false;
  char const *newline = memchr(text->s, '\n', text->len);
  size_t len = newline ? (size_t)(newline - text->s) : text->len, all = len + (newline != 0);
  *entry = (struct open_smtp){ .line = { text->s, all } };
  read_entry(entry, (struct field){ text->s, len });
  text->s += all;
  text->len -= all;
  return true;
}

/* ---- the file ---- */

uint64_t open_smtp_find(struct field text, struct field ip)
{
  struct open_smtp entry;
  uint64_t latest = 0;
  while (ip.len && open_smtp_next(&entry, &text))
    if (field_same(entry.ip, ip) && entry.time > latest) latest = entry.time;
  return latest;
}

static bool add_line(stralloc *to, struct field line)
{
  return bytes_addb(to, line.s, line.len) && (line.s[line.len - 1] == '\n' || bytes_add(to, "\n"));
}

static bool add_entry(stralloc *to, struct field ip, uint64_t now)
{
  char digits[UINT64_FMT];
  return bytes_addb(to, ip.s, ip.len) && bytes_add(to, allow) && bytes_add(to, rest)
    && bytes_addb(to, digits, uint64_fmt(digits, now)) && bytes_add(to, "\n");
}

bool open_smtp_write(stralloc *to, struct field text, struct field ip, uint64_t now, uint64_t oldest)
{
  struct open_smtp entry;
  while (open_smtp_next(&entry, &text)) {
    bool goes = entry.ip.len && (entry.time < oldest || field_same(entry.ip, ip));
    if (!goes && !add_line(to, entry.line)) return false;
  }
  return !ip.len || add_entry(to, ip, now);
}
