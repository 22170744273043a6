#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "control_judge.h"
#include "copy_rule.h"
#include "destination_line.h"
#include "dns_list.h"
#include "fields.h"
#include "dotqmail.h"
#include "host_name.h"
#include "idn.h"
#include "instructions.h"
#include "ipme.h"
#include "limit_line.h"
#include "memory.h"
#include "network.h"
#include "sending_identity.h"
#include "slips.h"
#include "store_names.h"
#include "turn_places.h"
#include "utf8.h"

enum { ADDRESS_MAX = 45 };

static bool address_ok(char const *s, size_t len)
{
  char text[ADDRESS_MAX + 1];
  unsigned char ip[sizeof(struct in6_addr)];
  if (!len || len > ADDRESS_MAX) return false;
  memcpy(text, s, len);
  text[len] = 0;
  return inet_pton(AF_INET, text, ip) == 1 || inet_pton(AF_INET6, text, ip) == 1;
}

static bool bracketed_address(char const *s, size_t len)
{
  if (len < 3 || s[0] != '[' || s[len - 1] != ']') return false;
  s++, len -= 2;
  if (len > 5 && memcmp(s, "IPv6:", 5) == 0) s += 5, len -= 5;
  return address_ok(s, len);
}

static bool name_ok(char const *s, size_t len)
{
  return host_name_ok(s, len) || bracketed_address(s, len);
}

/* Addresses are compared with what DNS calls a domain. */
static char const *judge_wide(char const *s, size_t len)
{
  static char why[64 + IDN_NAME_MAX];
  stralloc ascii = STRALLOC_ZERO;
  if (utf8_is_ascii(s, len)) return 0;
  bool known = idn_to_ascii(&ascii, s, len) == IDN_OK;
  if (known) snprintf(why, sizeof why, "it matches nothing: write it as DNS has it, %.*s", (int)ascii.len, ascii.s);
  stralloc_free(&ascii);
  return known ? why : "no domain can have that name";
}

static bool has(char const *s, size_t len, char c)
{
  return memchr(s, c, len) != 0;
}

char const *judge_full_name(char const *line, size_t len)
{
  char const *wide = judge_wide(line, len);
  if (wide) return wide;
  return host_name_is_full(line, len) ? 0 : "not a full host name, such as mail.example.org";
}

char const *judge_helo(char const *line, size_t len)
{
  if (bracketed_address(line, len)) return 0;
  if (!has(line, len, '.')) return "without a dot: many hosts refuse such a greeting; write the full name of this host";
  return judge_host(line, len);
}

char const *judge_host(char const *line, size_t len)
{
  char const *wide = judge_wide(line, len);
  if (wide) return wide;
  return name_ok(line, len) ? 0 : "not a host name";
}

char const *judge_domain(char const *line, size_t len)
{
  if (line[0] == '.' || has(line, len, '*'))
    return "whole names only: no dot in front and no star match anything here";
  if (has(line, len, '@')) return "domains only: an address matches nothing here";
  if (has(line, len, ' ') || has(line, len, '\t')) return "a blank belongs to the name, so that it matches nothing";
  char const *wide = judge_wide(line, len);
  if (wide) return wide;
  return name_ok(line, len) ? 0 : "not a domain name";
}

char const *judge_pattern(char const *line, size_t len)
{
  return line[0] == '.' && len > 1 ? judge_domain(line + 1, len - 1) : judge_domain(line, len);
}

char const *judge_generic(char const *line, size_t len)
{
  char const *colon = memchr(line, ':', len), *name_at = colon ? memrchr(line, '@', (size_t)(colon - line)) : 0;
  if (!colon || colon == line) return "not user:address, user@host:address or @host:@otherhost";
  if (has(line, len, ' ') || has(line, len, '\t')) return "a blank belongs to the address";
  size_t value = (size_t)(line + len - colon) - 1;
  char const *at = memrchr(colon + 1, '@', value);
  if (!at) return "what follows the colon is no address: write user@host, or @host for another host alone";
  if (at + 1 == line + len) return "nothing behind the @";
  return name_at ? judge_wide(name_at + 1, (size_t)(colon - name_at) - 1) : 0;
}

