#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <skalibs/strerr.h>

#include "capture.h"
#include "fields.h"
#include "unwaited.h"

enum { LINE = 800 };            /* bytes of a line of the log, which grow fourfold if each is a number */

/* ---- passwords ---- */

static bool is_word(struct field f, char const *word)
{
  return f.len == strlen(word) && !strncasecmp(f.s, word, f.len);
}

static bool is_among(struct field f, char const *const *words)
{
  while (*words && !is_word(f, *words)) words++;
  return *words;
}

static size_t end_of(struct field word, char const *line)
{
  return (size_t)(word.s - line) + word.len;
}

/* Of AUTH also the mechanism is shown, if it is one; of APOP the name, in front of the proof. */
static size_t shown_of_login(char const *line, struct field verb, struct field rest)
{
  static char const *const mechanisms[] = {
    "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS", "NTLM", "XOAUTH2", "OAUTHBEARER", 0
  };
  struct field next = field_word(&rest);
  bool shows_next = is_word(verb, "APOP") || (is_word(verb, "AUTH") && is_among(next, mechanisms));
  return end_of(shows_next && next.len ? next : verb, line);
}

static bool begins_with(struct field f, char const *word)
{
  return f.len >= strlen(word) && !strncasecmp(f.s, word, strlen(word));
}

static bool is_command(struct field word, bool is_alone)
{
  static char const *const alone[] = {
    "QUIT", "RSET", "NOOP", "DATA", "STARTTLS", "STLS", "HELP", "CAPA", "UTF8", "STAT", "LIST", "UIDL", "LAST", "EHLO", "HELO", "*", "", 0
  };
  static char const *const others[] = {
    "EHLO", "HELO", "MAIL", "RCPT", "BDAT", "VRFY", "NOOP", "ETRN", "XCLIENT", "USER", "RETR", "TOP", "DELE", "LIST", "UIDL", 0
  };
  return is_among(word, is_alone ? alone : others);
}

size_t capture_shown(struct capture_state *s, char const *line, size_t len)
{
  struct field rest = { line, len }, verb = field_word(&rest);
  bool is_alone = !rest.len;
  if (s->in_exchange) return s->in_exchange = false, 0;
  if (is_word(verb, "AUTH") || is_word(verb, "PASS") || is_word(verb, "APOP")) {
    s->has_tried = true;
    return shown_of_login(line, verb, rest);
  }
  bool misspelt = begins_with(verb, "AUTH") || begins_with(verb, "PASS") || begins_with(verb, "APOP");
  if (misspelt) s->has_tried = true;
  if (misspelt) return (size_t)(verb.s - line) + strlen("AUTH");
  return !s->has_tried || is_command(verb, is_alone) ? len : 0;
}

void capture_answered(struct capture_state *s, char const *line, size_t len)
{
  s->in_exchange = (len >= 4 && !memcmp(line, "334 ", 4)) || (len >= 2 && !memcmp(line, "+ ", 2));
}

/* ---- lines of the log ---- */

static struct {
  struct net *net;
  struct capture_state state;
  unsigned long left;           /* bytes of the session, */
  size_t in_turn, left_out;     /* and of what one says alone */
  char side;                    /* who: < or > */
  bool goes_on;                 /* in the middle of a line */
  size_t len;
  char line[LINE];
} capture;

/* What cannot be read is \xNN, so that nothing in a line looks like the end of it. */
static void put(char const *s, size_t len, char const *mark)
{
  char text[UNWAITED_MAX];
  int at = snprintf(text, sizeof text, "%s: captured %ld %c ", PROG, (long)getpid(), capture.side);
  for (size_t i = 0; i < len; i++) {
    bool plain = s[i] >= ' ' && s[i] <= '~' && s[i] != '\\';
    at += snprintf(text + at, sizeof text - (size_t)at, plain ? "%c" : "\\x%02x", (unsigned char)s[i]);
  }
  at += snprintf(text + at, sizeof text - (size_t)at, "%s\n", mark);
  unwaited_write(2, text, (size_t)at);
}

static void put_number(char const *before, unsigned long n, char const *behind)
{
  char text[100];
  snprintf(text, sizeof text, "%s%lu%s", before, n, behind);
  put("", 0, text);
}

static void put_line(char const *mark)
{
  size_t len = capture.len;
  bool bare = len && !*mark && capture.line[len - 1] != '\r';
  if (len && !*mark && !bare) len--;
  if (capture.side == '>' && !capture.goes_on) capture_answered(&capture.state, capture.line, len);
  put(capture.line, len, bare ? " (no CR)" : mark);
  capture.goes_on = *mark;
  capture.len = 0;
}

static void end_turn(void)
{
  if (capture.len) put_line(" +");
  if (capture.left_out) put_number("(", capture.left_out, " bytes more)");
  capture.left_out = capture.in_turn = 0;
  capture.goes_on = false;
}

/* How many of those bytes are still wanted. */
static size_t admit(char side, size_t len)
{
  if (side != capture.side) end_turn();
  capture.side = side;
  size_t room = CAPTURE_TURN - capture.in_turn;
  if (room > capture.left) room = capture.left;
  if (len > room) capture.left_out += len - room;
  if (len > room) len = room;
  capture.in_turn += len;
  capture.left -= len;
  return len;
}

static void stop_if_enough(void)
{
  if (capture.left) return;
  end_turn();
  put("", 0, "(enough)");
  capture.net->overhears = 0;
}

static void take(char side, char const *s, size_t len)
{
  size_t const wanted = admit(side, len);
  for (size_t i = 0; i < wanted; i++) {
    if (s[i] == '\n') put_line("");
    else capture.line[capture.len++] = s[i];
    if (capture.len == LINE) put_line(" +");
  }
}

static void take_line(char const *s, size_t len)
{
  size_t shown = capture_shown(&capture.state, s, len);
  take('<', s, shown);
  if (capture.in_turn < CAPTURE_TURN) put(capture.line, capture.len, shown == len ? "" : shown ? " (...)" : "(...)");
  capture.len = 0;
}

static void overhear(enum net_part part, char const *s, size_t len)
{
  if (part == NET_HEARD_LINE) take_line(s, len);
  else take(part == NET_SAID ? '>' : '<', s, len);
  stop_if_enough();
}

void capture_end(void)
{
  if (capture.net && capture.net->overhears) end_turn();
}

void capture_begin(struct net *n, char const *ip)
{
  char const *wanted = getenv("CAPTURE");
  n->overhears = 0;
  if (!wanted) return;
  bool is_number = *wanted >= '0' && *wanted <= '9';
  capture.net = n;
  capture.left = is_number ? strtoul(wanted, 0, 10) : CAPTURE_BYTES;
  if (capture.left > CAPTURE_BYTES_MAX) capture.left = CAPTURE_BYTES_MAX;
  if (!capture.left) return;
  capture.side = '=';
  put("", 0, ip ? ip : "unknown");
  n->overhears = overhear;
}
