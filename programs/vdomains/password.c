#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include <skalibs/allreadwrite.h>
#include <skalibs/buffer.h>
#include <skalibs/strerr.h>

#include "command.h"
#include "new_hash.h"
#include "password.h"
#include "refuse.h"
#include "saying.h"
#include "text.h"

enum { CRYPTED_MAX = 1024 };    /* bytes of a hash that are read: more than any record takes */

/* ---- asking ---- */

static bool line_read(stralloc *to, int fd, size_t max)
{
  char c;
  ssize_t r;
  to->len = 0;
  while ((r = fd_read(fd, &c, 1)) == 1 && c != '\n')
    if (to->len <= max) text_addc(to, c);
  return r == 1 || to->len;
}

static void say(char const *text)
{
  buffer_puts(buffer_2, text);
  buffer_flush(buffer_2);
}

/* Who is interrupted leaves the terminal as it was. */
static struct termios before;

static void restore(int signal)
{
  tcsetattr(0, TCSAFLUSH, &before);
  raise(signal);
}

static void on_interruption(void (*does)(int))
{
  static int const signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  struct sigaction action = { .sa_handler = does, .sa_flags = (int)SA_RESETHAND };
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, 0);
}

static bool line_ask(stralloc *to, char const *prompt)
{
  if (tcgetattr(0, &before) == -1) return false;
  struct termios silent = before;
  silent.c_lflag &= ~(tcflag_t)ECHO;
  on_interruption(restore);
  say(prompt);
  tcsetattr(0, TCSAFLUSH, &silent);
  bool read = line_read(to, 0, PASSWORD_MAX);
  tcsetattr(0, TCSAFLUSH, &before);
  on_interruption(SIG_DFL);
  say("\n");
  return read;
}

static bool same(stralloc const *a, stralloc const *b)
{
  return a->len == b->len && (!a->len || memcmp(a->s, b->s, a->len) == 0);
}

static bool twice_ask(stralloc *to, char const *name)
{
  static stralloc again = STRALLOC_ZERO, prompt = STRALLOC_ZERO;
  text_set(&prompt, "Please enter password for ");
  text_add(&prompt, name);
  text_add(&prompt, ": ");
  bool asked;
  do asked = line_ask(to, text_z(&prompt)) && line_ask(&again, "enter password again: ");
  while (asked && !same(to, &again));
  return asked;
}

void password_ask(stralloc *to, char const *name)
{
  bool read = isatty(0) ? twice_ask(to, name) : line_read(to, 0, PASSWORD_MAX);
  if (!read || !to->len) refuse(VCODE_PASSWORD_EMPTY);
}

void password_ask_once(stralloc *to, char const *prompt)
{
  if (isatty(0)) line_ask(to, prompt);
  else line_read(to, 0, PASSWORD_MAX);
}

void password_ask_name(stralloc *to, char const *prompt, size_t max)
{
  if (isatty(0)) say(prompt);
  line_read(to, 0, max);
}

/* One byte more than fits: who stores it sees that it does not. */
char const *password_crypted(void)
{
  static stralloc line = STRALLOC_ZERO;
  if (!line_read(&line, 0, CRYPTED_MAX)) refuse(VCODE_PASSWORD_EMPTY);
  if (line.len && memchr(line.s, 0, line.len)) refuse(VCODE_BAD_CHARACTER);
  return text_z(&line);
}

/* ---- making ---- */

static char const alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.@!#%*";
enum { LETTERS = sizeof alphabet - 1, FAIR = 256 - 256 % LETTERS };

/* Numbers that would make some letters likelier than others are thrown away. */
static unsigned char letter_draw(void)
{
  unsigned char n;
  do
    if (getrandom(&n, 1, 0) != 1) strerr_diefusys(111, "get random bytes");
  while (n >= FAIR);
  return (unsigned char)alphabet[n % LETTERS];
}

void password_make(stralloc *to, size_t len)
{
  to->len = 0;
  while (to->len < len) text_addc(to, (char)letter_draw());
}

/* ---- a new one ---- */

static void tell(stralloc *password)
{
  saying_both("password", saying_is_json() ? "" : "Random password: ", text_z(password));
}

static void choose(stralloc *to, char const *argument, uint32_t random_length, char const *name)
{
  size_t len = random_length == COMMAND_NO_LENGTH ? PASSWORD_RANDOM_LENGTH : random_length;
  if (argument && len) refuse_saying(VCODE_PASSWORD_LENGTH, "a password and -r exclude each other");
  if (len > PASSWORD_MAX) refuse(VCODE_PASSWORD_TOO_LONG);
  if (argument) text_set(to, argument);
  else if (len) password_make(to, len);
  else password_ask(to, name);
  if (!to->len) refuse(VCODE_PASSWORD_EMPTY);
  if (to->len > PASSWORD_MAX) refuse(VCODE_PASSWORD_TOO_LONG);
  if (len) tell(to);
}

char const *password_new(char const *argument, uint32_t random_length, char const *name)
{
  static stralloc password = STRALLOC_ZERO;
  static char hash[HASH_SIZE];
  choose(&password, argument, random_length, name);
  if (!new_hash_make(hash, password.s, password.len)) {
    strerr_warnwusys("make a hash of the password of ", name);
    refuse(VCODE_CRYPT_FAILED);
  }
  return hash;
}