/* A path that the shell would make another of is not looked at, nor one that only others can see. */
char const *judge_filter(char const *line, size_t len)
{
  char path[PATH_MAX];
  struct stat st;
  size_t word = 0;
  while (word < len && line[word] != ' ' && line[word] != '\t') word++;
  if (word >= sizeof path || !memchr(line, '/', word)) return 0;
  memcpy(path, line, word);
  path[word] = 0;
  if (strpbrk(path, "\"'$`\\;|&<>(){}*?[~=")) return 0;
  if (stat(path, &st) == -1) return errno == ENOENT ? "there is no such program, so that no message is taken" : 0;
  return S_ISREG(st.st_mode) && st.st_mode & 0111 ? 0 : "this is no program that can be run, so that no message is taken: chmod +x";
}

char const *judge_sender(char const *line, size_t len)
{
  char const *at = memrchr(line, '@', len);
  if (!at) return "without @ it matches no sender: write user@host or @host";
  if (has(line, len, ' ') || has(line, len, '\t'))
    return "a blank belongs to the address, so that it matches nothing";
  size_t domain = (size_t)(line + len - at) - 1;
  return domain ? judge_wide(at + 1, domain) : "nothing behind the @";
}

static bool is_pattern(char const *line, size_t len)
{
  return has(line, len, '*') || has(line, len, '?');
}

static bool looks_like_expression(char const *line, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (strchr("\\^$|", line[i]) || (i && line[i] == '*' && line[i - 1] == '.')) return true;
  return false;
}

/* What is wrong with a line of such a list, if it is a pattern or of a whole domain; else what `other` says. */
static char const *judge_list(char const *line, size_t len, judge *other)
{
  if (len && line[0] == '!') line++, len--;
  if (!len) return "nothing behind the !";
  if (has(line, len, ' ') || has(line, len, '\t')) return "a blank belongs to the line, so that it matches nothing";
  if (looks_like_expression(line, len)) return "no regular expressions here: * is any number of characters, ? is one, ! in front spares";
  if (is_pattern(line, len)) return 0;
  return line[0] == '.' ? judge_pattern(line, len) : other(line, len);
}

char const *judge_unwanted(char const *line, size_t len)
{
  return judge_list(line, len, judge_sender);
}

char const *judge_unwanted_host(char const *line, size_t len)
{
  return judge_list(line, len, judge_host);
}

char const *judge_dns_list(char const *line, size_t len)
{
  struct dns_list list;
  return dns_list_read(&list, line, len);
}

char const *judge_moved(char const *line, size_t len)
{
  char const *colon = memchr(line, ':', len);
  char const *at = colon ? memrchr(line, '@', (size_t)(colon - line)) : 0;
  if (!at) return "not user@host:newuser@newhost";
  char const *wide = judge_wide(at + 1, (size_t)(colon - at) - 1);
  if (wide) return wide;
  return colon + 1 == line + len ? "nothing behind the colon" : 0;
}

char const *judge_recipient(char const *line, size_t len)
{
  if (!memchr(line, '@', len)) return "without @ it matches nobody: write user@host or @host";
  return judge_sender(line, len);
}

char const *judge_local_part(char const *line, size_t len)
{
  if (!len) return "empty: mail goes to nobody";
  return has(line, len, '@') ? "the part before the @ only: the host has a file of its own" : 0;
}

char const *judge_mailbox(char const *line, size_t len)
{
  return len ? judge_local_part(line, len) : 0;
}

/* Others would cut every address, or none. */
/* The words are ended by null. */
static bool is_one_of(char const *const *words, char const *line, size_t len)
{
  while (*words && (len != strlen(*words) || memcmp(line, *words, len) != 0)) words++;
  return *words;
}

char const *judge_long_lines(char const *line, size_t len)
{
  static char const *const words[] = { "fold", "return", "send", 0 };
  return is_one_of(words, line, len) ? 0 : "fold, return or send; anything else is fold";
}

char const *judge_eight_bit(char const *line, size_t len)
{
  static char const *const words[] = { "convert", "return", "send", 0 };
  return is_one_of(words, line, len) ? 0 : "convert, return or send; anything else is convert";
}

