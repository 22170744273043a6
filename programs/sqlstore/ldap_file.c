#include <string.h>

#include "fields.h"
#include "ldap_file.h"

static struct { char const *word, *usually; } const words[LDAP_FILE_WORDS] = {
  [LDAP_FILE_URI] = { "uri", "ldapi:///" },
  [LDAP_FILE_STARTTLS] = { "starttls", "no" },
  [LDAP_FILE_BIND] = { "bind", 0 },
  [LDAP_FILE_PASSWORD] = { "password", 0 },
  [LDAP_FILE_BASE] = { "base", 0 },
  [LDAP_FILE_FILTER] = { "filter", "(uid=%u)" },
  [LDAP_FILE_NAME] = { "name", "uid" },
  [LDAP_FILE_HASH] = { "hash", "userPassword" },
  [LDAP_FILE_COMMENT] = { "comment", "cn" },
  [LDAP_FILE_HOME] = { "home", "homeDirectory" },
  [LDAP_FILE_QUOTA] = { "quota", "mailQuota" },
  [LDAP_FILE_SIZE] = { "size", "mailQuotaSize" },
  [LDAP_FILE_COUNT] = { "count", "mailQuotaCount" },
  [LDAP_FILE_FLAGS] = { "flags", 0 },
  [LDAP_FILE_STATUS] = { "status", "accountStatus" }
};

static bool is_blank(char c)
{
  return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts the next line out of the text, without blanks at its ends; comments and empty lines are none. */
static char *next_line(char **rest)
{
  while (*rest) {
    char *line = *rest, *end = strchr(line, '\n');
    *rest = end ? end + 1 : 0;
    if (!end) end = line + strlen(line);
    while (end > line && is_blank(end[-1])) end--;
    *end = 0;
    while (is_blank(*line)) line++;
    if (*line && *line != '#') return line;
  }
  return 0;
}

static size_t word_of(char const *line, size_t len)
{
  size_t i = 0;
  while (i < LDAP_FILE_WORDS && !field_is((struct field){ line, len }, words[i].word)) i++;
  return i;
}

static bool take_line(struct ldap_file *to, bool said[LDAP_FILE_WORDS], char const **fault, char *line)
{
  size_t const len = strcspn(line, " \t"), word = word_of(line, len);
  char *value = line + len;
  while (is_blank(*value)) value++;
  *fault = word == LDAP_FILE_WORDS ? "a line begins with a word that nobody knows"
    : said[word] ? "a word is there twice"
    : !*value ? "behind a word stands nothing" : 0;
  if (*fault) return false;
  to->values[word] = value;
  said[word] = true;
  return true;
}

/* A name without a password is nobody's, and yet let in (RFC 4513, 5.1.2). */
static char const *fault_of(struct ldap_file const *f)
{
  if (!f->values[LDAP_FILE_BASE]) return "there is no base";
  if (!f->values[LDAP_FILE_BIND] != !f->values[LDAP_FILE_PASSWORD]) return "bind and password go together";
  if (!strstr(f->values[LDAP_FILE_FILTER], "%u") && !strstr(f->values[LDAP_FILE_BASE], "%u")) return "neither filter nor base has %u";
  if (strcmp(f->values[LDAP_FILE_STARTTLS], "yes") != 0 && strcmp(f->values[LDAP_FILE_STARTTLS], "no") != 0) return "starttls is yes or no";
  return 0;
}

bool ldap_file_parse(struct ldap_file *to, char const **fault, char const *s, size_t len)
{
  bool said[LDAP_FILE_WORDS] = { false };
  if (len >= LDAP_FILE_MAX || (len && memchr(s, 0, len))) return *fault = "it is no text, or too long", false;
  for (size_t i = 0; i < LDAP_FILE_WORDS; i++) to->values[i] = words[i].usually;
  if (len) memcpy(to->space, s, len);
  to->space[len] = 0;
  char *rest = to->space, *line;
  while ((line = next_line(&rest)))
    if (!take_line(to, said, fault, line)) return false;
  *fault = fault_of(to);
  return !*fault;
}
