/* ezmlm-dispatch: one line of a .qmail file for all lists below a directory; it does what a .qmail file of each would.

   runs as   who owns the lists
   reads     the message on descriptor 0; SENDER, DEFAULT, DTLINE; a file of the list
   changes   what the programs in that file do, and the queue
   exits     0, or as the first program that does not say 0; 100, 111
*/

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <skalibs/djbunix.h>
#include <skalibs/strerr.h>
#include <skalibs/types.h>

#include "child_start.h"
#include "dispatch.h"
#include "instructions.h"
#include "line_message.h"
#include "list.h"
#include "list_file.h"
#include "text.h"

#define USAGE "ezmlm-dispatch dir [ list ]"

static stralloc place = STRALLOC_ZERO;          /* the list's directory */
static stralloc addresses = STRALLOC_ZERO;      /* of &lines, each with its NUL */
static unsigned forwards, programs;

/* ---- which list, and which of its files ---- */

static bool is_directory(char const *path)
{
  struct stat st;
  if (stat(path, &st) == 0) return S_ISDIR(st.st_mode);
  if (errno != ENOENT && errno != ENOTDIR && errno != ENAMETOOLONG) strerr_diefusys(LIST_TROUBLE, "look at ", path);
  return false;
}

/* As it is written, or in small letters. */
static bool is_list(char const *dir, struct field name)
{
  text_set(&place, dir);
  text_add(&place, "/");
  text_addb(&place, name.s, name.len);
  if (is_directory(text_z(&place))) return true;
  for (size_t i = place.len - name.len; i < place.len; i++) place.s[i] = (char)tolower((unsigned char)place.s[i]);
  return is_directory(place.s);
}

/* What follows the name of the list in the address; place is the list's. */
static struct field rest_of(char const *dir, char const *text)
{
  struct field const all = field_of(text);
  size_t len = all.len + 1;
  while (dispatch_name(all, &len)) {
    if (!is_list(dir, (struct field){ text, len })) continue;
    return field_of(text + len + (len < all.len));
  }
  strerr_dief(LIST_REFUSED, "sorry, no list of that name here (#5.1.1)");
}

static struct field rest_of_named(char const *dir, char const *name, char const *rest)
{
  if (!is_list(dir, field_of(name))) strerr_dief(LIST_TROUBLE, "there is no directory ", place.s);
  return field_of(rest ? rest : "");
}

static bool read_file(stralloc *text, char const *name)
{
  stralloc path = STRALLOC_ZERO;
  text_addx(&path, &place);
  text_add(&path, "/");
  text_add(&path, name);
  int r = list_file_read(text, text_z(&path), LIST_FILE_MAX);
  if (r == -1) strerr_diefusys(LIST_TROUBLE, "read ", path.s);
  stralloc_free(&path);
  return r == 1;
}

static void set_default(char const *value)
{
  if (value ? setenv("DEFAULT", value, 1) : unsetenv("DEFAULT")) die_nomem();
}

/* A list without such a file has its manager for that, as it would by its -default. */
static void choose(stralloc *text, struct field rest)
{
  struct dispatched to;
  dispatch(&to, rest);
  if (read_file(text, to.file)) set_default(to.is_plain ? 0 : to.rest.s);
  else if (read_file(text, "manager")) set_default(rest.s);
  else strerr_dief(LIST_TROUBLE, "there is no list in ", place.s);
}

/* ---- what the file says ---- */

static void rewind_message(void)
{
  if (lseek(0, 0, SEEK_SET) == -1) strerr_diefusys(LIST_TROUBLE, "go back to the beginning of the message");
}

static _Noreturn void end(int code)
{
  char numbers[2][UINT_FMT];
  numbers[0][uint_fmt(numbers[0], forwards)] = 0;
  numbers[1][uint_fmt(numbers[1], programs)] = 0;
  strerr_warn("did 0+", numbers[0], "+", numbers[1]);
  _exit(code);
}

static int status_of(pid_t pid)
{
  int wstat;
  if (waitpid_nointr(pid, &wstat, 0) == -1 || !WIFEXITED(wstat)) strerr_dief(LIST_TROUBLE, "the program crashed");
  return WEXITSTATUS(wstat);
}

static int run(struct instruction const *in)
{
  stralloc command = STRALLOC_ZERO;
  text_addb(&command, in->text, in->len);
  char const *const argv[] = { "/bin/sh", "-c", text_z(&command), 0 };
  rewind_message();
  pid_t pid = child_spawn0(argv[0], argv, (char const *const *)environ);
  if (!pid) strerr_diefusys(LIST_TROUBLE, "run ", argv[0]);
  programs++;
  stralloc_free(&command);
  return status_of(pid);
}

static void add_address(struct instruction const *in)
{
  text_addb(&addresses, in->text, in->len);
  text_end(&addresses);
  forwards++;
}

static int follow(stralloc const *text)
{
  struct instruction in;
  size_t at = 0;
  int code = 0;
  while (!code && instruction_next(&in, text->s, text->len, &at)) switch (in.kind) {
    case INSTRUCTION_PROGRAM: code = run(&in); break;
    case INSTRUCTION_FORWARD: add_address(&in); break;
    case INSTRUCTION_MAILDIR: case INSTRUCTION_MBOX: strerr_dief(LIST_REFUSED, "sorry, this list does not deliver to files (#5.3.5)");
    case INSTRUCTION_BLANK_FIRST: strerr_dief(LIST_TROUBLE, "a file of the list begins with a blank line: ", place.s);
    case INSTRUCTION_NOTHING: case INSTRUCTION_FORWARD_ONLY: break;
  }
  return code;
}

static void forward(void)
{
  if (!forwards) return;
  char const *head = line_variable("DTLINE");
  rewind_message();
  line_resend(&(struct resend){ .message_fd = 0, .head = head, .head_len = strlen(head), .sender = line_variable("SENDER"),
                                .addresses = &addresses, .which = RESEND_SOME });
}

int main(int argc, char const *const *argv)
{
  stralloc text = STRALLOC_ZERO;
  PROG = "ezmlm-dispatch";
  if (argc < 2 || argc > 3) strerr_dieusage(LIST_REFUSED, USAGE);
  line_variable("SENDER");
  choose(&text, argc == 3 ? rest_of_named(argv[1], argv[2], getenv("DEFAULT")) : rest_of(argv[1], line_variable("DEFAULT")));
  int code = follow(&text);
  if (code == 0 || code == LIST_STOP) forward();
  end(code);
}