char const *judge_breaks(char const *line, size_t len)
{
  for (size_t i = 0; i < len; i++)
    if (!memchr("!#$%&*+-.=^_~", line[i], 13)) return "only signs that can be in an address: ! # $ % & * + - . = ^ _ ~";
  return 0;
}

char const *judge_patrn(char const *line, size_t len)
{
  if (!dotqmail_patrn_ok(line, len)) return "no octal number of three digits, such as 002 or 022: 002 counts";
  return dotqmail_patrn(line, len) & ~(mode_t)022 ? "only 020 and 002, the rights of others to write, say something here" : 0;
}

/* What is behind the colon is the begin of an address on this host: joe, or joe-shop. */
static char const *judge_prefix(char const *s, size_t len)
{
  if (has(s, len, ' ') || has(s, len, '\t')) return "a blank belongs to the user, and there are no comments here";
  if (has(s, len, '@')) return "behind the colon stands a user of this host; his .qmail file forwards";
  if (len && memchr("./~|&", s[0], 5)) return "behind the colon stands a user of this host; his .qmail file delivers";
  return 0;
}

char const *judge_virtual(char const *line, size_t len)
{
  char const *colon = memchr(line, ':', len);
  if (!colon) return "no colon: the line is ignored";
  size_t key = (size_t)(colon - line);
  char const *at = memrchr(line, '@', key);
  if (at && at + 1 == colon) return "no domain behind the @";
  char const *why = at ? judge_wide(at + 1, (size_t)(colon - at) - 1) : key ? judge_pattern(line, key) : 0;
  return why ? why : judge_prefix(colon + 1, len - key - 1);
}

static bool port_ok(char const *s, size_t len)
{
  unsigned long port = 0;
  if (!len || len > 5) return false;
  for (size_t i = 0; i < len; i++) {
    if (s[i] < '0' || s[i] > '9') return false;
    port = port * 10 + (unsigned long)(s[i] - '0');
  }
  return port > 0 && port < 65536;
}

/* relay, relay:port, [address], [address]:port */
static char const *judge_relay(char const *s, size_t len)
{
  char const *end = s[0] == '[' ? memchr(s, ']', len) : 0;
  size_t skip = end ? (size_t)(end - s) : 0;
  char const *colon = memchr(s + skip, ':', len - skip);
  size_t host = colon ? (size_t)(colon - s) : len, port = len - host - 1;
  if (len > 1 && (memchr(s + 1, ' ', len - 1) || memchr(s + 1, '|', len - 1))) return "a name and a password stand in smtpauth, not here";
  if (colon && port > 4 && !memcmp(s + len - 4, ":tls", 4)) port -= 4;
  if (colon && !port_ok(colon + 1, port))
    return "what follows the relay's colon is no port (an IPv6 address needs brackets)";
  return name_ok(s, host) ? 0 : "the relay is neither a host name nor an address";
}

char const *judge_route(char const *line, size_t len)
{
  char const *colon = memchr(line, ':', len);
  if (!colon) return "no colon: the line is ignored";
  size_t key = (size_t)(colon - line);
  char const *why = key ? judge_pattern(line, key) : 0;
  if (why || key + 1 == len) return why;
  return judge_relay(colon + 1, len - key - 1);
}

char const *judge_primary(char const *line, size_t len)
{
  if (len && *line == ':') return "no domain in front of the colon: this is for no mail";
  if (len > 4 && !memcmp(line + len - 4, ":tls", 4)) return "it is not asked in TLS: without :tls";
  return judge_route(line, len);
}

static bool blank(char c)
{
  return c == ' ' || c == '\t';
}

static bool is_word(char const *s, size_t len, char const *word)
{
  return len == strlen(word) && strncasecmp(s, word, len) == 0;
}

static char const *judge_names(char const *s, size_t len)
{
  size_t count = 0;
  for (size_t i = 0, end; i < len; i = end) {
    while (i < len && blank(s[i])) i++;
    for (end = i; end < len && !blank(s[end]);) end++;
    if (end > i && ++count > 8) return "more than eight names";
    if (end > i && !name_ok(s + i + (s[i] == '.'), end - i - (s[i] == '.'))) return "behind verify stand names of hosts";
  }
  return 0;
}

static char const *judge_level(char const *s, size_t len)
{
  size_t word = 0;
  while (word < len && !blank(s[word])) word++;
  if (is_word(s, word, "verify")) return judge_names(s + word, len - word);
  if (!is_word(s, word, "none") && !is_word(s, word, "may") && !is_word(s, word, "published") && !is_word(s, word, "encrypt")
      && !is_word(s, word, "dane"))
    return "what follows the colon is none of none, may, published, encrypt, verify, dane: mail waits";
  return word < len ? "only behind verify stand names: mail waits" : 0;
}

char const *judge_tls(char const *line, size_t len)
{
  char const *colon = memchr(line, ':', len);
  if (!colon) return "no colon: the line is ignored";
  size_t key = (size_t)(colon - line);
  char const *why = key ? judge_pattern(line, key) : 0;
  return why ? why : judge_level(colon + 1, len - key - 1);
}

/* What is wrong is told without a word of the line. */
char const *judge_login(char const *line, size_t len)
{
  struct field parts[4];
  size_t count = fields_split(parts, 4, line, len);
  if (count < 4 || !parts[0].len || !parts[1].len || !parts[3].len) return "not relay:user:password:text, nor relay:user:token:/file";
  bool token = is_word(parts[2].s, parts[2].len, "token");
  if (!token && !is_word(parts[2].s, parts[2].len, "password")) return "behind the user stands neither password nor token";
  if (token && parts[3].s[0] != '/') return "the file of the token has no path from the root";
  char const *wide = judge_wide(parts[0].s, parts[0].len);
  if (wide) return wide;
  return name_ok(parts[0].s, parts[0].len) ? 0 : "the relay is neither a host name nor an address";
}

char const *judge_count(char const *line, size_t len)
{
  char const *colon = memchr(line, ':', len);
  if (!colon) return "no colon: the line is ignored";
  size_t key = (size_t)(colon - line), digits = len - key - 1;
  bool number = (digits == 1 || digits == 2) && strspn(colon + 1, "0123456789") >= digits && colon[1] != '0';
  if (!number && !(digits == 3 && !memcmp(colon + 1, "100", 3))) return "what follows the colon is no number from 1 to 100";
  return key ? judge_pattern(line, key) : 0;
}

char const *judge_copies(char const *line, size_t len)
{
  struct copy_rule r = copy_rule_read(line, len);
  if (r.direction == COPY_ALL && has(line, len, ':')) return "a colon belongs to the address: write from:WHOM:recipient or to:WHOM:recipient";
  if (!r.address.len) return "no recipient behind the second colon";
  if (r.direction == COPY_TO && is_word(r.whom.s, r.whom.len, "<>")) return "no recipient is empty: <> is for senders";
  bool named = r.whom.len && !has(r.whom.s, r.whom.len, '@') && !is_word(r.whom.s, r.whom.len, "<>");
  return named ? judge_pattern(r.whom.s, r.whom.len) : 0;
}

/* Of a line about a destination: why its key is none, or null with the value. */
static char const *destination_value(char const *line, size_t len, struct field *value)
{
  char const *colon = memchr(line, ':', len);
  if (!colon) return "no colon: the line is ignored";
  size_t key = (size_t)(colon - line);
  *value = (struct field){ colon + 1, len - key - 1 };
  return key ? judge_pattern(line, key) : 0;
}

char const *judge_connections(char const *line, size_t len)
{
  struct field value;
  unsigned number;
  char const *why = destination_value(line, len, &value);
  if (why) return why;
  return destination_number_read(&number, value.s, value.len) ? 0 : "what follows the colon is no number from 0 to 1000000: the line is ignored";
}

char const *judge_rate(char const *line, size_t len)
{
  struct field value;
  struct destination_rate rate;
  char const *why = destination_value(line, len, &value);
  if (why) return why;
  return destination_rate_read(&rate, value.s, value.len) ? 0 : "what follows the colon is neither a number nor number/seconds: the line is ignored";
}

char const *judge_schedule(char const *line, size_t len)
{
  struct field value;
  struct destination_schedule s = { 1, 1, DESTINATION_LIFETIME_MAX };
  char const *why = destination_value(line, len, &value);
  if (why) return why;
  if (!destination_schedule_read(&s, value.s, value.len))
    return "what follows the colon is not lifetime:first:longest, in seconds: the line is ignored";
  return s.first > s.longest ? "the time to the second attempt is longer than the longest" : 0;
}

static char const *judge_own(ip46 const *ip)
{
  return ipme_is(ip) ? 0 : "no interface of this machine has the address, so that mail waits";
}

/* Nobody is blamed when it cannot be told. */
char const *judge_sources(char const *line, size_t len)
{
  struct sending_identity identity;
  char const *why = 0;
  if (!sending_sources_read(&identity, line, len)) return "not an IP address, nor one of each kind";
  bool known = ipme_init();
  for (int i = 0; i < SENDING_FAMILIES && known && !why; i++)
    if (identity.is_bound[i]) why = judge_own(identity.source + i);
  return why;
}

/* In front of the colon stands what speaks for senders. */
static char const *judge_sender_line(char const *line, size_t len, judge *of_value)
{
  char const *colon = memchr(line, ':', len);
  if (!colon) return "no colon: the line is ignored";
  size_t key = (size_t)(colon - line), rest = len - key - 1;
  char const *why = key && !is_word(line, key, "<>") ? judge_pattern(line, key) : 0;
  return why || !rest ? why : of_value(colon + 1, rest);
}

char const *judge_sender_sources(char const *line, size_t len)
{
  return judge_sender_line(line, len, judge_sources);
}

char const *judge_sender_helo(char const *line, size_t len)
{
  return judge_sender_line(line, len, judge_helo);
}

char const *judge_backend(char const *line, size_t len)
{
  char const *colon = memchr(line, ':', len);
  size_t const key = colon ? (size_t)(colon - line) + 1 : 0;
  if (store_kind_of(line + key, len - key) == STORE_KINDS) return "no store of users has that name";
  if (key > 1 && memchr(line, '@', key)) return "a domain stands in front of the colon";
  return key > 1 ? judge_wide(line, key - 1) : 0;
}

char const *judge_address(char const *line, size_t len)
{
  return address_ok(line, len) ? 0 : "not an IP address";
}

char const *judge_limit(char const *line, size_t len)
{
  struct limit_line l;
  return limit_line_read(&l, line, len);
}

#define TOO_MANY_PLACES "more than 100 directories, so that he has to name domains when he calls: better several logins"

static bool has_too_many_places(struct field words)
{
  stralloc hosts = STRALLOC_ZERO;
  while (turn_places(&hosts, words, (struct field){ "", 0 }) == -1) memory_gone();
  bool const has = turn_places_count(&hosts) > TURN_PLACES_MAX;
  stralloc_free(&hosts);
  return has;
}

char const *judge_atrn(char const *line, size_t len)
{
  struct turn_place p;
  char const *colon = memchr(line, ':', len);
  if (!colon || colon == line) return "not login:domain, or login:domain:host";
  struct field words = { colon + 1, (size_t)(line + len - colon) - 1 };
  int r = turn_place_next(&words, &p);
  if (r == 0) return "nothing behind the colon, so that nobody may call for anything";
  while (r == 1) r = turn_place_next(&words, &p);
  if (r == -1) return "not domain or domain:host, where host is a directory in serialmail: nobody can call for it";
  return has_too_many_places((struct field){ colon + 1, (size_t)(line + len - colon) - 1 }) ? TOO_MANY_PLACES : 0;
}

char const *judge_network(char const *line, size_t len)
{
  struct network n;
  return network_read(&n, line, len) ? 0 : "not an IP address, or a network such as 192.0.2.0/24";
}

static bool ends_with(char const *line, size_t len, char const *end)
{
  size_t n = strlen(end);
  return len >= n && memcmp(line + len - n, end, n) == 0;
}

static char const *slip_of_line(char const *line, size_t len)
{
  struct instruction in;
  size_t at = 0;
  return instruction_next(&in, line, len, &at) ? slip_of(&in) : 0;
}

char const *judge_delivery(char const *line, size_t len)
{
  if (ends_with(line, len, "/Maildir")) return "without a slash at the end this is one file (mbox), not a Maildir";
  return slip_of_line(line, len);
}
